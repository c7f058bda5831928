import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { onBothEngines, type TestServices } from '../orders/open-test-services.ts'

/** The key of a secret, as the database holds it. */
async function openKey({ services }: TestServices, version: number): Promise<Uint8Array> {
  const row = await services.db.read
    .selectFrom('shared_secrets')
    .select('sealed')
    .where('purpose', '=', 'acmeNonce')
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
  return services.sealer.open(row.sealed, { purpose: 'secret', accountId: 0, id: `acmeNonce/${version}` })
}

onBothEngines('the MAC of a shared secret is half of HMAC-SHA-256 (RFC 2104), behind the version of its key', async (test) => {
  const { secrets } = test.services
  for (const version of [1, 2]) {
    const key = await openKey(test, version)
    for (const data of ['', 'x', 'a nonce of twenty-two', 'y'.repeat(1_000)].map((text) => Buffer.from(text))) {
      const header = Buffer.from([0, 0, 0, version])
      const expected = createHmac('sha256', key).update(header).update(data).digest().subarray(0, 16)
      const mac = Buffer.from(secrets.mac('acmeNonce', data))
      assert.deepEqual(mac, Buffer.concat([header, expected]))
      assert.ok(await secrets.verifyMac('acmeNonce', data, mac))
      assert.ok(!(await secrets.verifyMac('acmeNonce', Buffer.concat([data, Buffer.from('.')]), mac)))
      assert.ok(!(await secrets.verifyMac('sessionToken', data, mac)))
    }
    await secrets.renew()
  }
})
