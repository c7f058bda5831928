import assert from 'node:assert/strict'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { describe } from 'node:test'
import { adminSocketPath, callAdminSocket, serveAdminSocket } from '../../src/admin/socket.ts'
import { load, onBothEngines, place, proven, type TestServices } from '../orders/open-test-services.ts'

/** Serves the socket of the test's folder while `body` runs. */
async function serving(test: TestServices, body: () => Promise<void>): Promise<void> {
  const admin = await serveAdminSocket(test.services)
  try {
    await body()
  } finally {
    await admin.close()
  }
}

void describe('the socket of local administration', () => {
  onBothEngines('is for its owner alone, gives commands, and is gone after the stop', async (test) => {
    await serving(test, async () => {
      assert.equal((statSync(adminSocketPath(test.folder)).mode & 0o777).toString(8), '600')
      const answer = await callAdminSocket(test.folder, 'plan-audit', {})
      assert.deepEqual(answer?.result, { plans: 2, lines: 2, differences: [], orders: [] })
    })
    assert.equal(existsSync(adminSocketPath(test.folder)), false)
    assert.equal(await callAdminSocket(test.folder, 'plan-audit', {}), undefined)
  })

  onBothEngines('refuses a command that does not exist, also one that every object has', async (test) => {
    await serving(test, async () => {
      for (const name of ['none', '', 'constructor', 'toString', '__proto__', 'plan-audit/']) {
        await assert.rejects(callAdminSocket(test.folder, name, {}), { message: 'no such command' })
      }
    })
  })

  onBothEngines('takes the place of what a killed process left behind', async (test) => {
    writeFileSync(adminSocketPath(test.folder), '')
    await serving(test, async () => assert.notEqual(await callAdminSocket(test.folder, 'plan-audit', {}), undefined))
    await leaveStaleSocket(adminSocketPath(test.folder))
    assert.equal(await callAdminSocket(test.folder, 'plan-audit', {}), undefined)
    await serving(test, async () => assert.notEqual(await callAdminSocket(test.folder, 'plan-audit', {}), undefined))
  })

  onBothEngines('of a process that runs is not taken away by another one on its folder', async (test) => {
    await serving(test, async () => {
      const other = await serveAdminSocket(test.services)
      await other.close()
      assert.notEqual(await callAdminSocket(test.folder, 'plan-audit', {}), undefined)
    })
  })

  onBothEngines('takes no input above 64 KiB, and goes on', async (test) => {
    await serving(test, async () => {
      await assert.rejects(callAdminSocket(test.folder, 'plan-audit', { text: 'x'.repeat(70_000) }))
      assert.notEqual(await callAdminSocket(test.folder, 'plan-audit', { text: 'x'.repeat(60_000) }), undefined)
    })
  })

  onBothEngines('does not hold up a stop because somebody is connected', async (test) => {
    const admin = await serveAdminSocket(test.services)
    const idle = connect(adminSocketPath(test.folder))
    idle.on('error', () => {})
    await new Promise((resolve) => idle.once('connect', resolve))
    idle.write('POST /plan-audit HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{')
    const started = performance.now()
    await admin.close()
    assert(performance.now() - started < 8_000)
    idle.destroy()
  })
})

void describe('the command that revokes', () => {
  onBothEngines('revokes once, with a known reason, and makes the CRL due', async (test) => {
    const order = await place(test)
    test.world.look = () => Promise.resolve(proven)
    await test.services.advancer.advance(order.id, AbortSignal.timeout(10_000))
    const { certificate_id: certificateId } = await load(test, order.id)
    await serving(test, async () => {
      const revoke = (input: Record<string, unknown>) => callAdminSocket(test.folder, 'certificate-revoke', input)
      for (const reason of ['none', 'toString', 1, undefined])
        await assert.rejects(revoke({ certificateId, reason }), /"reason" is not valid/)
      await assert.rejects(revoke({ certificateId: '1', reason: 'superseded' }), /"certificateId" is not valid/)
      await assert.rejects(revoke({ certificateId: 1, reason: 'superseded' }), /does not exist/)
      assert.deepEqual((await revoke({ certificateId, reason: 'keyCompromise' }))?.result, { certificateId })
      await assert.rejects(revoke({ certificateId, reason: 'keyCompromise' }), /revoked already/)
    })
    const { db, clock } = test.services
    assert.equal((await load(test, order.id)).state, 'revoked')
    const row = await db.read.selectFrom('certificates').selectAll().where('order_id', '=', order.id).executeTakeFirstOrThrow()
    assert.deepEqual([row.revoked_at, row.revocation_reason], [clock(), 1])
    const crl = await db.read.selectFrom('crls').selectAll().where('issuer_id', '=', row.issuer_id).executeTakeFirstOrThrow()
    assert(crl.run_at !== null && crl.run_at <= clock())
  })
})

/** A socket without a server, as a killed process leaves it. */
async function leaveStaleSocket(path: string): Promise<void> {
  const { renameSync } = await import('node:fs')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(`${path}.other`, resolve))
  // Renamed, it is not taken away when its server closes.
  renameSync(`${path}.other`, path)
  await new Promise((resolve) => server.close(resolve))
}
