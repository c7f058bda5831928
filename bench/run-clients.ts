/** What the work of some clients took together. */
export interface ClientTimes {
  readonly seconds: number
  /** Time of one piece of work as its client saw it, ms. */
  readonly p50: number
  readonly p99: number
}

/** So many clients do so many pieces of work, each client one after the other. */
export async function runClients(
  { clients, count }: { readonly clients: number; readonly count: number },
  work: () => Promise<void>,
): Promise<ClientTimes> {
  const times: number[] = []
  let left = count
  const started = performance.now()
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) {
        const begun = performance.now()
        await work()
        times.push(performance.now() - begun)
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { seconds, p50: at(0.5), p99: at(0.99) }
}
