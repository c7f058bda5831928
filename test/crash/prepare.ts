import assert from 'node:assert/strict'
import { company } from '../support/action-recipes.ts'
import type { Book } from './book.ts'
import { buy, EXTENSIONS, type People, read, type Surroundings } from './client-steps.ts'
import { findIssuerId, readSnapshot } from './invariants.ts'
import { type AccessKey, createClient, rootKey, type ServiceData, startService } from './service.ts'

const RAM = '2015-05-01'
/** Products that orders are paid from, each by one plan that lasts. */
const productCodes = ['digicert-free-1-free', 'crash-dv', 'crash-ov', 'crash-acme']

/** A first life makes the installation, buys plans that last, makes the key of the ACME accounts, and hires people. */
export async function prepare(
  data: ServiceData,
  settings: Readonly<Record<string, string>>,
  book: Book,
): Promise<{ readonly issuerId: string; readonly people: People }> {
  const service = await startService(data, settings)
  if (service.endpoint === undefined) assert.fail(`the service did not start: ${(await service.death).errors}`)
  const client = createClient(service.endpoint)
  const at: Surroundings = { client, book, dns: { setTxt() {} }, folder: data.folder, people: { applicant: rootKey, reviewer: rootKey } }
  for (const productCode of productCodes) {
    book.purchases.set(`lasting-${productCode}`, { productCode, count: 100_000, planId: undefined })
    await buy(at, `lasting-${productCode}`)
  }
  read(book, 'CreateCompany', await client.call('CreateCompany', company))
  const key = read(book, 'CreateEabKey', await client.call('CreateEabKey', { Name: 'lasting', 'Products.1': 'crash-acme' }, EXTENSIONS))
  book.acme.external = { kid: String(key['KeyId']), mac: Buffer.from(String(key['MacKey']), 'base64url') }
  const people = { applicant: await hire(at, 'applicant'), reviewer: await hire(at, 'reviewer') }
  client.close()
  await service.kill('SIGTERM')
  assert.deepEqual(book.violations, [])
  return { issuerId: await readSnapshot(data, findIssuerId), people }
}

/** Who applies does not approve: another person has to. */
async function hire({ client, book }: Surroundings, UserName: string): Promise<AccessKey> {
  read(book, 'CreateUser', await client.call('CreateUser', { UserName }, RAM))
  const rights = { UserName, PolicyName: 'AdministratorAccess', PolicyType: 'System' }
  read(book, 'AttachPolicyToUser', await client.call('AttachPolicyToUser', rights, RAM))
  const { AccessKey } = read(book, 'CreateAccessKey', await client.call('CreateAccessKey', { UserName }, RAM))
  const { AccessKeyId, AccessKeySecret } = AccessKey as Readonly<Record<string, string>>
  return { accessKeyId: AccessKeyId ?? assert.fail('no key'), secret: AccessKeySecret ?? assert.fail('no secret') }
}
