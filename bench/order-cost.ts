import { type Engine, startMeasuredProcess } from './measured-process.ts'
import { formatCount, formatMicroseconds, type Table } from './table.ts'

const CLIENTS = 16
const WARM_UP = 300

/** CPU of an order from the application to the certificate, with a proof of control that passes at once. */
export async function measureOrders(
  engines: readonly Engine[],
  options: { counts: { readonly ECC_256: number; readonly RSA_2048: number }; tell: (text: string) => void },
): Promise<Table> {
  const rows: string[][] = []
  for (const engine of engines) {
    for (const { key, keyAlgorithm, fromPool } of keys) {
      options.tell(`issuing certificates: ${engine.name}, ${key}`)
      rows.push(await measureKey(engine, key, { keyAlgorithm, fromPool, count: options.counts[keyAlgorithm] }))
    }
  }
  return {
    title: 'From the order to the certificate: CPU',
    head: [
      'engine',
      'key',
      'orders',
      'CPU µs/order placed',
      'server CPU µs/order placed',
      'CPU µs/certificate',
      'server CPU µs/certificate',
      'certificates/s',
    ],
    rows,
  }
}

const keys = [
  { key: 'ECC_256', keyAlgorithm: 'ECC_256', fromPool: false },
  { key: 'RSA_2048, made on the spot', keyAlgorithm: 'RSA_2048', fromPool: false },
  { key: 'RSA_2048, from the pool', keyAlgorithm: 'RSA_2048', fromPool: true },
] as const

async function measureKey(
  engine: Engine,
  key: string,
  { keyAlgorithm, fromPool, count }: { keyAlgorithm: 'ECC_256' | 'RSA_2048'; fromPool: boolean; count: number },
): Promise<string[]> {
  const measured = await startMeasuredProcess(engine, 1, fromPool ? count : 0)
  try {
    const warm = { clients: CLIENTS, count: WARM_UP }
    await measured.run({ kind: 'place', ...warm, keyAlgorithm: 'ECC_256' })
    await measured.run({ kind: 'issue', ...warm })
    const placed = await measured.run({ kind: 'place', clients: CLIENTS, count, keyAlgorithm })
    if (fromPool) await measured.run({ kind: 'stock', count })
    const issued = await measured.run({ kind: 'issue', clients: CLIENTS, count })
    const serverOnly = (us: number): string => (engine.postmaster === undefined ? '' : formatMicroseconds(us / count))
    return [
      engine.name,
      key,
      String(count),
      formatMicroseconds(placed.cpuUs / count),
      serverOnly(placed.serverUs),
      formatMicroseconds(issued.cpuUs / count),
      serverOnly(issued.serverUs),
      formatCount(count / issued.seconds),
    ]
  } finally {
    await measured.close()
  }
}
