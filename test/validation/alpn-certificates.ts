import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto'
import { assembleSigned } from '../../src/x509/signed.ts'
import { encodeTime } from '../../src/x509/time.ts'
import { contextTag, encodeInteger, encodeSequence, encodeTlv, encodeUtf8String, tags } from '../../src/x509/der-writer.ts'
import { encodeOid, oids } from '../../src/x509/oid.ts'

export type GeneralName = { readonly dns: string } | { readonly ip: Uint8Array } | { readonly email: string }

export interface AlpnCertificateOptions {
  readonly names: readonly GeneralName[]
  /** Octets of the acmeIdentifier; none: no such extension. */
  readonly digest?: Uint8Array
  readonly critical?: boolean
  /** Further extensions, encoded. */
  readonly extra?: readonly Uint8Array[]
  /** Signs with the key of somebody else. */
  readonly signer?: KeyObject
  /** CN of the issuer, if it is not the subject's. */
  readonly issuer?: string
  readonly notAfter?: number
  readonly withoutSan?: boolean
}

/** A certificate as clients make them for tls-alpn-01, or one that is spoiled as told; PEM for `tls.createServer`. */
export function createAlpnCertificate(options: AlpnCertificateOptions): { key: string; cert: string; der: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const { names, digest, critical = true, extra = [], notAfter = Date.UTC(2036, 0, 1) } = options
  const subject = name('ACME Challenge')
  const extensions = [
    ...(options.withoutSan === true ? [] : [extension(oids.subjectAltName, false, encodeSequence(...names.map(generalName)))]),
    ...(digest === undefined ? [] : [acmeIdentifier(digest, critical)]),
    ...extra,
  ]
  const algorithm = encodeSequence(encodeOid('1.2.840.10045.4.3.2'))
  const tbs = encodeSequence(
    encodeTlv(contextTag(0, 'constructed'), encodeInteger(2)),
    encodeInteger(4711),
    algorithm,
    options.issuer === undefined ? subject : name(options.issuer),
    encodeSequence(encodeTime(Date.UTC(2020, 0, 1)), encodeTime(notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    encodeTlv(contextTag(3, 'constructed'), encodeSequence(...extensions)),
  )
  const der = assembleSigned(tbs, algorithm, sign('sha256', tbs, options.signer ?? privateKey))
  const cert = `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert, der }
}

/** The extension of RFC 8737 section 3 around any octets. */
export function acmeIdentifier(digest: Uint8Array, critical = true): Uint8Array {
  return extension(oids.acmeIdentifier, critical, encodeTlv(tags.octetString, digest))
}

export function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? [encodeTlv(tags.boolean, Uint8Array.of(0xff))] : []
  return encodeSequence(encodeOid(oid), ...flag, encodeTlv(tags.octetString, value))
}

function name(commonName: string): Uint8Array {
  return encodeSequence(encodeTlv(tags.set, encodeSequence(encodeOid(oids.commonName), encodeUtf8String(commonName))))
}

function generalName(given: GeneralName): Uint8Array {
  if ('dns' in given) return encodeTlv(contextTag(2, 'primitive'), Buffer.from(given.dns, 'latin1'))
  if ('ip' in given) return encodeTlv(contextTag(7, 'primitive'), given.ip)
  return encodeTlv(contextTag(1, 'primitive'), Buffer.from(given.email, 'latin1'))
}
