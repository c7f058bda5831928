import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeNewFile } from './root-key-file.ts'

/** The first access key between its making and the moment when somebody was told. */
export interface UntoldKey {
  readonly accessKeyId: string
  readonly secret: string
}

/**
 * Keeps the first access key in a file of mode 0600 until it is told: a start that fails after the installation is on record
 * (a port in use, a kill) would otherwise lose the only secret there is.
 */
export function keepUntoldKey(dataFolder: string, { accessKeyId, secret }: UntoldKey): void {
  const file = untoldKeyFile(dataFolder)
  // Left by a start that ended before its installation was on record: a key that nobody knows.
  rmSync(file, { force: true })
  writeNewFile(file, Buffer.from(JSON.stringify({ accessKeyId, secret, pid: process.pid })))
}

/** The key that an earlier start kept and told nobody; undefined if there is none, or if its process is still about to tell it. */
export function findUntoldKey(dataFolder: string): UntoldKey | undefined {
  let text: string
  try {
    text = readFileSync(untoldKeyFile(dataFolder), 'utf8')
  } catch {
    return undefined
  }
  const { accessKeyId, secret, pid } = JSON.parse(text) as UntoldKey & { pid: number }
  // In a container every process has the same id: our own id is that of an earlier one.
  return pid !== process.pid && isRunning(pid) ? undefined : { accessKeyId, secret }
}

/** Call it when the key was told. */
export function forgetUntoldKey(dataFolder: string): void {
  rmSync(untoldKeyFile(dataFolder), { force: true })
}

function untoldKeyFile(dataFolder: string): string {
  return join(dataFolder, 'root-access-key.untold')
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
