import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { reportNotRun } from '../support/not-run.ts'

const launcher = join(import.meta.dirname, '../../bin/chancery')
const listeners = {
  CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
  CHANCERY_HTTPS_LISTEN: 'off',
  CHANCERY_ADMIN_LISTEN: 'off',
  CHANCERY_RSA_POOL: '0',
}

/** Runs the service on a pseudo-terminal of `script` until it is ready; answers what a person saw. */
async function startOnTerminal(folder: string): Promise<string> {
  const foreign = Object.entries(process.env).filter(([name]) => !name.startsWith('CHANCERY_') && name !== 'DATABASE_URL')
  const env = { ...Object.fromEntries(foreign), ...listeners, CHANCERY_DATA: folder, CHANCERY_LOG_LEVEL: 'error' }
  const child = spawn('script', ['-qec', `${launcher} serve`, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const ended = new Promise((resolve) => child.once('close', resolve))
  let seen = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
      // The last line of each of the two announcements.
      if (/It can only be set before|data folder.*\n/.test(seen.replaceAll('\r', ''))) setTimeout(resolve, 300)
    })
    ended.then(() => reject(new Error(`it ended: ${seen}`)), reject)
  })
  assert.ok(child.pid !== undefined)
  process.kill(-child.pid, 'SIGTERM')
  await ended
  return seen.replaceAll('\r', '')
}

it('the secret of the first key is shown on a terminal, once, and written to no file', async (t) => {
  if (spawnSync('script', ['--version']).error !== undefined) {
    reportNotRun('the first start on a terminal', 'the program script is not here')
    return t.skip()
  }
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  try {
    const first = await startOnTerminal(folder)
    const secret = /Its secret, shown this once: (\S+)/.exec(first)?.[1] ?? assert.fail(first)
    assert.equal(secret.length, 30)
    assert.equal(existsSync(join(folder, 'root-access-key.env')), false)
    for (const name of readdirSync(folder)) {
      if (name !== 'admin.sock') assert.equal(readFileSync(join(folder, name)).includes(secret), false, name)
    }
    const second = await startOnTerminal(folder)
    assert.doesNotMatch(second, /secret/i)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
