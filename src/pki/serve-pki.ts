import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Services } from '../services.ts'
import { findCrl, findIssuer } from '../storage/certificates.ts'

/** What a relying party fetches: `/ca/<issuer>.crt` (RFC 5280 section 4.2.2.1) and `/crl/<issuer>-<shard>.crl` (section 4.2.1.13). */
export async function servePki(services: Pick<Services, 'db' | 'clock'>, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') return refuse(res, 405)
  const found = await find(services, req.url ?? '')
  if (found === undefined) return refuse(res, 404)
  res.writeHead(200, {
    'Content-Type': found.contentType,
    'Content-Length': found.der.length,
    'Cache-Control': `public, max-age=${found.maxAgeSeconds}`,
    'Last-Modified': new Date(found.lastModified).toUTCString(),
  })
  res.end(req.method === 'HEAD' ? undefined : found.der)
}

interface PkiFile {
  readonly der: Uint8Array
  readonly contentType: string
  readonly lastModified: number
  readonly maxAgeSeconds: number
}

async function find({ db }: Pick<Services, 'db' | 'clock'>, url: string): Promise<PkiFile | undefined> {
  const certificate = /^\/ca\/([0-9a-f]{8})\.crt$/.exec(url)?.[1]
  if (certificate !== undefined) {
    const issuer = await findIssuer(db.read, certificate)
    if (issuer === undefined) return undefined
    return { der: issuer.certificate, contentType: 'application/pkix-cert', lastModified: issuer.created_at, maxAgeSeconds: 86_400 }
  }
  const [, issuerId, shard] = /^\/crl\/([0-9a-f]{8})-(\d{1,9})\.crl$/.exec(url) ?? []
  if (issuerId === undefined || shard === undefined) return undefined
  const crl = await findCrl(db.read, issuerId, Number(shard))
  if (crl?.der == null) return undefined
  // A revocation has to show within a minute: nobody may keep a CRL longer than half of one.
  return { der: crl.der, contentType: 'application/pkix-crl', lastModified: crl.this_update ?? 0, maxAgeSeconds: 30 }
}

function refuse(res: ServerResponse, status: 404 | 405): void {
  res.writeHead(status, { 'Content-Type': 'text/plain', ...(status === 405 ? { Allow: 'GET, HEAD' } : {}) })
  res.end()
}
