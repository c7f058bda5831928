import assert from 'node:assert/strict'
import { createPublicKey, randomBytes } from 'node:crypto'
import { openAcmeAccounts } from '../../src/acme/accounts.ts'
import type { AcmeReply, AcmeRequest, Handler } from '../../src/acme/handler.ts'
import { readSigningKey } from '../../src/acme/signing-key.ts'
import type { AcmeCaller } from '../../src/orders/acme/acme-caller.ts'
import { findCertificate } from '../../src/storage/certificates.ts'
import { SERVICE_ORIGIN } from '../../src/storage/events.ts'
import { load, place, proven, type TestServices, writeDirectly } from '../orders/open-test-services.ts'
import { makeCsr } from '../orders/make-csr.ts'
import { contextOf } from '../support/context.ts'
import { generateTestKey, type TestKey } from '../x509/keys.ts'

export const base = 'https://acme.example'

/** An account of the door that belongs to a tenant. */
export async function makeAcmeCaller({ services, caller, clock }: TestServices, tenant = caller.accountId): Promise<AcmeCaller> {
  const acmeAccountId = await services.db.nextId('acme_accounts')
  const thumbprint = randomBytes(32).toString('base64url')
  await services.db.write.createAcmeAccount({
    acmeAccountId,
    accountId: tenant,
    eabKeyId: null,
    thumbprint,
    jwk: '{}',
    contacts: '[]',
    binding: null,
    origin: SERVICE_ORIGIN,
    eventId: await services.db.nextId('events'),
    now: clock.now,
  })
  const principal = { ...caller, accountId: tenant, accessKeyId: '', acmeAccountId }
  return { acmeAccountId, thumbprint, eabKeyId: null, context: contextOf(principal, { action: 'AcmeRevokeCert' }) }
}

/** A certificate that an order of the caller was issued, with the key of its CSR. */
export interface IssuedCertificate {
  readonly id: number
  readonly orderId: number
  readonly der: Uint8Array
  readonly serial: string
  readonly key: TestKey
}

/** Issues a certificate at the RPC door and gives its order to an ACME account; null: it stays the RPC door's. */
export async function issueFor(
  test: TestServices,
  owner: AcmeCaller | null,
  domain = 'www.example.com',
  key = generateTestKey('P-256'),
): Promise<IssuedCertificate> {
  const { services, world } = test
  const { id: orderId } = await place(test, { domain: undefined, keyAlgorithm: undefined, csr: makeCsr(domain, key) })
  world.look = () => Promise.resolve(proven)
  await services.advancer.advance(orderId, AbortSignal.timeout(20_000))
  assert.deepEqual(test.faults, [])
  if (owner !== null) await writeDirectly(test, `update orders set acme_account_id = ${owner.acmeAccountId} where id = ${orderId}`)
  const { certificate_id: id } = await load(test, orderId)
  assert(id !== null)
  const row = await services.db.read.selectFrom('certificates').select(['der', 'serial']).where('id', '=', id).executeTakeFirstOrThrow()
  return { id, orderId, key, ...row }
}

/** Has a handler serve a request that the door admitted: signed by the account, or by a bare key. */
export async function ask(
  { services, caller }: TestServices,
  handler: Handler,
  { signer, params = [], payload }: { signer: AcmeCaller | TestKey | undefined; params?: readonly string[]; payload?: unknown },
): Promise<AcmeReply> {
  const own = signer !== undefined && 'acmeAccountId' in signer ? { caller: signer } : {}
  const bare =
    signer !== undefined && 'privateKey' in signer
      ? { jwk: readSigningKey(createPublicKey(signer.privateKey).export({ format: 'jwk' })) }
      : {}
  const request: AcmeRequest = {
    ...own,
    ...bare,
    payload: Buffer.from(payload === undefined ? '' : JSON.stringify(payload)),
    params,
    query: '',
    context: 'caller' in own ? own.caller.context : contextOf(caller, { action: 'AcmeRevokeCert' }),
    base,
    url: `${base}/acme/test`,
    headers: {},
  }
  return await handler(request, { ...services, accounts: openAcmeAccounts(services) })
}

/** The certificate's row without its octets. */
export async function rowOf({ services }: TestServices, certificateId: number) {
  return (await findCertificate(services.db.read, certificateId)) ?? assert.fail('no certificate')
}
