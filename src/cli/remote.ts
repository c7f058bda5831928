import { callAction } from './call-action.ts'
import type { Credentials } from './credentials.ts'

/** The service as a client sees it. */
export interface Remote {
  cas(action: string, input: Readonly<Record<string, string>>): Promise<Record<string, unknown>>
  extension(action: string, input: Readonly<Record<string, string>>): Promise<Record<string, unknown>>
  ram(action: string, input: Readonly<Record<string, string>>): Promise<Record<string, unknown>>
  sts(action: string, input: Readonly<Record<string, string>>): Promise<Record<string, unknown>>
}

export function connectRemote(endpoint: string | undefined, credentials: Credentials): Remote {
  const call = (version: string) => (action: string, input: Readonly<Record<string, string>>) =>
    callAction({ endpoint, credentials }, version, action, input)
  return { cas: call('2020-04-07'), extension: call('2026-12-01'), ram: call('2015-05-01'), sts: call('2015-04-01') }
}
