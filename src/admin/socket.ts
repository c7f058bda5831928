import { chmodSync, existsSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import { type AdminServices, adminCommands } from './commands.ts'

/** The socket of local administration: whoever may write to the data folder may administer. */
export function adminSocketPath(dataFolder: string): string {
  return join(dataFolder, 'admin.sock')
}

/** A running process refused a command; the message is for the operator. */
export class AdminRefusedError extends Error {
  override readonly name = 'AdminRefusedError'
}

const MOST_OCTETS = 65_536
/** A command under way gets so long at a stop, ms. */
const GRACE_MS = 5_000

/** Serves the commands on the socket of the data folder, mode 0600. */
export async function serveAdminSocket(services: AdminServices): Promise<{ close(): Promise<void> }> {
  const path = adminSocketPath(services.settings.data)
  // On PostgreSQL another process may run on this folder: one of them is enough, and its socket must not be taken away.
  if (await isServed(path)) return { close: () => Promise.resolve() }
  // A killed process leaves its socket behind.
  rmSync(path, { force: true })
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    let size = 0
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MOST_OCTETS) req.destroy()
      else chunks.push(chunk)
    })
    req.on('end', () => {
      void answer(services, req.url ?? '', Buffer.concat(chunks).toString('utf8')).then(({ status, body }) => {
        res.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' })
        res.end(JSON.stringify(body))
      })
    })
  })
  await listen(server, path)
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const late = setTimeout(() => server.closeAllConnections(), GRACE_MS)
      await closed
      clearTimeout(late)
    },
  }
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

async function listen(server: Server, path: string): Promise<void> {
  // The folder is 0700, so nobody can connect before the mode of the socket is set.
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
}

async function answer(services: AdminServices, url: string, body: string): Promise<{ status: number; body: unknown }> {
  const name = url.slice(1)
  const command = Object.hasOwn(adminCommands, name) ? adminCommands[name] : undefined
  if (command === undefined) return { status: 404, body: { error: 'no such command' } }
  try {
    return { status: 200, body: { result: await command(services, JSON.parse(body) as Record<string, unknown>) } }
  } catch (error) {
    // The other end is the operator: the message may be told as it is.
    const message = error instanceof Error ? error.message : String(error)
    return { status: error instanceof Problem ? 400 : 500, body: { error: message } }
  }
}

/**
 * Gives a command to the process that runs on the data folder.
 *
 * @returns undefined if none runs
 * @throws Error with the process's message if it refused the command
 */
export async function callAdminSocket(
  dataFolder: string,
  command: string,
  input: Readonly<Record<string, unknown>>,
): Promise<{ result: unknown } | undefined> {
  const socketPath = adminSocketPath(dataFolder)
  if (!existsSync(socketPath)) return undefined
  return await new Promise((resolve, reject) => {
    const req = request({ socketPath, path: `/${command}`, method: 'POST' }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => {
        const reply = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { result?: unknown; error?: string }
        if (reply.error === undefined) resolve({ result: reply.result })
        // 400: what the operator asked for cannot be done; anything else is a fault of the process.
        else reject(res.statusCode === 400 ? new AdminRefusedError(reply.error) : new Error(reply.error))
      })
    })
    req.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(undefined)
      else reject(error)
    })
    req.end(JSON.stringify(input))
  })
}
