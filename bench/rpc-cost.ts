import { fork } from 'node:child_process'
import { join } from 'node:path'
import { startChancery, type WorldPorts } from './acme-servers.ts'
import { answerOf, ask } from './ask-child.ts'
import { killAtExit } from './kill-at-exit.ts'
import type { Engine } from './measured-process.ts'
import { readCpu, readServerCpu } from './process-cpu.ts'
import type { RpcLoad, RpcLoadResult } from './rpc-load.ts'
import { formatCount, type Table } from './table.ts'

/** Key pairs in stock: more than any round takes while new ones are made. */
const RSA_POOL = 16

/** CPU of the calls by which a certificate is ordered and fetched, for a name that is proven already, and the time of placing an order. */
export async function measureRpc(
  engines: readonly Engine[],
  { count, tell }: { readonly count: number; readonly tell: (text: string) => void },
): Promise<Table> {
  const rows: string[][] = []
  for (const engine of engines) {
    const load = fork(join(import.meta.dirname, 'rpc-load.ts'))
    killAtExit(load)
    const env = { ...engine.env, CHANCERY_PROOF_REUSE_DAYS: '200', CHANCERY_RSA_POOL: String(RSA_POOL) }
    const server = await startChancery({ ...engine, env }, await answerOf<WorldPorts>(load))
    try {
      const { directory, eab = { kid: '', macKey: '' } } = server
      await ask(load, { kind: 'prove', directory, eab } satisfies RpcLoad)
      for (const { what, ...order } of measures) {
        tell(`RPC: ${engine.name}, ${what}, ${order.clients} clients`)
        await ask(load, { ...order, count: Math.ceil(count / 2) } satisfies RpcLoad)
        const cpu = () => ({ own: readCpu(server.pid), database: engine.postmaster === undefined ? 0 : readServerCpu(engine.postmaster) })
        const before = cpu()
        const { seconds, requests, p50, p99 } = (await ask(load, { ...order, count } satisfies RpcLoad)) as RpcLoadResult
        const after = cpu()
        rows.push([
          engine.name,
          what,
          String(order.clients),
          ((after.own - before.own) / 1000 / count).toFixed(2),
          engine.postmaster === undefined ? '' : ((after.database - before.database) / 1000 / count).toFixed(2),
          formatCount(count / seconds),
          p50.toFixed(1),
          p99.toFixed(1),
          (requests / count).toFixed(2),
        ])
      }
    } finally {
      load.kill('SIGKILL')
      await server.stop()
    }
  }
  return {
    title: 'Certificates by RPC',
    head: ['engine', 'what', 'clients', 'CPU ms', 'database CPU ms', 'per second', 'p50 ms', 'p99 ms', 'calls'],
    rows,
  }
}

const measures = [
  { what: 'CreateCertificateWithCsrRequest for a proven name, to `certificate`', kind: 'obtain', clients: 1 },
  { what: 'CreateCertificateWithCsrRequest for a proven name, to `certificate`', kind: 'obtain', clients: 8 },
  { what: 'CreateCertificateRequest, RSA, placed', kind: 'place', clients: 1 },
  { what: 'CreateCertificateRequest, RSA, placed', kind: 'place', clients: 8 },
] as const
