import { readFileSync, writeFileSync } from 'node:fs'
import type { DomainControl, DomainProof } from '../validation/domain-control.ts'
import type { ProofAttempt } from '../validation/proof.ts'

/** What the emulator mode lets its users control. It exists only in that mode: nothing else looks at it. */
export interface Emulator {
  /** The moved clock, ms. */
  readonly clock: () => number
  /** Moves the clock forward; answers the new time, ms. It stays moved over a restart. */
  moveClock(ms: number): number
  /** From now on proofs pass so many ms after the first look at them; `real`: the real network decides. */
  setProofs(passAfterMs: number | 'real'): void
  /** Calls back after the clock was moved. */
  onMoved(listener: () => void): void
}

export interface EmulatorOptions {
  /** Where the movement of the clock is kept. */
  readonly file: string
  readonly realClock: () => number
  readonly passAfterMs: number | 'real'
}

/** Opens the emulator's controls, and domain control that obeys them. */
export function openEmulator(
  options: EmulatorOptions,
  real: DomainControl,
): { readonly emulator: Emulator; readonly domainControl: DomainControl } {
  const { file, realClock } = options
  const listeners: (() => void)[] = []
  let movedMs = readMovement(file)
  let passAfterMs = options.passAfterMs
  const clock = (): number => realClock() + movedMs

  return {
    emulator: {
      clock,
      moveClock(ms) {
        movedMs += ms
        writeFileSync(file, JSON.stringify({ movedMs }), { mode: 0o600, flush: true })
        for (const listener of listeners) listener()
        return clock()
      },
      setProofs(next) {
        passAfterMs = next
      },
      onMoved: (listener) => void listeners.push(listener),
    },
    domainControl: emulateProofs(real, clock, () => passAfterMs),
  }
}

function readMovement(file: string): number {
  try {
    const { movedMs } = JSON.parse(readFileSync(file, 'utf8')) as { movedMs?: unknown }
    return typeof movedMs === 'number' && movedMs >= 0 ? movedMs : 0
  } catch {
    // The clock was never moved.
    return 0
  }
}

/** Proofs that wait; the oldest are forgotten first, and then start to wait anew. */
const MOST_WAITING = 100_000

function emulateProofs(real: DomainControl, clock: () => number, rule: () => number | 'real'): DomainControl {
  const firstLooks = new Map<string, number>()

  function look(proof: DomainProof, passAfterMs: number): ProofAttempt {
    const now = clock()
    const first = firstLooks.get(proof.token) ?? now
    const evidence = { method: proof.method, queries: [] }
    if (now - first >= passAfterMs) {
      firstLooks.delete(proof.token)
      return { proven: true, message: 'The emulator let the proof pass without looking at the network.', evidence }
    }
    if (firstLooks.size >= MOST_WAITING) for (const oldest of firstLooks.keys()) if (firstLooks.delete(oldest)) break
    firstLooks.set(proof.token, first)
    const seconds = Math.ceil((first + passAfterMs - now) / 1000)
    return { proven: false, failure: 'noRecord', message: `The emulator lets the proof pass in ${seconds} s.`, evidence }
  }

  return {
    maxConcurrent: real.maxConcurrent,
    async check(proof, signal) {
      const passAfterMs = rule()
      return passAfterMs === 'real' ? await real.check(proof, signal) : look(proof, passAfterMs)
    },
  }
}
