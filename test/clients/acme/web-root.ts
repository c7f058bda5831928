import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import type { AcmeScene } from './acme-scene.ts'

/** A web server whose administrator lets a client put challenge files (RFC 8555 section 8.3) into a folder. */
export interface WebRoot extends AsyncDisposable {
  /** What is served below `/.well-known/acme-challenge/`. */
  readonly folder: string
}

/** Opens it where the service looks for `http-01`. */
export async function openWebRoot(scene: AcmeScene): Promise<WebRoot> {
  const folder = join(scene.folder, 'acme-challenge')
  mkdirSync(folder, { recursive: true })
  const server = createServer((req, res) => {
    const path = req.url ?? ''
    const file = join(folder, basename(path))
    if (!path.startsWith('/.well-known/acme-challenge/') || !existsSync(file)) return void res.writeHead(404).end()
    res.writeHead(200).end(readFileSync(file))
  })
  server.listen(scene.httpPort, '127.0.0.1')
  await once(server, 'listening')
  return {
    folder,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
