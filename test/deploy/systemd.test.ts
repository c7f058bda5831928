import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { loadSettings } from '../../src/config.ts'
import { reportNotRun } from '../support/not-run.ts'

const root = join(import.meta.dirname, '../..')
const unit = readFileSync(join(root, 'deploy/chancery.service'), 'utf8')
const values = (key: string) => [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value)

interface Verdict {
  readonly code: number
  readonly text: string
}

/** What systemd says of a unit file of that content; undefined where systemd-analyze cannot be run. */
async function verify(content: string): Promise<Verdict | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  const file = join(folder, 'chancery.service')
  writeFileSync(file, content)
  mkdirSync(join(folder, 'run'))
  try {
    const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', file], { timeout: 60_000 })
    return { code: 0, text: `${stdout}${stderr}` }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string }
    if (code === 'ENOENT') return undefined
    return { code: Number(code), text: `${stdout}${stderr}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The unit with paths and user of this machine, as an operator adjusts them. */
const adjusted = unit
  .replaceAll('/opt/chancery', root)
  .replace(/^User=.*$/m, 'User=root')
  .replace(/^Group=.*$/m, 'Group=root')
  .replace(/^Documentation=.*$/m, '')

describe('the systemd unit', () => {
  it('holds no directive that systemd does not know', async (t) => {
    const verdict = await verify(adjusted)
    if (verdict === undefined) {
      reportNotRun('systemd-analyze verify of the unit', 'systemd-analyze is not installed')
      return t.skip()
    }
    // What is said of other units of the machine does not concern this one.
    const about = verdict.text.split('\n').filter((line) => /chancery/.test(line))
    assert.deepEqual(about, [])
    // It does find faults: a planted one is told.
    const faulty = await verify(adjusted.replace('NoNewPrivileges=yes', 'NoNewPriviledges=yes'))
    assert.match(faulty?.text ?? '', /chancery\.service.*NoNewPriviledges/)
  })

  it('gives the service settings that it knows, and a data folder that it may write to', () => {
    const environment = values('Environment').map((entry) => entry?.split('=') ?? [])
    assert.doesNotThrow(() => loadSettings(Object.fromEntries(environment)))
    assert.equal(Object.fromEntries(environment)['CHANCERY_DATA'], `/var/lib/${values('StateDirectory')[0]}`)
    assert.deepEqual([values('StateDirectoryMode'), values('UMask'), values('ProtectSystem')], [['0700'], ['0077'], ['strict']])
    assert.deepEqual([values('NoNewPrivileges'), values('CapabilityBoundingSet')], [['yes'], ['']])
  })

  it('allows the addresses that the service needs, and leaves it the time to stop', () => {
    assert.deepEqual(values('RestrictAddressFamilies'), ['AF_INET AF_INET6 AF_UNIX'])
    // Requests in flight get 10 s, the administration socket 5 s, and the runner aborts its tasks.
    assert.ok(Number(values('TimeoutStopSec')[0]) >= 30)
    assert.deepEqual(values('MemoryDenyWriteExecute'), [])
  })
})
