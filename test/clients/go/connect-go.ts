import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { reportNotRun } from '../../support/not-run.ts'
import { openClientCache } from '../client-cache.ts'
import { type ConnectForeignClient, connectProgram } from '../foreign-client.ts'
import { ClientMissing, runInstaller } from '../run-installer.ts'

// The versions of go.mod and the Go of this machine; no C compiler.
const env = { GOFLAGS: '-mod=readonly -buildvcs=false', GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' }

/**
 * Builds the program of this folder into the cache if it is not there yet.
 *
 * @returns undefined where its modules or Go are not to be had; the summary of the run says so
 */
export async function connectGo(title: string): Promise<ConnectForeignClient | undefined> {
  try {
    return connectProgram(join(await build(), 'client'), [])
  } catch (error) {
    if (!(error instanceof ClientMissing)) throw error
    reportNotRun(title, error.message)
    return undefined
  }
}

async function build(): Promise<string> {
  const cwd = import.meta.dirname
  const version = await runInstaller('go', ['version'], { cwd, env })
  const sources = ['go.mod', 'go.sum', 'main.go'].map((name) => readFileSync(join(cwd, name), 'utf8'))
  return await openClientCache('go', [version, ...sources].join('\n'), async (folder) => {
    await runInstaller('go', ['mod', 'download'], { cwd, env })
    // With all modules at hand, a failure is ours.
    await promisify(execFile)('go', ['build', '-o', join(folder, 'client'), '.'], { cwd, env: { ...process.env, ...env } })
  })
}
