import { performance } from 'node:perf_hooks'
import { generateKeyPair, type KeyAlgorithm, type KeyPair } from './key-pair.ts'

/** Gives key pairs; RSA-2048 ones out of a stock, because making one takes about 40 ms of a core. */
export interface KeyPool {
  /** A fresh key pair that nobody else gets. The caller seals it, and wipes it if its write fails. */
  take(algorithm: KeyAlgorithm): Promise<KeyPair>
  /** How many RSA-2048 key pairs are in stock. */
  stock(): number
  /** Stops filling and wipes the stock. */
  stop(): void
}

export interface KeyPoolOptions {
  /** RSA-2048 key pairs to keep; 0: none are made ahead. */
  readonly size: number
  /** The process counts as idle below this share of busy time of the event loop. */
  readonly idleBelow?: number
  readonly generate?: (algorithm: KeyAlgorithm) => Promise<KeyPair>
}

/** Between two looks at whether the process is idle, ms. */
const LOOK_MS = 100
/** The start of a process is not held up by filling the stock. */
const FIRST_LOOK_MS = 1_000

/**
 * Opens a pool that fills itself one key at a time while the event loop is idle. Keys are in the memory of the process only;
 * one that was taken never comes back.
 */
export function openKeyPool({ size, idleBelow = 0.5, generate = generateKeyPair }: KeyPoolOptions): KeyPool {
  const stock: KeyPair[] = []
  let stopped = false
  let last = performance.eventLoopUtilization()
  let timer = size > 0 ? later(FIRST_LOOK_MS) : undefined

  function later(ms: number): NodeJS.Timeout {
    return setTimeout(() => void fill(), ms).unref()
  }

  async function fill(): Promise<void> {
    timer = undefined
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    if (utilization < idleBelow) {
      const made = await generate('RSA_2048').catch(() => undefined)
      if (stopped) made?.pkcs8Der.fill(0)
      else if (made !== undefined) stock.push(made)
    }
    if (!stopped && stock.length < size) timer = later(LOOK_MS)
  }

  return {
    async take(algorithm) {
      const ready = algorithm === 'RSA_2048' ? stock.shift() : undefined
      if (!stopped && size > 0) timer ??= later(LOOK_MS)
      return ready ?? (await generate(algorithm))
    },
    stock: () => stock.length,
    stop() {
      stopped = true
      clearTimeout(timer)
      for (const { pkcs8Der } of stock.splice(0)) pkcs8Der.fill(0)
    },
  }
}
