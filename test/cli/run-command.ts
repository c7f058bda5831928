import { spawn } from 'node:child_process'
import { launcher } from '../emulator/service-process.ts'

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `chancery` with these arguments in this environment and no other; standard input is closed. */
export async function runCommand(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(launcher, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}
