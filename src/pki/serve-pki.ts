import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Services } from '../services.ts'
import { listIssuers } from '../storage/accounts.ts'
import { findCrl, findIssuer } from '../storage/certificates.ts'
import { encodePem } from '../x509/pem.ts'

/**
 * What a relying party fetches: `/ca/<issuer>.crt` (RFC 5280 section 4.2.2.1) and `/crl/<issuer>-<shard>.crl` (section 4.2.1.13),
 * both DER; and `/ca/root.pem`, the root to trust, as tools take it.
 */
export async function servePki(services: Pick<Services, 'db' | 'clock'>, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') return refuse(res, 405)
  const found = await find(services, req.url ?? '')
  if (found === undefined) return refuse(res, 404)
  res.writeHead(200, {
    'Content-Type': found.contentType,
    'Content-Length': found.octets.length,
    'Cache-Control': `public, max-age=${found.maxAgeSeconds}`,
    'Last-Modified': new Date(found.lastModified).toUTCString(),
  })
  res.end(req.method === 'HEAD' ? undefined : found.octets)
}

interface PkiFile {
  readonly octets: Uint8Array
  readonly contentType: string
  readonly lastModified: number
  readonly maxAgeSeconds: number
}

async function find({ db }: Pick<Services, 'db' | 'clock'>, url: string): Promise<PkiFile | undefined> {
  if (url === '/ca/root.pem') {
    const root = (await listIssuers(db.read)).find(({ kind }) => kind === 'root')
    if (root === undefined) return undefined
    const pem = Buffer.from(encodePem('CERTIFICATE', root.certificate))
    return { octets: pem, contentType: 'application/x-pem-file', lastModified: root.created_at, maxAgeSeconds: 86_400 }
  }
  const certificate = /^\/ca\/([0-9a-f]{8})\.crt$/.exec(url)?.[1]
  if (certificate !== undefined) {
    const issuer = await findIssuer(db.read, certificate)
    if (issuer === undefined) return undefined
    return { octets: issuer.certificate, contentType: 'application/pkix-cert', lastModified: issuer.created_at, maxAgeSeconds: 86_400 }
  }
  const [, issuerId, shard] = /^\/crl\/([0-9a-f]{8})-(\d{1,9})\.crl$/.exec(url) ?? []
  if (issuerId === undefined || shard === undefined) return undefined
  const crl = await findCrl(db.read, issuerId, Number(shard))
  if (crl?.der == null) return undefined
  // A revocation has to show within a minute: nobody may keep a CRL longer than half of one.
  return { octets: crl.der, contentType: 'application/pkix-crl', lastModified: crl.this_update ?? 0, maxAgeSeconds: 30 }
}

function refuse(res: ServerResponse, status: 404 | 405): void {
  res.writeHead(status, { 'Content-Type': 'text/plain', ...(status === 405 ? { Allow: 'GET, HEAD' } : {}) })
  res.end()
}
