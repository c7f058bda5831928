import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Problem } from '../problem.ts'
import type { NonceUse, ReplayGuard } from './replay-guard.ts'

/** A guard in the memory of the one process, saved on a clean stop. */
export interface MemoryReplayGuard extends ReplayGuard {
  /** From when on new requests are accepted, ms: the second after a start that followed a kill. */
  readonly opensAt: number
  /** Writes what must not be forgotten to the file; the guard accepts nothing more. */
  save(): void
}

const MINUTE_MS = 60_000

/**
 * Opens the guard of a process that shares its database with no other.
 *
 * After a clean stop the file holds the nonces. It is taken away at the start: if it is missing at the next one, the process
 * was killed, and requests dated before that start are refused, because nobody knows which of them were served. Requests dated
 * ahead of the clock would be accepted again after that: their nonces are in a journal before the call is served.
 *
 * @param firstStart true if there was no earlier process whose nonces could be missing
 */
export function openMemoryReplayGuard(options: {
  file: string
  firstStart: boolean
  capacity: number
  /** A nonce never comes with another time than its own: it is looked for where that one is kept. */
  timeIsFixed?: boolean
  clock: () => number
}): MemoryReplayGuard {
  const { file, capacity, timeIsFixed = false, clock } = options
  const saved = takeSaved(file)
  // Timestamps have whole seconds: a request of the very second of the start may be older than the start.
  const acceptedAfter = saved === undefined && !options.firstStart ? Math.floor(clock() / 1000) * 1000 + 999 : -Infinity
  const ahead = openJournal(`${file}.ahead`, clock)
  // By the minute of their end: what one set holds goes at once, and a nonce costs its text and an entry.
  const byMinute = new Map<number, Set<string>>()
  let kept = 0
  let closed = false
  for (const [key, expiresAt] of [...(saved ?? []), ...ahead.entries]) remember(key, minuteOf(expiresAt))

  function remember(key: string, minute: number): void {
    let list = byMinute.get(minute)
    if (list === undefined) byMinute.set(minute, (list = new Set()))
    const before = list.size
    kept += list.add(key).size - before
  }

  /** The same nonce may come with another time, where the client says it. */
  function knows(key: string, minute: number): boolean {
    if (timeIsFixed) return byMinute.get(minute)?.has(key) === true
    for (const list of byMinute.values()) if (list.has(key)) return true
    return false
  }

  function forgetExpired(now: number): void {
    const current = minuteOf(now)
    for (const [minute, list] of byMinute) {
      if (minute >= current) continue
      kept -= list.size
      byMinute.delete(minute)
    }
  }

  /** Full: until the first ones are forgotten nothing new is accepted. */
  function refuse(now: number): never {
    throw new Problem('throttling', { retryAfterMs: String((Math.min(...byMinute.keys()) + 1) * MINUTE_MS - now) })
  }

  return {
    opensAt: acceptedAfter === -Infinity ? 0 : acceptedAfter + 1,
    async use({ scope, nonce, timestampMs, expiresAtMs }: NonceUse) {
      if (closed) throw new Problem('serviceUnavailable')
      if (timestampMs <= acceptedAfter) return 'beforeStart'
      const key = scope === '' ? nonce : `${scope} ${nonce}`
      const minute = minuteOf(expiresAtMs)
      if (knows(key, minute)) return 'used'
      const now = clock()
      if (kept >= capacity || !byMinute.has(minute)) forgetExpired(now)
      if (kept >= capacity) refuse(now)
      if (timestampMs >= nextSecond(now)) ahead.append(key, expiresAtMs)
      remember(key, minute)
      return 'fresh'
    },
    save() {
      closed = true
      forgetExpired(clock())
      const entries = [...byMinute].flatMap(([minute, list]) => Array.from(list, (key) => [key, minute * MINUTE_MS]))
      writeDurably(file, JSON.stringify(entries))
      ahead.remove()
    },
  }
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS)
}

/** Timestamps have whole seconds: what is dated in the present one is not ahead. */
function nextSecond(now: number): number {
  return (Math.floor(now / 1000) + 1) * 1000
}

/** Lines of a nonce and its expiry; each is on disk before {@link append} returns. Few clients run ahead, and they pay for it. */
function openJournal(
  file: string,
  clock: () => number,
): { readonly entries: readonly [string, number][]; append(key: string, expiresAt: number): void; remove(): void } {
  const entries = readJournal(file).filter(([, expiresAt]) => expiresAt > clock())
  let descriptor: number | undefined
  return {
    entries,
    append(key, expiresAt) {
      if (descriptor === undefined) {
        // What has expired since the last start is left behind.
        writeDurably(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
        descriptor = openSync(file, 'a', 0o600)
      }
      writeSync(descriptor, `${JSON.stringify([key, expiresAt])}\n`)
      fsyncSync(descriptor)
    },
    remove() {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
      rmSync(file, { force: true })
    },
  }
}

function readJournal(file: string): [string, number][] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    try {
      const entry: unknown = JSON.parse(line)
      return isListOfExpiries([entry]) ? [entry as [string, number]] : []
    } catch {
      // The last line of a process that was killed while it wrote: that call was not served.
      return []
    }
  })
}

function takeSaved(file: string): [string, number][] | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  rmSync(file)
  syncFolder(file)
  // Damaged: as good as missing.
  try {
    const saved: unknown = JSON.parse(text)
    return isListOfExpiries(saved) ? saved : undefined
  } catch {
    return undefined
  }
}

function isListOfExpiries(value: unknown): value is [string, number][] {
  return (
    Array.isArray(value) && value.every((entry) => Array.isArray(entry) && typeof entry[0] === 'string' && Number.isSafeInteger(entry[1]))
  )
}

function writeDurably(file: string, text: string): void {
  const draft = `${file}.new`
  writeFileSync(draft, text, { mode: 0o600, flush: true })
  renameSync(draft, file)
  syncFolder(file)
}

function syncFolder(file: string): void {
  const folder = openSync(dirname(file), 'r')
  fsyncSync(folder)
  closeSync(folder)
}
