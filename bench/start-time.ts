import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatCount, type Table } from './table.ts'

const ROUNDS = 5

/** How long `bin/chancery serve` takes from the call to its word that it is ready, on SQLite with all listeners. */
export async function measureStarts(tell: (text: string) => void): Promise<Table> {
  tell('starting')
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'))
  try {
    const first = await start(folder)
    const warm: number[] = []
    for (let round = 0; round < ROUNDS; round++) warm.push(await start(folder))
    warm.sort((a, b) => a - b)
    const rows = [
      ['first start, which makes the installation', '1', formatCount(first), formatCount(first)],
      ['warm start', String(ROUNDS), formatCount(warm[Math.floor(ROUNDS / 2)] ?? 0), formatCount(warm.at(-1) ?? 0)],
    ]
    return { title: 'Start: from the call to ready', head: ['start', 'rounds', 'median ms', 'longest ms'], rows }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function start(folder: string): Promise<number> {
  const listeners = ['CHANCERY_HTTP_LISTEN', 'CHANCERY_HTTPS_LISTEN', 'CHANCERY_ADMIN_LISTEN'].map((name) => [name, '127.0.0.1:0'] as const)
  const env = { ...process.env, ...Object.fromEntries(listeners), CHANCERY_DATA: folder, CHANCERY_LOG_LEVEL: 'error' }
  const called = performance.now()
  const child = spawn(join(import.meta.dirname, '../bin/chancery'), ['serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let text = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('is ready')) resolve()
    })
    ended.then(() => reject(new Error('the service ended before it was ready')), reject)
  })
  const ms = performance.now() - called
  child.kill('SIGTERM')
  await ended
  return ms
}
