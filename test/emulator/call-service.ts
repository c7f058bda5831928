import { signAcs3, signRpcV1 } from '../gateway/sign-request.ts'
import { sendRequest, type WireAnswer } from '../gateway/send-request.ts'

/** The first access key of the services that these tests start. */
export const accessKey = { id: 'testid', secret: 'a-secret-of-these-tests' } as const

/** The API version of the own extensions. */
export const extensions = '2026-12-01'

export interface CallOptions {
  readonly version?: string
  readonly secret?: string
  readonly scheme?: 'ACS3' | 'RPC-V1'
  /** The client's clock, ms. */
  readonly now?: number
}

/** Calls one action of a service on the loopback, signed with {@link accessKey}. */
export async function callService(
  base: string | undefined,
  action: string,
  input: Readonly<Record<string, string>>,
  { version = '2020-04-07', secret = accessKey.secret, scheme = 'ACS3', now = Date.now() }: CallOptions = {},
): Promise<WireAnswer> {
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`
  const wire =
    scheme === 'ACS3'
      ? signAcs3(action, input, { secret, common: { 'x-acs-version': version, 'x-acs-date': time } })
      : signRpcV1(action, input, { secret, common: { Version: version, Timestamp: time } })
  return await sendRequest(Number(new URL(base ?? '').port), wire)
}

/** Calls an action that must succeed; gives its answer. */
export async function succeed(
  base: string | undefined,
  action: string,
  input: Readonly<Record<string, string>>,
  options?: CallOptions,
): Promise<Record<string, unknown>> {
  const { status, body } = await callService(base, action, input, options)
  if (status !== 200) throw new Error(`${action} was answered ${status} ${body}`)
  return JSON.parse(body) as Record<string, unknown>
}

/** An application for one name; ECC, because its keys are made at once. */
export function application(domain: string, changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    Domain: domain,
    ValidateType: 'DNS',
    Username: 'An Applicant',
    Phone: '13800000000',
    Email: 'applicant@example.com',
    KeyAlgorithm: 'ECC_256',
    ...changes,
  }
}
