import { hostname } from 'node:os'
import { privateKeyPem, generateKeyPair } from '../keys/key-pair.ts'
import { destructionTime } from '../keys/retention.ts'
import type { Services } from '../services.ts'
import { findServiceCertificate } from '../storage/certificates.ts'
import { encodePem } from '../x509/pem.ts'
import { hashSpki } from '../x509/spki.ts'

const DAY_MS = 86_400_000
const VALIDITY_DAYS = 90
const LISTENER_KEY = 'ECC_256'
/** A new one is made when less than this is left, ms. */
const RENEW_BEFORE_MS = 30 * DAY_MS

/** Certificate and key of the HTTPS listener, as PEM texts. */
export interface ListenerCertificate {
  readonly cert: string
  readonly key: string
}

type CertificateServices = Pick<Services, 'db' | 'clock' | 'authority' | 'sealer' | 'settings'>

/**
 * The certificate that the HTTPS listener shows when the operator gave none: from the own CA, for `localhost`, this host and
 * the host of CHANCERY_PUBLIC_URL. It is on record like any other, and made anew 30 days before its end.
 */
export async function loadServiceCertificate(services: CertificateServices, accountId: number): Promise<ListenerCertificate> {
  const { db, clock, authority, sealer } = services
  const found = await findServiceCertificate(db.read, authority.issuerId, clock() + RENEW_BEFORE_MS)
  if (found?.sealed == null || found.key_id === null) return await makeServiceCertificate(services, accountId)
  const pkcs8 = sealer.open(found.sealed, { purpose: 'certificateKey', accountId: found.account_id, id: String(found.key_id) })
  try {
    return { cert: chainPem(services, found.der), key: privateKeyPem(pkcs8) }
  } finally {
    pkcs8.fill(0)
  }
}

async function makeServiceCertificate(services: CertificateServices, accountId: number): Promise<ListenerCertificate> {
  const { db, authority, sealer, clock } = services
  const certificateId = await db.nextId('certificates')
  const keyId = await db.nextId('keys')
  const { spkiDer, pkcs8Der } = await generateKeyPair(LISTENER_KEY)
  try {
    const intent = await authority.prepare({
      spkiDer,
      dnsNames: listenerNames(services),
      validityDays: VALIDITY_DAYS,
      certificateId,
      emulator: services.settings.emulator,
    })
    const der = await authority.sign(intent)
    await db.write.storeServiceCertificate({
      certificateId,
      accountId,
      now: clock(),
      issuerId: intent.issuerId,
      serial: intent.serial,
      tbs: intent.tbsDer,
      der,
      notBefore: intent.notBefore,
      notAfter: intent.notAfter,
      crlShard: intent.crlShard,
      key: {
        id: keyId,
        algorithm: LISTENER_KEY,
        spkiSha256: hashSpki(spkiDer),
        sealed: sealer.seal(pkcs8Der, { purpose: 'certificateKey', accountId, id: String(keyId) }),
        destroyAt: destructionTime(intent.notAfter, services.settings),
      },
    })
    return { cert: chainPem(services, der), key: privateKeyPem(pkcs8Der) }
  } finally {
    pkcs8Der.fill(0)
  }
}

function chainPem({ authority }: CertificateServices, der: Uint8Array): string {
  return [der, ...authority.chain].map((one) => encodePem('CERTIFICATE', one)).join('')
}

function listenerNames({ settings }: CertificateServices): string[] {
  const names = ['localhost', hostname().toLowerCase()]
  if (settings.publicUrl !== undefined) names.push(new URL(settings.publicUrl).hostname)
  // Addresses are no DNS names, and a host may be called anything: only names that a certificate can hold are kept.
  return [...new Set(names)].filter((name) =>
    /^(?!\d+(\.\d+){3}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/.test(name),
  )
}
