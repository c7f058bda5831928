import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { runCommand } from '../../cli/run-command.ts'
import { rootKey } from '../../support/signed-call.ts'
import type { AcmeScene } from './acme-scene.ts'

/** What the command tells its user: lines to run, and variables to run them with. */
export interface MadeByCommand {
  readonly lines: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Makes an external account key as users do, by `chancery eab create`. */
export async function makeKeyByCommand({ folder, service }: AcmeScene): Promise<MadeByCommand> {
  const { code, stdout, stderr } = await runCommand(['eab', 'create', 'try'], {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TMPDIR: folder,
    CHANCERY_DATA: folder,
    CHANCERY_ENDPOINT: service.endpoint,
    ALIBABA_CLOUD_ACCESS_KEY_ID: rootKey.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: rootKey.secret,
  })
  assert.deepEqual([code, stderr], [0, ''])
  const file = /its secret is in (\S+):/.exec(stdout)?.[1] ?? assert.fail(stdout)
  const pairs = readFileSync(file, 'utf8').trim().split('\n')
  return {
    lines: stdout.split('\n').map((line) => line.trim()),
    env: Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string])),
  }
}
