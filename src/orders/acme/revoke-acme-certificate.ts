import type { KeyObject } from 'node:crypto'
import { importPublicKey } from '../../ca/verify-signature.ts'
import type { RequestContext } from '../../gateway/caller.ts'
import { destructionTime } from '../../keys/retention.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { listHeldIdentifiers } from '../../storage/acme-orders.ts'
import { findOrderedCertificate } from '../../storage/certificates.ts'
import { type Origin, originOf } from '../../storage/events.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { hashSpki } from '../../x509/spki.ts'
import { namesOf } from '../order-names.ts'
import { revocationReasons } from '../revocation-reasons.ts'
import type { AcmeCaller } from './acme-caller.ts'
import { findIssuerOfKey } from './issuer-of-key.ts'
import { type ParsedRevocation, parseRevocation, type RevocationRequest } from './revocation-request.ts'

/** The same permission as at the RPC door. */
const ACTION = 'yundun-cert:CancelCertificateForPackageRequest'

/** Who signed the request: an account, or the holder of a key that may be the certificate's. */
export type Revoker =
  | { readonly kind: 'account'; readonly caller: AcmeCaller }
  | { readonly kind: 'key'; readonly key: KeyObject; readonly context: Pick<RequestContext, 'action' | 'requestId' | 'sourceIp'> }

type RevokeServices = Pick<Services, 'db' | 'clock' | 'settings' | 'access'>
type OrderedCertificate = NonNullable<Awaited<ReturnType<typeof findOrderedCertificate>>>

/**
 * Revokes a certificate that the service issued (RFC 8555 section 7.6); the CRL that lists it follows within a minute. No unit goes back. Signed
 * by the certificate's own key the reason is keyCompromise, whatever the request says, also of a certificate that is revoked for another reason.
 * A key whose holder calls it compromised is not certified again.
 *
 * @throws Problem acmeMalformed, badRevocationReason, notFoundCertificate, revocationDenied, noPermission, certificateRevoked, callerInactive
 */
export async function revokeAcmeCertificate(services: RevokeServices, revoker: Revoker, request: RevocationRequest): Promise<void> {
  const parsed = parseRevocation(request)
  const { certificate } = parsed
  const row = await findIssued(services, parsed)
  if (row === undefined) throw new Problem('notFoundCertificate')
  await assertMayRevoke(services, revoker, certificate, row)
  if (services.clock() > row.not_after) throw new Problem('acmeMalformed', { rule: 'The certificate has expired.' })
  const reason = revoker.kind === 'key' ? revocationReasons.keyCompromise : parsed.reason
  // Of a key that it does not hold an account can tell nothing, even if the names are its own.
  const knows = revoker.kind === 'key' || revoker.caller.acmeAccountId === row.acme_account_id
  const blockedKey = reason === revocationReasons.keyCompromise && knows ? spkiSha256(certificate) : undefined
  if (row.revoked_at === null) return await revoke(services, revoker, row, reason, blockedKey)
  if (revoker.kind !== 'key' || blockedKey === undefined) throw new Problem('certificateRevoked')
  await upgrade(services, revoker, row, blockedKey)
}

/** The very certificate, octet for octet: another one under its serial number is none of ours. */
async function findIssued(
  services: RevokeServices,
  { certificate, keyIdentifier }: ParsedRevocation,
): Promise<OrderedCertificate | undefined> {
  const issuerId = keyIdentifier && (await findIssuerOfKey(services, keyIdentifier))
  const row = issuerId === undefined ? undefined : await findOrderedCertificate(services.db.read, issuerId, certificate.serial)
  return row !== undefined && Buffer.compare(row.der, certificate.der) === 0 ? row : undefined
}

async function assertMayRevoke(
  services: RevokeServices,
  revoker: Revoker,
  certificate: Certificate,
  row: OrderedCertificate,
): Promise<void> {
  if (revoker.kind === 'key') {
    const own = importPublicKey(certificate.publicKey.der)
    if (own === undefined || !own.equals(revoker.key)) throw new Problem('revocationDenied')
    return
  }
  const { caller } = revoker
  if (row.acme_account_id !== caller.acmeAccountId && !(await holdsAllNames(services, caller, row))) throw new Problem('revocationDenied')
  await services.access.assertAllowed(caller.context, { action: ACTION, resources: [`certificate/${row.id}`] })
}

/** Another ACME account of the tenant may revoke what it could have ordered. */
async function holdsAllNames({ db, clock }: RevokeServices, caller: AcmeCaller, row: OrderedCertificate): Promise<boolean> {
  const { accountId } = caller.context.caller
  if (row.account_id !== accountId) return false
  const names = namesOf(row)
  const held = await listHeldIdentifiers(db.read, { accountId, acmeAccountId: caller.acmeAccountId, identifiers: names, now: clock() })
  return names.every((name) => held.has(name))
}

async function revoke(
  { db, clock, settings }: RevokeServices,
  revoker: Revoker,
  row: OrderedCertificate,
  reason: number,
  blockedKey: string | undefined,
): Promise<void> {
  const now = clock()
  await db.write.revokeCertificate({
    certificateId: row.id,
    orderId: row.order_id,
    accountId: row.account_id,
    issuerId: row.issuer_id,
    crlShard: row.crl_shard,
    eventId: await db.nextId('events'),
    now,
    reason,
    destroyKeyAt: destructionTime(now, settings),
    origin: originOfRevoker(revoker),
    caller: revoker.kind === 'account' ? revoker.caller.context.caller : null,
    refund: null,
    blockedKey,
  })
}

async function upgrade({ db, clock }: RevokeServices, revoker: Revoker, row: OrderedCertificate, blockedKey: string): Promise<void> {
  await db.write.upgradeRevocation({
    certificateId: row.id,
    accountId: row.account_id,
    issuerId: row.issuer_id,
    crlShard: row.crl_shard,
    blockedKey,
    eventId: await db.nextId('events'),
    now: clock(),
    origin: originOfRevoker(revoker),
  })
}

/** The holder of a certificate's key is nobody's principal. */
function originOfRevoker(revoker: Revoker): Origin {
  if (revoker.kind === 'account') return originOf(revoker.caller.context)
  const { action, sourceIp, requestId } = revoker.context
  return { principal: 'certificate-key', action, sourceIp, requestId }
}

function spkiSha256({ publicKey }: Certificate): string {
  return hashSpki(publicKey.der)
}
