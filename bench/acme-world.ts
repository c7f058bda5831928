// What an ACME server looks at: a DNS server that knows every name, and a web server that answers every challenge.
import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decode, encode } from 'dns-packet'

/** Ports of the little world on the loopback. */
export interface AcmeWorld {
  readonly dnsPort: number
  readonly httpPort: number
  close(): void
}

/**
 * Opens it.
 *
 * @param thumbprint of the account key: what the web server appends to the token it is asked for
 */
export async function openAcmeWorld(thumbprint: () => string): Promise<AcmeWorld> {
  const dns = createSocket('udp4')
  dns.on('message', (message, peer) => {
    const query = decode(message)
    const [question] = query.questions ?? []
    if (question === undefined) return
    const answers = question.type === 'A' ? [{ type: 'A', name: question.name, ttl: 60, data: '127.0.0.1' } as const] : []
    dns.send(encode({ type: 'response', id: query.id ?? 0, flags: 0x0180, questions: [question], answers }), peer.port, peer.address)
  })
  await new Promise<void>((resolve) => dns.bind(0, '127.0.0.1', resolve))
  const prefix = '/.well-known/acme-challenge/'
  const web = createServer((req, res) => {
    const token = req.url?.startsWith(prefix) === true ? req.url.slice(prefix.length) : undefined
    if (token === undefined) return void res.writeHead(404).end()
    res.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(`${token}.${thumbprint()}`)
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  return {
    dnsPort: dns.address().port,
    httpPort: (web.address() as AddressInfo).port,
    close() {
      dns.close()
      web.close()
      web.closeAllConnections()
    },
  }
}
