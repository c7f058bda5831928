import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessKey } from './call-service.ts'

/** A service in a process of its own, started as an operator does. */
export interface ServiceProcess {
  readonly folder: string
  readonly http: string
  readonly admin: string
  /** What it has written so far, both streams. */
  output(): string
  /** Ends it with SIGTERM; gives the exit status. The folder stays. */
  stop(): Promise<number | null>
  /** Ends it in any case, and removes the folder. */
  [Symbol.asyncDispose](): Promise<void>
}

export const launcher = join(import.meta.dirname, '../../bin/chancery')

/** The environment of a process: nothing of the shell's own settings, and free ports. */
export function environment(folder: string, settings: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    CHANCERY_DATA: folder,
    CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
    CHANCERY_HTTPS_LISTEN: 'off',
    CHANCERY_ADMIN_LISTEN: '127.0.0.1:0',
    CHANCERY_RSA_POOL: '0',
    CHANCERY_ROOT_ACCESS_KEY_ID: accessKey.id,
    CHANCERY_ROOT_ACCESS_KEY_SECRET: accessKey.secret,
    CHANCERY_LOG_LEVEL: 'warn',
    ...settings,
  }
}

/** Starts `chancery serve` on a folder, or on a new one, and waits until it is ready. */
export async function startServiceProcess(
  settings: Readonly<Record<string, string>> = {},
  options: { readonly folder?: string; readonly args?: readonly string[] } = {},
): Promise<ServiceProcess> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'chancery-test-'))
  const child = spawn(launcher, ['serve', ...(options.args ?? [])], {
    env: environment(folder, settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  let output = ''
  const clearUp = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  try {
    const told = await readAnnouncement(child, exited, () => output)
    output += told.text
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    return {
      folder,
      http: told.http,
      admin: told.admin,
      output: () => output,
      stop() {
        child.kill('SIGTERM')
        return exited
      },
      [Symbol.asyncDispose]: clearUp,
    }
  } catch (error) {
    await clearUp()
    throw error
  }
}

async function readAnnouncement(
  child: ChildProcess,
  exited: Promise<number | null>,
  errors: () => string,
): Promise<{ text: string; http: string; admin: string }> {
  let text = ''
  const ready = new Promise<{ text: string; http: string; admin: string }>((resolve) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString()
      const http = /(http:\/\/127\.0\.0\.1:\d+)\n/.exec(text)?.[1]
      if (http === undefined || !/^ {2}data .*\n/m.test(text)) return
      child.stdout?.off('data', read)
      resolve({ text, http, admin: /(http:\/\/127\.0\.0\.1:\d+)\/readyz/.exec(text)?.[1] ?? '' })
    }
    child.stdout?.on('data', read)
  })
  const died = exited.then((code) => {
    throw new Error(`the service ended with status ${code} before it was ready:\n${text}${errors()}`)
  })
  return await Promise.race([ready, died])
}
