import { type Engine, startMeasuredProcess } from './measured-process.ts'
import { formatCount, formatMicroseconds, type Table } from './table.ts'

/** Orders placed at once, against one plan or spread over many, on one engine and disk. */
export async function measureWrites(
  engines: readonly Engine[],
  options: { clients: readonly number[]; manyPlans: number; ms: number; tell: (text: string) => void },
): Promise<Table> {
  const rows: string[][] = []
  for (const engine of engines) {
    const measured = await startMeasuredProcess(engine, options.manyPlans)
    try {
      await measured.run({ kind: 'writes', clients: 16, plans: options.manyPlans, ms: options.ms })
      for (const plans of [1, options.manyPlans]) {
        for (const clients of options.clients) {
          options.tell(`placing orders: ${engine.name}, ${engine.disk}, ${plans} plans, ${clients} clients`)
          const { count, seconds, cpuUs, serverUs } = await measured.run({ kind: 'writes', clients, plans, ms: options.ms })
          rows.push([
            engine.name,
            engine.disk,
            plans === 1 ? 'one' : String(plans),
            String(clients),
            formatCount(count / seconds),
            formatMicroseconds(cpuUs / count),
            engine.postmaster === undefined ? '' : formatMicroseconds(serverUs / count),
          ])
        }
      }
    } finally {
      await measured.close()
    }
  }
  return {
    title: 'Orders placed: throughput and CPU per write',
    head: ['engine', 'disk', 'plans', 'clients', 'writes/s', 'CPU µs/write', 'server CPU µs/write'],
    rows,
  }
}
