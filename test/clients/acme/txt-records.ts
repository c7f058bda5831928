import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import type { DnsServer } from '../../../demo/dns-server.ts'

/** Where programs publish TXT records: `PUT` and `DELETE` of `/NAME` with the value as the body. A name may have several. */
export async function startTxtRecords(dns: DnsServer): Promise<{ readonly url: string; close(): Promise<void> }> {
  const records = new Map<string, Set<string>>()
  const server = createServer((req, res) => {
    void readText(req).then((value) => {
      const name = (req.url ?? '').slice(1)
      const values = records.get(name) ?? new Set()
      records.set(name, values)
      if (req.method === 'PUT') values.add(value)
      else values.delete(value)
      if (values.size > 0) dns.setTxt(name, [...values])
      else dns.removeAll(name)
      res.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
