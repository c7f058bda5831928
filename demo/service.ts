import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A service of its own process on an empty data folder, as `npm start` runs it. */
export interface DemoService {
  readonly endpoint: string
  readonly accessKeyId: string
  readonly accessKeySecret: string
  stop(): Promise<void>
}

/** Starts the service on ports that the system chooses, looking up proofs with the given resolver. */
export async function startService(settings: Readonly<Record<string, string>>): Promise<DemoService> {
  const data = mkdtempSync(join(tmpdir(), 'chancery-demo-'))
  const accessKeyId = `demo${randomBytes(8).toString('hex')}`
  const accessKeySecret = randomBytes(20).toString('hex')
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/cli/main.ts'), 'serve'], {
    env: {
      ...withoutOwnSettings(process.env),
      CHANCERY_DATA: data,
      CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
      CHANCERY_HTTPS_LISTEN: 'off',
      CHANCERY_ADMIN_LISTEN: 'off',
      CHANCERY_ROOT_ACCESS_KEY_ID: accessKeyId,
      CHANCERY_ROOT_ACCESS_KEY_SECRET: accessKeySecret,
      CHANCERY_LOG_LEVEL: 'warn',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const remove = (): void => rmSync(data, { recursive: true, force: true })
  try {
    return { endpoint: await waitForAddress(child), accessKeyId, accessKeySecret, stop: () => stop(child, remove) }
  } catch (error) {
    child.kill('SIGKILL')
    remove()
    throw error
  }
}

/** The demo is the same on every machine, whatever a shell has set for a real service. */
function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('CHANCERY_') && name !== 'DATABASE_URL'))
}

function waitForAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
      if (address !== undefined) resolve(address)
    })
    child.once('exit', (code) => reject(new Error(`the service ended with status ${code} before it was ready`)))
    child.once('error', reject)
  })
}

async function stop(child: ChildProcess, remove: () => void): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exited
  remove()
}
