import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'

/** A tool is missing, or its registry does not serve a package: the client cannot be had on this machine. */
export class ClientMissing extends Error {
  override readonly name = 'ClientMissing'
}

export interface InstallerOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Runs a package manager's command and returns what it printed.
 *
 * @throws ClientMissing with the command's last words if it is not there or fails
 */
export async function runInstaller(command: string, args: readonly string[], options: InstallerOptions = {}): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      timeout: 600_000,
      maxBuffer: 16 * 1024 * 1024,
    })
    return stdout
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if ('code' in error && error.code === 'ENOENT') throw new ClientMissing(`${command} is not installed`, { cause: error })
    throw new ClientMissing(`${[basename(command), ...args.slice(0, 3)].join(' ')} failed: ${lastWords(error)}`, { cause: error })
  }
}

function lastWords(error: Error): string {
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  return (stderr === '' ? error.message : stderr).split('\n').slice(-2).join(' ').slice(0, 200)
}
