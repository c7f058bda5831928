import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestData, itOnEngine, type TestData } from '../support/service.ts'
import { spawnService } from '../support/service-process.ts'
import { callSigned } from '../support/signed-call.ts'

const LIMIT = 60
const SECONDS = 12

describe('the limit of an operation', () => {
  itOnEngine('postgres', 'is one limit for three processes: over any 10 s at most 1.25 times it and one burst', async (data) => {
    const folders: TestData[] = await Promise.all(
      [1, 2].map(async () => ({ ...(await createTestData('sqlite')), databaseUrl: data.databaseUrl })),
    )
    const env = { CHANCERY_CALL_RATES: `DescribePackageState=${LIMIT}`, CHANCERY_ROLES: 'api' }
    const first = await spawnService(data, env)
    const masterKey = { CHANCERY_MASTER_KEY_FILE: `${data.folder}/master.key` }
    const others = await Promise.all(folders.map((folder) => spawnService(folder, { ...env, ...masterKey })))
    const processes = [first, ...others]
    const passed: number[] = []
    let refused = 0
    const until = Date.now() + SECONDS * 1000
    const hammer = async (endpoint: string): Promise<void> => {
      while (Date.now() < until) {
        const { status, body } = await callSigned(endpoint, 'DescribePackageState', {})
        if (status === 200) passed.push(Date.now())
        else {
          assert.equal(body['Code'], 'Throttling.User')
          refused += 1
          await sleep(10)
        }
      }
    }
    try {
      // Three at each: all are asked more than they may answer.
      await Promise.all(processes.flatMap(({ endpoint }) => [hammer(endpoint), hammer(endpoint), hammer(endpoint)]))
    } finally {
      await Promise.all(processes.map((process) => process.end()))
      for (const folder of folders) folder.remove()
    }
    assert.ok(refused > 0)
    for (const start of passed) {
      const count = passed.filter((at) => at >= start && at < start + 10_000).length
      assert.ok(count <= 1.25 * LIMIT * 10 + LIMIT, `${count} calls in 10 s`)
    }
    const last = passed.filter((at) => at >= until - 8_000).length
    assert.ok(last >= 0.7 * LIMIT * 8, `${last} calls in the last 8 s: the limit is not used up`)
  })
})
