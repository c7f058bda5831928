import { type ChildProcess, spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signAcs3, type SignedCall } from '../../bench/sign-call.ts'
import { lastWords } from './kill-points.ts'

export interface AccessKey {
  readonly accessKeyId: string
  readonly secret: string
}

/** The key of the operator's account. */
export const rootKey: AccessKey = { accessKeyId: 'crashkey', secret: 'a-secret-of-the-crash-tests' }

/** Where the data of a service lies; the same through all its lives. */
export interface ServiceData {
  readonly folder: string
  /** Undefined: SQLite in the folder. */
  readonly databaseUrl: string | undefined
}

/** What ended a process. */
export interface Death {
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
  /** The kill point at which it killed itself. */
  readonly point: string | undefined
  readonly errors: string
}

/** One life of the service: a real process, which the test or a kill point ends. */
export interface Service {
  /** The base address; undefined if the process ended before it was ready. */
  readonly endpoint: string | undefined
  readonly death: Promise<Death>
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<Death>
}

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

/** An answer with its headers. */
export interface PlainAnswer extends Answer {
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** Starts the service on its data, and comes back when it is ready or dead. */
export async function startService(
  data: ServiceData,
  settings: Readonly<Record<string, string>>,
  fate: { readonly point?: string; readonly count?: number; readonly killAfterMs?: number } = {},
): Promise<Service> {
  const args = ['--import', join(import.meta.dirname, 'inject.ts'), join(import.meta.dirname, '../../src/cli/main.ts'), 'serve']
  const child = spawn(process.execPath, args, {
    env: {
      PATH: process.env['PATH'],
      // As the launcher does: half the time of these tests is starting.
      NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/chancery-crash'),
      CHANCERY_DATA: data.folder,
      ...(data.databaseUrl !== undefined && { DATABASE_URL: data.databaseUrl }),
      CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
      CHANCERY_HTTPS_LISTEN: 'off',
      CHANCERY_ADMIN_LISTEN: 'off',
      CHANCERY_RSA_POOL: '0',
      CHANCERY_ROOT_ACCESS_KEY_ID: rootKey.accessKeyId,
      CHANCERY_ROOT_ACCESS_KEY_SECRET: rootKey.secret,
      CHANCERY_LOG_LEVEL: 'error',
      ...settings,
      ...(fate.point !== undefined && { KILL_POINT: fate.point, KILL_COUNT: String(fate.count ?? 1) }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const death = watch(child)
  if (fate.killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), fate.killAfterMs)
  return {
    endpoint: await Promise.race([readAddress(child), death.then(() => undefined)]),
    death,
    kill(signal) {
      child.kill(signal)
      return death
    },
  }
}

function watch(child: ChildProcess): Promise<Death> {
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const point = errors.split('\n').find((line) => line.startsWith(lastWords))
      resolve({ code, signal, errors, point: point?.slice(lastWords.length) })
    })
  })
}

function readAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const address = /signed calls\D*(http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
}

/** Processes share the limits on PostgreSQL, the killed ones too until they are missed: clients wait and call again, as they are told to. */
function isThrottled({ status, body }: Answer): boolean {
  return status === 400 && body.includes('"Throttling.User"')
}

/** A client of one life of the service, with connections of its own. */
export interface Client {
  /** Rejects if the connection breaks: then nobody knows whether the call was served. */
  call(action: string, input: Readonly<Record<string, string>>, version?: string, key?: AccessKey): Promise<Answer>
  /** Sends a signed call as it is; {@link Client.signed} is the latest one that was answered with 200. */
  send(signed: SignedCall): Promise<Answer>
  get(path: string): Promise<Answer>
  /** Any request, as it is given. */
  request(method: string, path: string, headers: Readonly<Record<string, string>>, body?: string): Promise<PlainAnswer>
  readonly signed: SignedCall | undefined
  close(): void
}

export function createClient(endpoint: string): Client {
  const { host, hostname, port } = new URL(endpoint)
  const agent = new Agent({ keepAlive: true })
  let signed: SignedCall | undefined

  function exchange(method: string, path: string, headers: Readonly<Record<string, string>>, text?: string): Promise<PlainAnswer> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: hostname, port, method, path, headers, agent, timeout: 20_000 }, (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('end', () => {
          const flat = Object.fromEntries(Object.entries(res.headers).map(([name, value]) => [name, String(value)]))
          resolve({ status: res.statusCode ?? 0, body: Buffer.concat(chunks), headers: flat })
        })
        res.on('error', reject)
      })
      sent.on('timeout', () => sent.destroy(new Error('the service did not answer in time')))
      sent.on('error', reject)
      sent.end(text)
    })
  }

  return {
    async call(action, input, version = '2020-04-07', key = rootKey) {
      for (;;) {
        const call = signAcs3({ host, ...key, version, action, input })
        const answer = await exchange('POST', call.path, call.headers)
        if (answer.status === 200) signed = call
        if (!isThrottled(answer)) return answer
        await sleep(200)
      }
    },
    // The host is signed, and a new life has a new port: the header stays as it was.
    send: ({ path, headers }) => exchange('POST', path, headers),
    get: (path) => exchange('GET', path, { host }),
    request: exchange,
    get signed() {
      return signed
    },
    close: () => agent.destroy(),
  }
}
