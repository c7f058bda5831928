// The clients of the ACME benchmark with the world they prove themselves in, in a process of their own.
import { openAcmeClient } from './acme-client.ts'
import { openAcmeWorld } from './acme-world.ts'
import { type ClientTimes, runClients } from './run-clients.ts'

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
export interface AcmeLoadResult extends ClientTimes {
  readonly requests: number
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
  let requests = 0
  const times = await runClients({ clients: load.workers, count: load.count }, async () => {
    const taken = await client?.obtain(`n${process.pid}-${serial++}.bench.internal`)
    requests += taken ?? 0
  })
  client?.close()
  return { ...times, requests }
}
