import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a root's sealed key to a new file of mode 0600; when this returns it is on disk. */
export function writeRootKey(file: string, sealed: Uint8Array): void {
  writeNewFile(file, sealed)
}

/** Writes a new file of mode 0600; when this returns it is on disk with its directory entry. */
export function writeNewFile(file: string, content: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, content, { mode: 0o600, flag: 'wx', flush: true })
  const folder = openSync(dirname(file), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** Reads what {@link writeRootKey} wrote. Only an operator's deliberate command does this (BR 4.3.1.1). */
export function readRootKey(file: string): Uint8Array {
  return readFileSync(file)
}
