import { execFile } from 'node:child_process'
import type { AcmeScene } from './acme-scene.ts'

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/**
 * Runs a client to its end and gives what it wrote, both outputs. It sees nothing of this machine's environment: no proxies, no settings, no
 * files of the user.
 *
 * @throws Error with what it wrote, if it ends with another status than 0
 */
export async function runProgram(
  scene: AcmeScene,
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    HOME: scene.folder,
    LANG: 'C.UTF-8',
    ...options.env,
  }
  return await new Promise((resolve, reject) => {
    const limits = { timeout: 120_000, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 * 1024 } as const
    const child = execFile(program, args, { ...limits, env, cwd: options.cwd ?? scene.folder }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`
      if (error === null) resolve(output)
      else reject(new Error(`${program} ${args.join(' ')}: ${error.code ?? error.signal ?? error.message}\n${output}`, { cause: error }))
    })
    // Nobody answers questions.
    child.stdin?.end()
  })
}
