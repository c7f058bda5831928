import { readdirSync, readFileSync } from 'node:fs'

/** The kernel counts in hundredths of a second on every platform that has /proc (USER_HZ). */
const TICK_US = 10_000

/** CPU time of one process so far, all threads, in microseconds, to the hundredth of a second. */
export function readCpu(pid: number): number {
  return readStat(pid).ownUs
}

/** CPU time of a PostgreSQL server so far: the process that listens, its children, and those that have ended. */
export function readServerCpu(postmaster: number): number {
  let sum = readStat(postmaster).withEndedUs
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const { parent, withEndedUs } = readStat(Number(name))
      if (parent === postmaster) sum += withEndedUs
    } catch {
      // Ended between the listing and the look.
    }
  }
  return sum
}

/** The process that started another one. */
export function readParent(pid: number): number {
  return readStat(pid).parent
}

function readStat(pid: number): { parent: number; ownUs: number; withEndedUs: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program, in parentheses, may hold blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = (position: number): number => Number(fields[position - 3])
  const own = ticks(14) + ticks(15)
  return { parent: ticks(4), ownUs: own * TICK_US, withEndedUs: (own + ticks(16) + ticks(17)) * TICK_US }
}
