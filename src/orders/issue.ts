import { parseKeyAlgorithm } from '../keys/key-pair.ts'
import { destructionTime } from '../keys/retention.ts'
import type { Services } from '../services.ts'
import { findInstance, type OrderRow } from '../storage/orders.ts'
import { hashSpki } from '../x509/spki.ts'
import { assertMoves } from './order.ts'

type IssueServices = Pick<Services, 'db' | 'clock' | 'catalogue' | 'sealer' | 'authority' | 'settings' | 'keyPool'>

/**
 * Makes the key and has the CA sign: names, validity and usages come from the order and its product alone.
 * The key is dropped unless the write that stores its certificate wins.
 */
export async function issueOrder(services: IssueServices, order: OrderRow): Promise<void> {
  const { db, authority, sealer } = services
  // DV is reviewed by policy, which the checks at the door already applied; one commit passes through all states.
  assertMoves(order.state, 'reviewing', 'issuing', 'issued')
  const product = services.catalogue.find(order.product_code)
  if (product === undefined) throw new Error(`the product ${order.product_code} is no longer in the catalogue`)
  const instance = await findInstance(db.read, order.instance_id)
  const keyAlgorithm = parseKeyAlgorithm(order.key_algorithm)
  if (instance === undefined || keyAlgorithm === undefined)
    throw new Error(`the order ${order.id} has no instance or no known key algorithm`)

  const certificateId = await db.nextId('certificates')
  const keyId = await db.nextId('keys')
  const { spkiDer, pkcs8Der } = await services.keyPool.take(keyAlgorithm)
  try {
    const intent = await authority.prepare({
      spkiDer,
      dnsNames: [order.domain],
      validityDays: product.validityDays,
      certificateId,
      emulator: services.settings.emulator,
    })
    const der = await authority.sign(intent)
    await db.write.issueCertificate({
      orderId: order.id,
      accountId: order.account_id,
      rev: order.rev,
      planId: instance.plan_id,
      certificateId,
      keyId,
      ledgerEntryId: await db.nextId('ledger_entries'),
      eventId: await db.nextId('events'),
      now: services.clock(),
      issuerId: intent.issuerId,
      serial: intent.serial,
      tbs: intent.tbsDer,
      der,
      notBefore: intent.notBefore,
      notAfter: intent.notAfter,
      crlShard: intent.crlShard,
      keyAlgorithm,
      keyDestroyAt: destructionTime(intent.notAfter, services.settings),
      spkiSha256: Buffer.from(hashSpki(spkiDer)).toString('hex'),
      sealedKey: sealer.seal(pkcs8Der, { purpose: 'certificateKey', accountId: order.account_id, id: String(keyId) }),
    })
  } finally {
    pkcs8Der.fill(0)
  }
}
