import type { TestService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import type { ExternalAccount } from './acme-client.ts'

/** Makes an external account key of the operator's account, as its owner does. */
export async function createExternalAccount(
  service: TestService,
  changes: Readonly<Record<string, string>> = {},
): Promise<ExternalAccount> {
  const made = await service.succeed('CreateEabKey', { Name: 'for tests', 'Products.1': 'chancery-private-mix', ...changes }, extension)
  return { kid: String(made['KeyId']), mac: Buffer.from(String(made['MacKey']), 'base64url') }
}
