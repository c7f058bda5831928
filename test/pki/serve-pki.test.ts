import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { describe } from 'node:test'
import { renewCrl } from '../../src/ca/renew-crl.ts'
import { servePki } from '../../src/pki/serve-pki.ts'
import { listIssuers } from '../../src/storage/accounts.ts'
import { parseCertificate } from '../../src/x509/certificate.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { onBothEngines, type TestServices } from '../orders/open-test-services.ts'

interface PkiReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Serves the files of the CA while `body` runs. `ask` sends the path as it is: clients would tidy it. */
async function serving(
  { services }: TestServices,
  body: (ask: (path: string, method?: string) => Promise<PkiReply>) => Promise<void>,
): Promise<void> {
  const server = createServer((req, res) => void servePki(services, req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert(address !== null && typeof address === 'object')
  try {
    await body((path, method = 'GET') => ask(address.port, path, method))
  } finally {
    server.close()
    await once(server, 'close')
  }
}

async function ask(port: number, path: string, method: string): Promise<PkiReply> {
  const socket = connect(port, '127.0.0.1')
  // Not ended: the server would take the end for a client that left.
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: pki.example\r\nConnection: close\r\n\r\n`)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'close')
  const octets = Buffer.concat(chunks)
  const end = octets.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = octets.subarray(0, end).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  return { status: Number(statusLine.split(' ')[1]), headers, body: octets.subarray(end + 4) }
}

void describe('the public files of the CA', () => {
  onBothEngines('are the certificates of root and issuing CA in DER, and the root in PEM', async (test) => {
    const issuers = await listIssuers(test.services.db.read)
    await serving(test, async (ask) => {
      for (const { id, certificate } of issuers) {
        const { status, headers, body } = await ask(`/ca/${id}.crt`)
        assert.deepEqual([status, headers['content-type'], Number(headers['content-length'])], [200, 'application/pkix-cert', body.length])
        assert.deepEqual(body, Buffer.from(certificate))
        assert.doesNotThrow(() => parseCertificate(body))
      }
      const { status, body } = await ask('/ca/root.pem')
      assert.equal(status, 200)
      assert.match(body.toString(), /^-----BEGIN CERTIFICATE-----\n[\s\S]*-----END CERTIFICATE-----\n$/)
    })
  })

  onBothEngines('are CRLs from their first signature on, kept by nobody for over half a minute', async (test) => {
    const { services } = test
    const { issuerId } = services.authority
    await serving(test, async (ask) => {
      assert.equal((await ask(`/crl/${issuerId}-0.crl`)).status, 404)
      await renewCrl(services, { issuerId, shard: 0, number: 0, dueAt: test.clock.now })
      const { status, headers, body } = await ask(`/crl/${issuerId}-0.crl`)
      assert.deepEqual([status, headers['content-type'], headers['cache-control']], [200, 'application/pkix-crl', 'public, max-age=30'])
      assert.equal(headers['last-modified'], new Date(test.clock.now).toUTCString())
      assert.equal(parseCrl(body).nextUpdate, test.clock.now + 7 * 86_400_000)
      assert.equal((await ask(`/crl/${issuerId}-1.crl`)).status, 404)
    })
  })

  onBothEngines('answer HEAD like GET, without the octets', async (test) => {
    const path = `/ca/${test.services.authority.issuerId}.crt`
    await serving(test, async (ask) => {
      const [get, head] = [await ask(path), await ask(path, 'HEAD')]
      assert.equal(head.body.length, 0)
      const { date: _one, ...headHeaders } = head.headers
      const { date: _other, ...getHeaders } = get.headers
      assert.deepEqual({ ...headHeaders, status: head.status }, { ...getHeaders, status: 200 })
    })
  })

  onBothEngines('are read only', async (test) => {
    await serving(test, async (ask) => {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
        const { status, headers } = await ask(`/ca/${test.services.authority.issuerId}.crt`, method)
        assert.deepEqual([method, status, headers['allow']], [method, 405, 'GET, HEAD'])
      }
    })
  })

  onBothEngines('are nothing else, whatever a path looks like', async (test) => {
    const id = test.services.authority.issuerId
    const tricks = [
      '/ca/',
      '/ca/00000000.crt',
      `/ca/${id.toUpperCase()}.CRT`,
      `/ca/${id}.crt/`,
      `/ca/${id}.crt%00`,
      `/ca/${id}.crt?x=1`,
      `/ca//${id}.crt`,
      `/ca/../ca/${id}.crt`,
      '/ca/../master.key',
      '/ca/..%2fmaster.key',
      '/ca/%2e%2e/chancery.db',
      `/ca/root-${id}.key`,
      '/ca/root.key',
      `/crl/${id}-0.crl.`,
      `/crl/${id}--1.crl`,
      `/crl/${id}-9999999999.crl`,
      `/crl/${id}-0x0.crl`,
      `/crl/${id}' or 1=1-0.crl`.replaceAll(' ', '%20'),
      'http://pki.example/ca/root.pem',
    ]
    await serving(test, async (ask) => {
      for (const path of tricks) assert.deepEqual([path, (await ask(path)).status], [path, 404])
    })
  })
})
