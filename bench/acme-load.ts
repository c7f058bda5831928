// The clients of the ACME benchmark with the world they prove themselves in, in a process of their own.
import { openAcmeClient } from './acme-client.ts'
import { openAcmeWorld } from './acme-world.ts'

/** What is to be obtained. */
export type AcmeLoad =
  | {
      readonly kind: 'register'
      readonly directory: string
      readonly connections: number
      readonly eab?: { readonly kid: string; readonly macKey: string }
    }
  | { readonly kind: 'obtain'; readonly workers: number; readonly count: number }

/** What it took. */
export interface AcmeLoadResult {
  readonly seconds: number
  readonly requests: number
  /** Time of one certificate as its client saw it, ms. */
  readonly p50: number
  readonly p99: number
}

let client: ReturnType<typeof openAcmeClient> | undefined
let serial = 0
const world = await openAcmeWorld(() => client?.thumbprint ?? '')

process.on('message', (load: AcmeLoad) => {
  run(load).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.send?.({ dnsPort: world.dnsPort, httpPort: world.httpPort })

async function run(load: AcmeLoad): Promise<AcmeLoadResult | 'registered'> {
  if (load.kind === 'register') {
    client?.close()
    client = openAcmeClient(load.directory, load.connections)
    await client.register(load.eab)
    return 'registered'
  }
  const times: number[] = []
  let requests = 0
  let left = load.count
  const started = performance.now()
  await Promise.all(
    Array.from({ length: load.workers }, async () => {
      while (left-- > 0) {
        const begun = performance.now()
        const taken = await client?.obtain(`n${process.pid}-${serial++}.bench.internal`)
        requests += taken ?? 0
        times.push(performance.now() - begun)
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  client?.close()
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { seconds, requests, p50: at(0.5), p99: at(0.99) }
}
