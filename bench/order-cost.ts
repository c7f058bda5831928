import { type Engine, startMeasuredProcess } from './measured-process.ts'
import { formatCount, formatMicroseconds, type Table } from './table.ts'

const CLIENTS = 16

/** CPU of an order from the application to the certificate, with a proof of control that passes at once. */
export async function measureOrders(
  engines: readonly Engine[],
  options: { counts: { readonly ECC_256: number; readonly RSA_2048: number }; tell: (text: string) => void },
): Promise<Table> {
  const rows: string[][] = []
  for (const engine of engines) {
    const measured = await startMeasuredProcess(engine, 1)
    try {
      const warm = options.counts.ECC_256 / 2
      await measured.run({ kind: 'place', clients: CLIENTS, count: warm, keyAlgorithm: 'ECC_256' })
      await measured.run({ kind: 'issue', clients: CLIENTS, count: warm })
      for (const keyAlgorithm of ['ECC_256', 'RSA_2048'] as const) {
        options.tell(`issuing certificates: ${engine.name}, ${keyAlgorithm}`)
        const count = options.counts[keyAlgorithm]
        const placed = await measured.run({ kind: 'place', clients: CLIENTS, count, keyAlgorithm })
        const issued = await measured.run({ kind: 'issue', clients: CLIENTS, count })
        const isServer = engine.postmaster !== undefined
        rows.push([
          engine.name,
          keyAlgorithm,
          String(count),
          formatMicroseconds(placed.cpuUs / count),
          isServer ? formatMicroseconds(placed.serverUs / count) : '',
          formatMicroseconds(issued.cpuUs / count),
          isServer ? formatMicroseconds(issued.serverUs / count) : '',
          formatCount(count / issued.seconds),
        ])
      }
    } finally {
      await measured.close()
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
