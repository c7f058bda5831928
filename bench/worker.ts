// The process that is measured: opens an installation, and runs what main.ts tells it, so that its CPU time is nobody else's.
import { setTimeout as sleep } from 'node:timers/promises'
import { openBench } from './open-bench.ts'

/** What the measured process is asked for. */
export type Task =
  | { readonly kind: 'writes'; readonly clients: number; readonly plans: number; readonly ms: number }
  | { readonly kind: 'place'; readonly clients: number; readonly count: number; readonly keyAlgorithm: 'ECC_256' | 'RSA_2048' }
  | { readonly kind: 'issue'; readonly clients: number; readonly count: number }
  /** Waits until so many RSA keys are ready. */
  | { readonly kind: 'stock'; readonly count: number }

/** What one task took. */
export interface Taken {
  readonly count: number
  readonly seconds: number
  /** All threads of this process, µs. */
  readonly cpuUs: number
}

const [folder = '', databaseUrl = '', plans = '1', rsaPool = '0'] = process.argv.slice(2)
const bench = await openBench({
  folder,
  databaseUrl: databaseUrl === '' ? undefined : databaseUrl,
  plans: Number(plans),
  rsaPool: Number(rsaPool),
})
const placed: number[] = []

process.on('message', (task: Task | 'close') => {
  if (task === 'close') return void bench.close().then(() => process.exit(0))
  measure(task).then(
    (taken) => process.send?.(taken),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.send?.('ready')

async function measure(task: Task): Promise<Taken> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  const count = await run(task, started)
  const { user, system } = process.cpuUsage(cpu)
  return { count, seconds: (performance.now() - started) / 1000, cpuUs: user + system }
}

async function run(task: Task, started: number): Promise<number> {
  if (task.kind === 'stock') {
    while (bench.services.keyPool.stock() < task.count) await sleep(100)
    return task.count
  }
  let count = 0
  let next: () => Promise<boolean>
  switch (task.kind) {
    case 'writes':
      next = async () => {
        await bench.place(count++ % task.plans, 'ECC_256')
        return performance.now() - started < task.ms
      }
      break
    case 'place':
      next = async () => {
        if (count >= task.count) return false
        count++
        placed.push(await bench.place(0, task.keyAlgorithm))
        return true
      }
      break
    case 'issue':
      next = async () => {
        const orderId = placed.pop()
        if (orderId === undefined || count >= task.count) return false
        count++
        await bench.services.advancer.advance(orderId, AbortSignal.timeout(60_000))
        return true
      }
      break
  }
  await Promise.all(
    Array.from({ length: task.clients }, async () => {
      while (await next());
    }),
  )
  if (task.kind === 'issue') await assertIssued(count)
  return count
}

/** A figure for certificates that were not issued would be a good one. */
async function assertIssued(count: number): Promise<void> {
  const { db } = bench.services
  const row = await db.read.selectFrom('certificates').select(db.read.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const open = await db.read.selectFrom('orders').select('id').where('state', '!=', 'issued').limit(1).execute()
  if (row.count < count || open.length > placed.length) throw new Error(`only ${row.count} of ${count} certificates were issued`)
}
