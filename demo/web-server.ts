import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web server on the loopback that serves the files it was given, as an applicant's would. */
export interface WebServer {
  readonly port: number
  setFile(path: string, content: string): void
  close(): Promise<void>
}

export async function startWebServer(): Promise<WebServer> {
  const files = new Map<string, string>()
  const server = createServer((req, res) => {
    const content = files.get(req.url ?? '')
    res.writeHead(content === undefined ? 404 : 200, { 'Content-Type': 'text/plain', Connection: 'close' })
    res.end(content ?? 'not found\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    setFile: (path, content) => void files.set(path, content),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
