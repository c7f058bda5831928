import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { describe } from 'node:test'
import { describeOrder } from '../../src/orders/describe-order.ts'
import { parseCertificate } from '../../src/x509/certificate.ts'
import { addPlan, dayMs, load, onBothEngines, place, proven, start, type TestServices } from './open-test-services.ts'
import { contextOf } from '../support/context.ts'

/** Places an order, proves it and gives what its applicant gets. */
async function issue(
  test: TestServices,
  changes: Parameters<typeof place>[1],
): Promise<{ leaf: X509Certificate; keyPem: string; orderId: number }> {
  const order = await place(test, changes)
  test.world.look = () => Promise.resolve(proven)
  await test.services.advancer.advance(order.id, AbortSignal.timeout(20_000))
  assert.deepEqual(test.faults, [])
  const described = await describeOrder(test.services, order.id, contextOf(test.caller))
  assert(described.stage === 'issued')
  return {
    leaf: new X509Certificate(described.certificatePem),
    keyPem: described.privateKeyPem ?? assert.fail('no key'),
    orderId: order.id,
  }
}

void describe('a certificate', () => {
  onBothEngines('has the name of the order, the validity of the product, and the key that is handed out', async (test) => {
    const { leaf, keyPem, orderId } = await issue(test, { domain: 'WWW.Example.com.' })
    assert.equal(leaf.subjectAltName, 'DNS:www.example.com')
    assert.match(leaf.subject, /^CN=www\.example\.com$/)
    const days = (test.services.catalogue.find('digicert-free-1-free') ?? assert.fail()).validityDays
    // Both ends count, and the start lies an hour back for clients with slow clocks.
    assert.equal(leaf.validFromDate.getTime(), start - 3_600_000)
    assert.equal(leaf.validToDate.getTime() - leaf.validFromDate.getTime(), days * dayMs - 1_000)
    assert(leaf.checkPrivateKey(createPrivateKey(keyPem)))
    assert.match(keyPem, /^-----BEGIN EC PRIVATE KEY-----\n/)
    const order = await load(test, orderId)
    const { db } = test.services
    const row = await db.read.selectFrom('certificates').selectAll().where('order_id', '=', orderId).executeTakeFirstOrThrow()
    assert.deepEqual([order.certificate_id, row.account_id, row.source], [row.id, test.caller.accountId, 'order'])
    const intent = await db.read.selectFrom('issuance_intents').selectAll().where('serial', '=', row.serial).executeTakeFirstOrThrow()
    // No signature without its row: the octets that were signed are the intent's.
    assert.deepEqual(Buffer.from(intent.tbs), Buffer.from(parseCertificate(row.der).tbsDer))
    assert.equal(intent.order_id, orderId)
  })

  onBothEngines('is signed by the issuing CA, for servers only, and is no CA', async (test) => {
    const { leaf } = await issue(test, {})
    assert(
      leaf.verify(
        createPublicKey(
          new X509Certificate(Buffer.from(test.services.authority.issuerDer)).publicKey.export({ format: 'pem', type: 'spki' }),
        ),
      ),
    )
    assert.equal(leaf.ca, false)
    assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  })

  onBothEngines('of a wildcard product has the wildcard alone', async (test) => {
    await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: 'geotrust-dv-w-starter' })
    const { leaf } = await issue(test, { domain: '*.example.com', productCode: 'geotrust-dv-w-starter' })
    assert.equal(leaf.subjectAltName, 'DNS:*.example.com')
  })

  onBothEngines('has an RSA key in PKCS #1 if the order says so', async (test) => {
    const { leaf, keyPem } = await issue(test, { keyAlgorithm: 'RSA_2048' })
    assert.match(keyPem, /^-----BEGIN RSA PRIVATE KEY-----\n/)
    assert.equal(leaf.publicKey.asymmetricKeyDetails?.modulusLength, 2048)
    assert(leaf.checkPrivateKey(createPrivateKey(keyPem)))
  })

  onBothEngines('lies with its key sealed: the key in no row as it is', async (test) => {
    const { keyPem, orderId } = await issue(test, {})
    const pkcs8 = createPrivateKey(keyPem).export({ format: 'der', type: 'pkcs8' })
    const { db, sealer } = test.services
    const { sealed, id } = await db.read.selectFrom('keys').selectAll().executeTakeFirstOrThrow()
    assert(sealed !== null)
    assert.equal(Buffer.from(sealed).includes(pkcs8.subarray(-40, -20)), false)
    const binding = { purpose: 'certificateKey', accountId: test.caller.accountId, id: String(id) } as const
    assert.deepEqual(Buffer.from(sealer.open(sealed, binding)), pkcs8)
    assert.throws(() => sealer.open(sealed, { ...binding, accountId: test.caller.accountId + 1 }), { name: 'SealError' })
    assert.equal((await load(test, orderId)).run_at, null)
  })
})
