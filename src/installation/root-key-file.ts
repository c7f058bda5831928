import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Settings } from '../config.ts'

/** Where the sealed key of a root lies. */
export function rootKeyFile({ data }: Pick<Settings, 'data'>, rootId: string): string {
  return join(data, `root-${rootId}.key`)
}

/** Writes a root's sealed key to a new file of mode 0600; when this returns it is on disk. */
export function writeRootKey(file: string, sealed: Uint8Array): void {
  writeNewFile(file, sealed)
}

/** Writes a new file of mode 0600; when this returns it is on disk with its directory entry. */
export function writeNewFile(file: string, content: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, content, { mode: 0o600, flag: 'wx', flush: true })
  syncFolder(dirname(file))
}

/** Puts new content in the place of a file's, whole or not at all, mode 0600; when this returns it is on disk. */
export function replaceFile(file: string, content: Uint8Array): void {
  // Where a link leads, so that a key on another disk stays there.
  const target = realpathSync(file)
  // Named by its content: of two processes neither writes into the other's draft.
  const draft = `${target}.${createHash('sha256').update(content).digest('hex').slice(0, 16)}.new`
  writeNewFile(draft, content)
  renameSync(draft, target)
  syncFolder(dirname(target))
}

/** What was made, renamed or taken away in the folder is on disk when this returns. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** Reads what {@link writeRootKey} wrote. Only an operator's deliberate command does this (BR 4.3.1.1). */
export function readRootKey(file: string): Uint8Array {
  return readFileSync(file)
}
