import { Problem } from '../../problem.ts'

/** A role as a caller names it: of any account, in whatever case. */
export interface NamedRole {
  readonly accountId: number
  readonly name: string
}

/**
 * Takes `acs:ram::<account>:role/<name>` apart.
 *
 * @throws Problem invalidRamValue (`InvalidParameter.RoleArn`)
 */
export function parseRoleArn(arn: string): NamedRole {
  const [, account = '', name = ''] = /^acs:ram::([1-9][0-9]{15}):role\/([A-Za-z0-9._-]{1,64})$/.exec(arn) ?? []
  const accountId = Number(account)
  if (name === '' || !Number.isSafeInteger(accountId)) {
    throw new Problem('invalidRamValue', { P: 'RoleArn', rule: 'It has the form acs:ram::<account>:role/<name>.' })
  }
  return { accountId, name }
}

/** The role as policies about `sts:AssumeRole` name it. */
export function roleResource({ accountId, name }: NamedRole): string {
  return `acs:ram:*:${accountId}:role/${name}`
}
