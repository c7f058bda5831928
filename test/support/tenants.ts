import assert from 'node:assert/strict'
import type { TestService } from './service.ts'
import { type CallAnswer, extension, type SigningKey } from './signed-call.ts'

export const ram = { version: '2015-05-01' } as const
export const sts = { version: '2015-04-01' } as const
export const ims = { version: '2019-08-15' } as const

/** A tenant with the first key of its own. */
export interface TestTenant {
  readonly accountId: number
  readonly key: SigningKey
}

/** Makes a tenant, as the operator does. */
export async function createTenantAccount(service: TestService, name: string): Promise<TestTenant> {
  const made = await service.succeed('CreateAccount', { Name: name }, extension)
  return {
    accountId: Number(made['AccountId']),
    key: { accessKeyId: String(made['AccessKeyId']), secret: String(made['AccessKeySecret']) },
  }
}

/** Makes a user with a key; by default in the operator's account. */
export async function createUserWithKey(service: TestService, UserName: string, key?: SigningKey): Promise<SigningKey> {
  const by = { ...ram, ...(key && { key }) }
  await service.succeed('CreateUser', { UserName }, by)
  const { AccessKey } = await service.succeed('CreateAccessKey', { UserName }, by)
  const { AccessKeyId, AccessKeySecret } = AccessKey as Readonly<Record<string, string>>
  return { accessKeyId: AccessKeyId ?? assert.fail(), secret: AccessKeySecret ?? assert.fail() }
}

/** A statement of a policy. */
export type PolicyStatement = Readonly<Record<string, unknown>>

let policies = 0

/** Gives a user a new policy of these statements; the answer takes it away again. */
export async function grant(
  service: TestService,
  UserName: string,
  statements: readonly PolicyStatement[],
  key?: SigningKey,
): Promise<() => Promise<void>> {
  const by = { ...ram, ...(key && { key }) }
  const PolicyName = `of-a-test-${++policies}`
  const PolicyDocument = JSON.stringify({ Version: '1', Statement: statements })
  await service.succeed('CreatePolicy', { PolicyName, PolicyDocument }, by)
  await service.succeed('AttachPolicyToUser', { PolicyName, PolicyType: 'Custom', UserName }, by)
  return async () => {
    await service.succeed('DetachPolicyFromUser', { PolicyName, PolicyType: 'Custom', UserName }, by)
    await service.succeed('DeletePolicy', { PolicyName }, by)
  }
}

/** Code and status of an answer; `OK` for success. */
export function outcomeOf({ status, body }: CallAnswer): string {
  return status === 200 ? 'OK' : `${status} ${String(body['Code'])}`
}
