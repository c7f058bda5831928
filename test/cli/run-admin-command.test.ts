import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { runAdminCommand } from '../../src/cli/run-admin-command.ts'
import { loadSettings } from '../../src/config.ts'
import { itOnBothEngines, testSettings, withService } from '../support/service.ts'

const agrees = { plans: 2, lines: 2, differences: [], orders: [] }

void describe('a local command', () => {
  itOnBothEngines('is given to the process that runs, else done on the database itself, with one answer', async (data) => {
    const settings = loadSettings(testSettings(data))
    await withService(data, async ({ succeed }) => {
      assert.deepEqual(await runAdminCommand(settings, 'plan-audit', {}), agrees)
      await succeed('DescribePackageState', {})
    })
    assert.deepEqual(await runAdminCommand(settings, 'plan-audit', {}), agrees)
    // The database is closed again: a process can start.
    await withService(data, async () => assert.deepEqual(await runAdminCommand(settings, 'plan-audit', {}), agrees))
  })

  itOnBothEngines('that the process refuses is refused with its words', async (data) => {
    const settings = loadSettings(testSettings(data))
    const revoke = () => runAdminCommand(settings, 'certificate-revoke', { certificateId: 1, reason: 'superseded' })
    await withService(data, async () => {
      await assert.rejects(revoke(), /does not exist/)
    })
    await assert.rejects(revoke(), /does not exist/)
    await assert.rejects(runAdminCommand(settings, 'none', {}), /no local command is called none/)
  })
})
