// The yardstick: what an ACME server costs on Node that does nothing but the protocol. Every challenge is valid, nothing is looked at, nothing
// is permitted or refused, and the state is in memory; but each order, proof and certificate is a durable commit in SQLite.
import { createPublicKey, createHash, randomBytes, sign, generateKeyPairSync, verify, type KeyObject } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseCertificationRequest } from '../src/x509/csr.ts'
import { assembleCertificate, buildTbsCertificate } from '../src/x509/certificate.ts'
import { encodeSubjectAltName } from '../src/x509/extensions.ts'
import { encodeName } from '../src/x509/name.ts'
import { encodePem } from '../src/x509/pem.ts'

const db = new DatabaseSync(join(process.argv[2] ?? '.', 'bare.db'))
db.exec('pragma journal_mode = wal; pragma synchronous = full; create table events (id integer primary key, what text, der blob) strict')
const insert = db.prepare('insert into events (what, der) values (?, ?)')
const rows = db.prepare('select count(*) as count from events')
const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const issuerDer = encodeName({ commonName: 'Bare' })
const accounts = new Map<string, KeyObject>()
const orders: { name: string; certificate?: string }[] = []
const nonces = new Set<string>()

const server = createServer((req, res) => {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk))
  req.on('end', () => answer(req.method ?? '', req.url ?? '', Buffer.concat(chunks).toString(), req.headers.host ?? '', res))
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/directory\n`))
process.on('SIGTERM', () => process.exit(0))

function answer(method: string, path: string, body: string, host: string, res: ServerResponse): void {
  const base = `http://${host}`
  const nonce = randomBytes(16).toString('base64url')
  nonces.add(nonce)
  const reply = (status: number, content: object | string, headers: Record<string, string> = {}): void => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    res.writeHead(status, { 'Content-Length': Buffer.byteLength(text), 'Replay-Nonce': nonce, ...headers }).end(text)
  }
  if (path === '/directory') return reply(200, { newNonce: `${base}/nonce`, newAccount: `${base}/account`, newOrder: `${base}/order` })
  // Each row is a commit of its own.
  if (path === '/metrics') return reply(200, `commits ${Number(rows.get()?.['count'])}`)
  if (method !== 'POST') return reply(200, '')
  const jws = JSON.parse(body) as { protected: string; payload: string; signature: string }
  const header = JSON.parse(Buffer.from(jws.protected, 'base64url').toString()) as {
    nonce: string
    url: string
    kid?: string
    jwk?: Record<string, string>
  }
  if (!nonces.delete(header.nonce) || header.url !== base + path) return reply(400, {})
  const key = header.jwk === undefined ? accounts.get(header.kid ?? '') : createPublicKey({ key: header.jwk, format: 'jwk' })
  const signature = Buffer.from(jws.signature, 'base64url')
  if (
    key === undefined ||
    !verify('sha256', Buffer.from(`${jws.protected}.${jws.payload}`), { key, dsaEncoding: 'ieee-p1363' }, signature)
  ) {
    return reply(400, {})
  }
  const payload = (jws.payload === '' ? {} : JSON.parse(Buffer.from(jws.payload, 'base64url').toString())) as {
    identifiers?: readonly { value: string }[]
    csr?: string
  }
  const [, kind = '', idText = '0'] = path.split('/')
  const id = Number(idText)
  const order = orders[id]
  switch (kind) {
    case 'account': {
      const kid = `${base}/account/${accounts.size}`
      accounts.set(kid, key)
      return reply(201, {}, { Location: kid })
    }
    case 'order': {
      orders.push({ name: payload.identifiers?.[0]?.value ?? '' })
      insert.run('order', null)
      const at = orders.length - 1
      return reply(
        201,
        { status: 'pending', authorizations: [`${base}/authz/${at}`], finalize: `${base}/finalize/${at}` },
        { Location: `${base}/orders/${at}` },
      )
    }
    case 'authz':
      return reply(200, {
        status: 'pending',
        challenges: [{ type: 'http-01', url: `${base}/challenge/${id}`, token: createHash('sha256').update(idText).digest('base64url') }],
      })
    case 'challenge':
      insert.run('proof', null)
      return reply(200, { status: 'valid' })
    case 'finalize': {
      if (order === undefined) return reply(404, {})
      const csr = parseCertificationRequest(Buffer.from(payload.csr ?? '', 'base64url'))
      const csrKey = createPublicKey({ key: Buffer.from(csr.publicKey.der), format: 'der', type: 'spki' })
      if (!verify('sha256', csr.infoDer, csrKey, csr.signature)) return reply(400, {})
      const now = Math.floor(Date.now() / 1000) * 1000
      const tbs = buildTbsCertificate({
        serial: `40${randomBytes(15).toString('hex')}`,
        signatureAlgorithm: 'ecdsa-with-SHA256',
        issuerDer,
        notBefore: now,
        notAfter: now + 90 * 86_400_000,
        subjectDer: encodeName({ commonName: order.name }),
        spkiDer: csr.publicKey.der,
        extensions: [encodeSubjectAltName([order.name], 'named subject')],
      })
      const der = assembleCertificate(tbs, 'ecdsa-with-SHA256', sign('sha256', tbs, issuer.privateKey))
      insert.run('certificate', der)
      order.certificate = encodePem('CERTIFICATE', der)
      return reply(200, { status: 'valid', certificate: `${base}/certificate/${id}` })
    }
    case 'certificate':
      return reply(200, order?.certificate ?? '')
    default:
      return reply(404, {})
  }
}
