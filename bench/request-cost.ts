import { fork, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from './measured-process.ts'
import { readCpu, readServerCpu } from './process-cpu.ts'
import type { LoadOrder } from './request-load.ts'

const accessKeyId = 'benchkey'
const secret = 'a-secret-of-the-benchmark'
const CONNECTIONS = 16

/** What one kind of request cost the service. */
export interface RequestCost {
  readonly kind: LoadOrder['kind']
  readonly perSecond: number
  /** CPU of the service per request, µs. */
  readonly cpuUs: number
  /** CPU of the PostgreSQL server per request, µs. */
  readonly serverUs: number
}

/** Measures signed reading calls over kept connections, beside a request that only passes through node:http. */
export async function measureRequests(engine: Engine, requests: number): Promise<RequestCost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'))
  const service = await startService(folder, await engine.createDatabase?.())
  const load = fork(join(import.meta.dirname, 'request-load.ts'))
  const answer = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const failed = (code: number | null): void => reject(new Error(`the load process ended with status ${code}`))
      load.once('exit', failed)
      load.once('message', (message) => {
        load.off('exit', failed)
        resolve(message)
      })
    })
  const cpu = (): { own: number; server: number } => ({
    own: readCpu(service.pid),
    server: engine.postmaster === undefined ? 0 : readServerCpu(engine.postmaster),
  })

  async function measure(kind: LoadOrder['kind'], count: number): Promise<RequestCost> {
    load.send({ port: service.port, kind, requests: count, connections: CONNECTIONS, accessKeyId, secret } satisfies LoadOrder)
    await answer()
    const before = cpu()
    load.send('go')
    const { seconds } = (await answer()) as { seconds: number }
    const after = cpu()
    return {
      kind,
      perSecond: count / seconds,
      cpuUs: (after.own - before.own) / count,
      serverUs: (after.server - before.server) / count,
    }
  }

  try {
    await answer()
    // The compiler of the engine needs some thousand calls before a call costs what it costs in a running service.
    for (const kind of ['acs3', 'rpcV1', 'healthz'] as const) await measure(kind, Math.ceil(requests / 4))
    const costs: RequestCost[] = []
    for (const kind of ['acs3', 'rpcV1', 'healthz'] as const) costs.push(await measure(kind, requests))
    return costs
  } finally {
    load.send('close')
    await service.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function startService(
  folder: string,
  databaseUrl: string | undefined,
): Promise<{ pid: number; port: number; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/cli/main.ts'), 'serve'], {
    env: {
      PATH: process.env['PATH'],
      CHANCERY_DATA: folder,
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
      CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
      CHANCERY_HTTPS_LISTEN: 'off',
      CHANCERY_ADMIN_LISTEN: 'off',
      CHANCERY_RSA_POOL: '0',
      CHANCERY_CALLS_PER_SECOND: '1000000',
      CHANCERY_ROOT_ACCESS_KEY_ID: accessKeyId,
      CHANCERY_ROOT_ACCESS_KEY_SECRET: secret,
      CHANCERY_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /signed calls\D*http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]
      if (found !== undefined) resolve(Number(found))
    })
    child.once('exit', (code) => reject(new Error(`the service ended with status ${code} before it was ready`)))
  })
  if (child.pid === undefined) throw new Error('the service has no process id')
  return {
    pid: child.pid,
    port,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
