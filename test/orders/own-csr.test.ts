import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe } from 'node:test'
import { cancelOrder } from '../../src/orders/cancel-order.ts'
import { deleteOrder } from '../../src/orders/delete-order.ts'
import { describeOrder } from '../../src/orders/describe-order.ts'
import { namesOf } from '../../src/orders/order-names.ts'
import type { OrderRequest } from '../../src/orders/place-order.ts'
import { withdrawOrder } from '../../src/orders/withdraw-order.ts'
import { Problem } from '../../src/problem.ts'
import { contextOf } from '../support/context.ts'
import { exportSpki, generateTestKey, type TestKey } from '../x509/keys.ts'
import { assertAgrees, issueOne, outcome, paid } from './life-of-orders.ts'
import { makeCsr } from './make-csr.ts'
import { addPlan, dayMs, onBothEngines, place, start, type TestServices } from './open-test-services.ts'

const withCsr = (csr: string, changes: Partial<OrderRequest> = {}): Partial<OrderRequest> => ({
  csr,
  domain: undefined,
  keyAlgorithm: undefined,
  ...changes,
})

async function refusal(test: TestServices, changes: Partial<OrderRequest>): Promise<string> {
  try {
    await place(test, changes)
    return 'accepted'
  } catch (error) {
    if (error instanceof Problem) return `${error.problem} ${error.params['P'] ?? ''}`.trim()
    throw error
  }
}

const rsaKey = (modulusLength: number): TestKey => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength })
  return { privateKey, spkiDer: exportSpki(createPublicKey(privateKey)), algorithm: 'sha256WithRSAEncryption' }
}

void describe("an order with the applicant's CSR", () => {
  onBothEngines('certifies its key for its CN alone, and no private key is held', async (test) => {
    const key = generateTestKey('P-384')
    const order = await issueOne(test, withCsr(makeCsr('WWW.Example.com', key, ['evil.example.org'])))
    assert.deepEqual([order.domain, order.key_algorithm], ['www.example.com', 'ECC_384'])
    const described = await describeOrder(test.services, order.id, contextOf(test.caller))
    assert(described.stage === 'issued')
    assert.deepEqual([described.privateKeyPem, described.keyWithheld], [undefined, false])
    const leaf = new X509Certificate(described.certificatePem)
    assert.equal(leaf.subjectAltName, 'DNS:www.example.com')
    assert.deepEqual(leaf.publicKey.export({ format: 'der', type: 'spki' }), Buffer.from(key.spkiDer))
    assert.deepEqual(await test.services.db.read.selectFrom('keys').selectAll().execute(), [])
    await cancelOrder(test.services, contextOf(test.caller), order.id)
    await assertAgrees(test)
  })

  onBothEngines('takes further names beside the CN where Domain holds it too, else the CN wins', async (test) => {
    await addPlan(test, { units: 5, validUntil: start + dayMs, productCode: paid })
    const names = async (domain: string) =>
      namesOf(await place(test, withCsr(makeCsr('b.example.com'), { names: 'several', productCode: paid, domain })))
    assert.deepEqual(await names('a.example.com,B.example.com,c.example.com'), ['b.example.com', 'a.example.com', 'c.example.com'])
    assert.deepEqual(await names('a.example.com'), ['b.example.com'])
    assert.deepEqual(await names(''), ['b.example.com'])
  })

  onBothEngines('has a key that no other order of the account has, until it is deleted', async (test) => {
    const key = generateTestKey('P-256')
    const first = await place(test, withCsr(makeCsr('www.example.com', key)))
    assert.equal(await refusal(test, withCsr(makeCsr('other.example.com', key))), 'csrUsed')
    await withdrawOrder(test.services, contextOf(test.caller), first.id)
    await deleteOrder(test.services, contextOf(test.caller), first.id)
    const second = await issueOne(test, withCsr(makeCsr('other.example.com', key)))
    await cancelOrder(test.services, contextOf(test.caller), second.id)
    assert.equal(await refusal(test, withCsr(makeCsr('other.example.com', key))), 'csrUsed')
    await assertAgrees(test)
  })

  onBothEngines('is refused where key, signature or name are not in order, and takes no unit', async (test) => {
    const p256 = generateTestKey('P-256')
    const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
    const ed25519 = generateKeyPairSync('ed25519').privateKey
    const foreign = (privateKey: TestKey['privateKey']): TestKey => ({ ...p256, spkiDer: exportSpki(createPublicKey(privateKey)) })
    const good = makeCsr('www.example.com', p256)
    for (const [csr, expected] of [
      ['nonsense', 'invalidParameter Csr'],
      [good.replace('CERTIFICATE REQUEST-----\n', 'CERTIFICATE-----\n'), 'invalidParameter Csr'],
      [good + good, 'invalidParameter Csr'],
      ['x'.repeat(16_385), 'invalidParameter Csr'],
      [makeCsr('www.example.com', rsaKey(1024)), 'invalidParameter Csr'],
      [makeCsr('www.example.com', rsaKey(2056)), 'invalidParameter Csr'],
      [makeCsr('www.example.com', foreign(p521)), 'invalidParameter Csr'],
      [makeCsr('www.example.com', foreign(ed25519)), 'invalidParameter Csr'],
      [makeCsr('www.example.com', foreign(generateTestKey('P-256').privateKey)), 'invalidParameter Csr'],
      [makeCsr(undefined, p256), 'invalidParameter Csr'],
      [makeCsr('not a name', p256), 'invalidParameter Csr'],
      [makeCsr('10.0.0.1', p256), 'invalidParameter Csr'],
      [makeCsr('*.example.com', p256), 'invalidParameter Csr'],
    ] as const) {
      assert.equal(await refusal(test, withCsr(csr)), expected, csr)
    }
    assert.equal(await refusal(test, withCsr(good, { keyAlgorithm: 'ECC_256' })), 'invalidParameter KeyAlgorithm')
    assert.equal((await test.services.db.read.selectFrom('plans').select('used').executeTakeFirstOrThrow()).used, 0)
    assert.equal(await outcome(place(test, withCsr(good))), 'done')
  })

  onBothEngines(
    'serves a product for which the service makes no keys',
    async (test) => {
      await addPlan(test, { units: 1, validUntil: start + dayMs, productCode: 'own-dv-1' })
      assert.equal((await place(test, withCsr(makeCsr('www.example.com'), { productCode: 'own-dv-1' }))).state, 'validating')
    },
    { CHANCERY_PRODUCTS_FILE: `${import.meta.dirname}/product-without-custody.json` },
  )
})

void describe('an order of several names', () => {
  const several = (domain: string, changes: Partial<OrderRequest> = {}) =>
    ({ names: 'several', productCode: paid, domain, ...changes }) as const

  onBothEngines('takes up to five, each once, all of the kind that the product takes', async (test) => {
    await addPlan(test, { units: 5, validUntil: start + dayMs, productCode: paid })
    await addPlan(test, { units: 5, validUntil: start + dayMs, productCode: 'geotrust-dv-w-starter' })
    const five = [1, 2, 3, 4, 5].map((n) => `n${n}.example.com`)
    assert.deepEqual(namesOf(await place(test, several(five.join(', ')))), five)
    assert.deepEqual(namesOf(await place(test, several(`${five.join(',')},N1.example.com.`))), five)
    assert.equal(await refusal(test, several(`${five.join(',')},n6.example.com`)), 'invalidParameter Domain')
    assert.equal(await refusal(test, several(`${five.slice(0, 4).join(',')},*.example.com`)), 'invalidParameter Domain')
    const wild = { productCode: 'geotrust-dv-w-starter' }
    assert.equal(await refusal(test, several('*.example.com,example.com', wild)), 'invalidParameter Domain')
    assert.equal(
      await refusal(test, several('*.a.example.com,*.b.example.com', { ...wild, method: 'FILE' })),
      'invalidParameter ValidateType',
    )
    assert.equal(await refusal(test, several('*.a.example.com,*.b.example.com', wild)), 'accepted')
    assert.equal(await refusal(test, several('a.example.com,,b.example.com')), 'invalidParameter Domain')
  })
})
