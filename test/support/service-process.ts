import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { testSettings, type TestData } from './service.ts'

const root = join(import.meta.dirname, '../..')

/** Ways to start the service, as people do. */
const commands = {
  node: [process.execPath, join(root, 'src/cli/main.ts'), 'serve'],
  launcher: [join(root, 'bin/chancery'), 'serve'],
  npm: ['npm', 'start'],
} as const

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A service in a process of its own. */
export interface ServiceProcess {
  readonly child: ChildProcess
  /** Base address of the HTTP listener. */
  readonly endpoint: string
  /** From the start of the process to its announcement. */
  readonly readyAfterMs: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** Sends the signal and waits for the end of the process and of its output. */
  end(signal?: NodeJS.Signals): Promise<ProcessEnd>
}

/** How a process that did not become ready ended. */
export class NotStarted extends Error {
  readonly end: ProcessEnd

  constructor(end: ProcessEnd) {
    super(`the service ended with ${end.code ?? end.signal} before it was ready:\n${end.stderr}`)
    this.name = 'NotStarted'
    this.end = end
  }
}

/**
 * Starts the service in a process of its own; undefined takes a setting away.
 *
 * @throws NotStarted if it ends before it is ready
 */
export async function spawnService(
  data: TestData,
  env: Readonly<Record<string, string | undefined>> = {},
  how: keyof typeof commands = 'node',
): Promise<ServiceProcess> {
  const [command, ...args] = commands[how]
  const started = performance.now()
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...testSettings(data), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // So that what is left of a failed test can be ended as a whole.
    detached: true,
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, ...output }))
  })
  const ready = new Promise<string>((resolve) => {
    child.stdout.on('data', () => {
      const address = /signed calls\D*(http:\/\/127\.0\.0\.1:\d+)\n[^]*\n/.exec(output.stdout)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
  const endpoint = await Promise.race([ready, ended])
  if (typeof endpoint !== 'string') throw new NotStarted(endpoint)
  return {
    child,
    endpoint,
    readyAfterMs: performance.now() - started,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      const late = setTimeout(() => killGroup(child), 20_000)
      const end = await ended
      clearTimeout(late)
      return end
    },
  }
}

/** Starts a service of its own process, uses it and ends it whatever happens. */
export async function withServiceProcess<T>(
  data: TestData,
  use: (service: ServiceProcess) => Promise<T>,
  env?: Readonly<Record<string, string | undefined>>,
): Promise<T> {
  const service = await spawnService(data, env)
  try {
    return await use(service)
  } finally {
    await service.end()
  }
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended by now.
  }
}
