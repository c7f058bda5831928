import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPostgresBinaries } from '../test/support/postgres-binaries.ts'

/** What slows down the flushes of a process: put it into the environment of that process. */
export interface SlowDisk {
  readonly env: Readonly<Record<string, string>>
}

/**
 * Compiles the library that adds so many milliseconds to every flush, into the given folder.
 *
 * @returns undefined where there is no C compiler or the system has no LD_PRELOAD
 */
export function buildSlowDisk(folder: string, ms: number): SlowDisk | undefined {
  if (process.platform !== 'linux') return undefined
  const library = join(folder, 'slow-fsync.so')
  try {
    const source = join(import.meta.dirname, 'slow-fsync.c')
    execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return { env: { LD_PRELOAD: library, SLOW_FSYNC_US: String(ms * 1000) } }
}

/** A folder of PostgreSQL's programs whose server starts with the slow disk. Any user can run it. */
export function wrapPostgres(folder: string, { env }: SlowDisk): string {
  const bin = findPostgresBinaries()
  const wrapper = join(folder, 'postgres-on-slow-disk')
  mkdirSync(wrapper, { mode: 0o755 })
  symlinkSync(join(bin, 'initdb'), join(wrapper, 'initdb'))
  const assignments = Object.entries(env).map(([name, value]) => `${name}='${value}'`)
  const script = join(wrapper, 'postgres')
  // The checkpointer flushes too; the slow disk is under all of the server.
  writeFileSync(script, `#!/bin/sh\n${assignments.join(' ')} exec '${join(bin, 'postgres')}' "$@"\n`)
  for (const path of [folder, wrapper, script]) chmodSync(path, 0o755)
  return wrapper
}
