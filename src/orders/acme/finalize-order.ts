import type { KeyObject } from 'node:crypto'
import { findKeyFault } from '../../ca/key-policy.ts'
import { importPublicKey, verifyCertificationRequest } from '../../ca/verify-signature.ts'
import { Problem } from '../../problem.ts'
import { assertAllowsProduct, assertFitsEabKey } from '../../ram/eab/eab-key.ts'
import type { Services } from '../../services.ts'
import { findOrderOfAnyAccount, listOrderTags } from '../../storage/orders.ts'
import { type CertificationRequest, parseCertificationRequest } from '../../x509/csr.ts'
import { DerError } from '../../x509/der-error.ts'
import { BLOCKED_KEY, isBlocked } from '../blocked-key.ts'
import { foldName } from '../domain-name.ts'
import { issueOrder } from '../issue.ts'
import { namesOf } from '../order-names.ts'
import { oldestUsableProof } from '../proof-lifetime.ts'
import type { AcmeCaller } from './acme-caller.ts'
import { thumbprintOf } from './thumbprint.ts'
import { assertMayOrder } from './permission.ts'
import { loadAcmeOrder, showAcmeOrder } from './show-order.ts'
import { type AcmeOrderView, viewOrder } from './views.ts'

type FinalizeServices = Omit<Services, 'advancer' | 'challenger'>

/**
 * Issues the certificate of a ready order for the key of a CSR (RFC 8555 section 7.4). Permission, external account key and the age of the
 * proofs are looked at again.
 *
 * @param csrDer PKCS#10; its names must be exactly those of the order
 * @throws Problem notFoundOrder, orderNotReady, invalidProfile, acmeMalformed, badCsr, noPermission, eabKeyUnusable,
 *   rejectedIdentifier, callerInactive
 */
export async function finalizeAcmeOrder(
  services: FinalizeServices,
  caller: AcmeCaller,
  orderId: number,
  csrDer: Uint8Array,
): Promise<AcmeOrderView> {
  const { db, clock, settings } = services
  const { order, authorizations } = await loadAcmeOrder(services, caller, orderId)
  const now = clock()
  const view = viewOrder(order, authorizations, now)
  if (view.status !== 'ready') throw new Problem('orderNotReady', { status: view.status })
  if (services.catalogue.find(order.product_code) === undefined) {
    throw new Problem('invalidProfile', { rule: `The profile ${order.product_code} was withdrawn: place another order.` })
  }
  const names = namesOf(order)
  const csr = await parseAcmeCsr(csrDer, names, caller)
  if (await isBlocked(services, csr.spkiDer)) throw bad(BLOCKED_KEY)
  if (order.not_after !== null && order.not_after <= now) {
    throw new Problem('acmeMalformed', { rule: 'The notAfter that the order asks for has passed: place another one.' })
  }
  const oldest = oldestUsableProof(now, Math.max(settings.proofReuseDays, 1))
  if (authorizations.some(({ validated_at: at }) => at === null || at <= oldest)) throw new Problem('orderNotReady', { status: 'invalid' })
  if (caller.eabKeyId !== null) {
    // The key may have been narrowed since the order was placed.
    const eabKey = await services.eabKeys.load(caller.eabKeyId)
    assertAllowsProduct(eabKey, order.product_code)
    assertFitsEabKey(eabKey, names)
  }
  const methods = authorizations.flatMap(({ method }) => (method === null ? [] : [method]))
  if (caller.context.caller.identity.kind !== 'account') {
    const tags = await listOrderTags(db.read, order.account_id, order.id)
    await assertMayOrder(services, caller, { productCode: order.product_code, names, tags }, methods)
  }
  const row = await findOrderOfAnyAccount(db.read, orderId)
  // Finalized or ended meanwhile: the client sees what has become of it.
  if (row?.rev !== order.rev) return await showAcmeOrder(services, caller, orderId)
  try {
    const wish = { csr, notBefore: order.not_before, notAfter: order.not_after, caller: caller.context.caller }
    const certificateId = await issueOrder(services, row, wish)
    return viewOrder({ ...order, state: 'issued', certificate_id: certificateId }, authorizations, now)
  } catch (error) {
    // Two finalize at once: one certificate is issued, and both see it.
    if (error instanceof Problem && error.problem === 'moved') return await showAcmeOrder(services, caller, orderId)
    throw error
  }
}

const LONGEST_CSR = 16_384

/** What of a CSR counts: its key, whose holder signed it. Extensions other than names are passed over. */
async function parseAcmeCsr(
  der: Uint8Array,
  names: readonly string[],
  caller: AcmeCaller,
): Promise<{ der: Uint8Array; spkiDer: Uint8Array }> {
  if (der.length > LONGEST_CSR) throw bad(`It has more than ${LONGEST_CSR} octets.`)
  const request = read(der)
  const fault = findKeyFault(request.publicKey)
  if (fault !== undefined) throw bad(`The key cannot be certified: ${fault}.`)
  const spkiDer = request.publicKey.der
  const key = importPublicKey(spkiDer)
  if (key === undefined) throw bad('The key is not a valid one.')
  if (isAccountKey(key, caller)) throw bad('The key is that of the account (RFC 8555 section 11.1).')
  assertNames(request, names)
  if (!(await verifyCertificationRequest(request))) throw bad('The signature is not by the key of the CSR.')
  return { der: request.der, spkiDer }
}

function read(der: Uint8Array): CertificationRequest {
  try {
    return parseCertificationRequest(der)
  } catch (error) {
    if (error instanceof DerError) throw bad(`It is not a PKCS #10 request in DER: ${error.message}.`)
    throw error
  }
}

/** CN and subjectAltName together are the order's names, as a set. */
function assertNames({ commonName, subjectAltName }: CertificationRequest, names: readonly string[]): void {
  if (subjectAltName.otherNames > 0) throw bad('The subjectAltName holds names of other kinds than dNSName and iPAddress.')
  const asked = new Set([...subjectAltName.dnsNames.map(foldName), ...subjectAltName.ipAddresses])
  if (commonName !== undefined && commonName !== '') asked.add(foldName(commonName))
  const expected = new Set(names)
  const surplus = [...asked].find((name) => !expected.has(name))
  if (surplus !== undefined) throw bad('It asks for a name that the order does not have.')
  const missing = names.find((name) => !asked.has(name))
  if (missing !== undefined) throw bad(`It does not ask for ${missing}.`)
}

function isAccountKey(key: KeyObject, { thumbprint }: AcmeCaller): boolean {
  return thumbprintOf(key) === thumbprint
}

function bad(rule: string): Problem {
  return new Problem('badCsr', { rule })
}
