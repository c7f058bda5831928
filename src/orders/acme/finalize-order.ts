import { findKeyFault } from '../../ca/key-policy.ts'
import { importPublicKey, verifyCertificationRequest } from '../../ca/verify-signature.ts'
import { Problem } from '../../problem.ts'
import { assertAllowsProduct, assertFitsEabKey } from '../../ram/eab/eab-key.ts'
import type { Services } from '../../services.ts'
import { findOrderToFinalize } from '../../storage/acme-orders.ts'
import { listAuthorizations, listOrderTags } from '../../storage/orders.ts'
import { type CertificationRequest, parseCertificationRequest } from '../../x509/csr.ts'
import { DerError } from '../../x509/der-error.ts'
import { hashSpki } from '../../x509/spki.ts'
import { BLOCKED_KEY } from '../blocked-key.ts'
import { foldName } from '../domain-name.ts'
import { issueOrder } from '../issue.ts'
import { namesOf } from '../order-names.ts'
import { oldestUsableProof } from '../proof-lifetime.ts'
import type { AcmeCaller } from './acme-caller.ts'
import { thumbprintOf } from './thumbprint.ts'
import { assertMayOrder } from './permission.ts'
import { showAcmeOrder } from './show-order.ts'
import { type AcmeOrderView, viewIssued, viewOrder } from './views.ts'

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
  // Read first, so that one look at the database tells of the order and of the key. What is wrong with the CSR is told after that.
  const request = readRequest(csrDer)
  const spkiSha256 = request instanceof Problem ? '' : hashSpki(request.publicKey.der)
  const order = await findOrderToFinalize(db.read, { acmeAccountId: caller.acmeAccountId, orderId, spkiSha256 })
  if (order === undefined) throw new Problem('notFoundOrder')
  // After the order: giving one up raises the order's revision, by which the write would know.
  const authorizations = await listAuthorizations(db.read, orderId)
  const now = clock()
  const view = viewOrder(order, authorizations, now)
  if (view.status !== 'ready') throw new Problem('orderNotReady', { status: view.status })
  if (services.catalogue.find(order.product_code) === undefined) {
    throw new Problem('invalidProfile', { rule: `The profile ${order.product_code} was withdrawn: place another order.` })
  }
  const names = namesOf(order)
  if (request instanceof Problem) throw request
  await assertFit(request, names, caller)
  if (order.key_blocked !== 0) throw bad(BLOCKED_KEY)
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
  if (caller.context.caller.identity.kind !== 'account') {
    const methods = authorizations.flatMap(({ method }) => (method === null ? [] : [method]))
    const tags = await listOrderTags(db.read, order.account_id, order.id)
    await assertMayOrder(services, caller, { productCode: order.product_code, names, tags }, methods)
  }
  try {
    const csr = { der: request.der, spkiDer: request.publicKey.der }
    const wish = { csr, notBefore: order.not_before, notAfter: order.not_after, caller: caller.context.caller }
    return viewIssued(view, await issueOrder(services, order, wish))
  } catch (error) {
    // Finalized or ended meanwhile: the client sees what has become of it. Where two finalize at once, one certificate is issued, and both see it.
    if (error instanceof Problem && error.problem === 'moved') return await showAcmeOrder(services, caller, orderId)
    throw error
  }
}

const LONGEST_CSR = 16_384

/** A CSR as found, or why it is none. */
function readRequest(der: Uint8Array): CertificationRequest | Problem {
  if (der.length > LONGEST_CSR) return bad(`It has more than ${LONGEST_CSR} octets.`)
  try {
    // Octets of its own: what goes to the writer takes all the memory along that it lies in, and decoded texts share 64 KB.
    return parseCertificationRequest(new Uint8Array(der))
  } catch (error) {
    if (error instanceof DerError) return bad(`It is not a PKCS #10 request in DER: ${error.message}.`)
    throw error
  }
}

/** What of a CSR counts: its key, whose holder signed it, and the names. Other extensions are passed over. */
async function assertFit(request: CertificationRequest, names: readonly string[], { thumbprint }: AcmeCaller): Promise<void> {
  const { publicKey } = request
  const fault = findKeyFault(publicKey)
  if (fault !== undefined) throw bad(`The key cannot be certified: ${fault}.`)
  if (importPublicKey(publicKey.der) === undefined) throw bad('The key is not a valid one.')
  if (thumbprintOf(publicKey) === thumbprint) throw bad('The key is that of the account (RFC 8555 section 11.1).')
  assertNames(request, names)
  if (!(await verifyCertificationRequest(request))) throw bad('The signature is not by the key of the CSR.')
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

function bad(rule: string): Problem {
  return new Problem('badCsr', { rule })
}
