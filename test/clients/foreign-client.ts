import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { z } from 'zod'

/** The calls that each client makes. */
export type ForeignAction = 'CreateCertificateRequest' | 'DescribeCertificateState' | 'DescribePackageState'

/** Parameters by their names on the wire; a list is a list, which the client flattens by its own rules. */
export type ForeignParameters = Readonly<Record<string, string | number | readonly Readonly<Record<string, string>>[]>>

/** What the user of a client sees of an error. */
const seenError = z.object({ code: z.string(), status: z.number(), requestId: z.string(), message: z.string() })
export type SeenError = z.output<typeof seenError>

const answerLine = z.union([z.object({ body: z.record(z.string(), z.unknown()) }), z.object({ error: seenError })])

/** An answer as the user of a client sees it, members by their names on the wire. */
export type ForeignAnswer = z.output<typeof answerLine>

/** An official client, connected to a service. */
export interface ForeignClient {
  call(action: ForeignAction, parameters: ForeignParameters): Promise<ForeignAnswer>
  close(): Promise<void>
}

/** Where a client connects to. */
export interface ForeignConnection {
  /** `address:port` */
  readonly host: string
  readonly accessKeyId: string
  readonly accessKeySecret: string
}

export type ConnectForeignClient = (connection: ForeignConnection) => Promise<ForeignClient>

/**
 * Starts a program in which a client runs: it reads the connection and then one call per line, and writes one answer per line.
 * It sees nothing of this machine's environment, which could hold credentials, profiles and proxies for such clients.
 */
export function connectProgram(command: string, args: readonly string[]): ConnectForeignClient {
  return async (connection) => {
    const child = spawn(command, args, { env: { LANG: 'C.UTF-8' }, stdio: ['pipe', 'pipe', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    // A program that has ended says why in its last words, which the next call reports.
    child.stdin.on('error', () => undefined)
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const send = (line: unknown) => child.stdin.write(`${JSON.stringify(line)}\n`)
    await once(child, 'spawn')
    send(connection)
    return {
      async call(action, parameters) {
        send({ action, parameters })
        const { value, done } = await withDeadline(child, answers.next())
        if (done === true) throw new Error(`the client's program ended: ${errors}`)
        return answerLine.parse(JSON.parse(value))
      },
      async close() {
        if (child.exitCode !== null || child.signalCode !== null) return
        const exited = once(child, 'exit')
        child.stdin.end()
        await withDeadline(child, exited)
      },
    }
  }
}

/** Ends the program if it keeps silent: what waits for it then comes to its end, too. */
async function withDeadline<T>(child: ChildProcess, awaited: Promise<T>): Promise<T> {
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  try {
    return await awaited
  } finally {
    clearTimeout(timer)
  }
}
