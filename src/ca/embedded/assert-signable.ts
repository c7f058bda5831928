import type { SignatureAlgorithm } from '../../x509/algorithm.ts'
import { hasTbsCertificateHead, parseTbsCertificateHead, type Certificate } from '../../x509/certificate.ts'
import type { IssuanceIntent } from '../certificate-authority.ts'
import { assertBegin } from './decide-validity.ts'

const intentLifetimeMs = 3_600_000

interface SigningIssuer {
  readonly id: string
  readonly certificate: Certificate
  readonly signatureAlgorithm: SignatureAlgorithm
}

/** The octets to be signed come from storage: they must be what this CA prepared, and lately. Throws a plain Error. */
export function assertSignable(issuer: SigningIssuer, intent: IssuanceIntent, now: number): void {
  if (intent.issuerId !== issuer.id) throw new Error('the intent is for another issuer')
  assertAgrees(issuer, intent)
  if (intent.notAfter > issuer.certificate.notAfter) throw new Error('the intent outlives its issuer')
  const age = now - intent.preparedAt
  if (age > intentLifetimeMs) throw new Error('the intent is over one hour old')
  // From further ahead it is from a clock that ran elsewhere.
  if (age < -intentLifetimeMs) throw new Error('the intent is from the future')
  // The instant above stands beside the octets to be signed; what they say themselves has to fit it.
  assertBegin(intent.notBefore, intent.preparedAt)
}

/** The octets say what stands beside them. What was prepared is the same to the octet, so that only other octets are read: to tell what is wrong. */
function assertAgrees({ certificate, signatureAlgorithm }: SigningIssuer, { serial, notBefore, notAfter, tbsDer }: IssuanceIntent): void {
  const issuerDer = certificate.subject.der
  const isWhole = notBefore % 1000 === 0 && notAfter % 1000 === 0
  if (isWhole && hasTbsCertificateHead(tbsDer, { serial, signatureAlgorithm, issuerDer, notBefore, notAfter })) return
  const head = parseTbsCertificateHead(tbsDer)
  if (Buffer.compare(head.issuer.der, issuerDer) !== 0) throw new Error('the intent names another issuer')
  if (head.serial !== serial) throw new Error('the intent holds another serial number')
  if (head.signatureAlgorithm.name !== signatureAlgorithm) throw new Error('the intent names another signature algorithm')
  throw new Error('the intent holds another validity')
}
