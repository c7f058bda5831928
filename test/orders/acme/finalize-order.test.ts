import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe } from 'node:test'
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509'
import type { AcmeCaller } from '../../../src/orders/acme/acme-caller.ts'
import { deactivateAuthorization } from '../../../src/orders/acme/deactivate-authorization.ts'
import { finalizeAcmeOrder } from '../../../src/orders/acme/finalize-order.ts'
import { thumbprintOf } from '../../../src/orders/acme/thumbprint.ts'
import { showAcmeOrder } from '../../../src/orders/acme/show-order.ts'
import type { Problem } from '../../../src/problem.ts'
import type { Services } from '../../../src/services.ts'
import { originOf } from '../../../src/storage/events.ts'
import { findCertificate } from '../../../src/storage/certificates.ts'
import { parseSpki } from '../../../src/x509/spki.ts'
import { exportSpki, generateTestKey, type TestKey } from '../../x509/keys.ts'
import { load, onBothEngines, type TestServices, writeDirectly } from '../open-test-services.ts'
import { linesOf, outcome, outcomes } from '../life-of-orders.ts'
import { assertAgrees, csrFor, doorSettings, finalize, joinDoor, openDoor, order, prove, runDue } from './door.ts'

const names = ['a.example.com', '*.a.example.com']

async function certificatesOf({ services: { db } }: TestServices, orderId: number): Promise<number> {
  return (await db.read.selectFrom('certificates').select('id').where('order_id', '=', orderId).execute()).length
}

async function csrWithMail(): Promise<Uint8Array> {
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const alternatives = [...names.map((value) => ({ type: 'dns' as const, value })), { type: 'email' as const, value: 'a@example.com' }]
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm,
    extensions: [new SubjectAlternativeNameExtension(alternatives)],
  })
  return new Uint8Array(request.rawData)
}

async function closeAccount({ services: { db, clock } }: TestServices, { acmeAccountId, context }: AcmeCaller): Promise<void> {
  const eventId = await db.nextId('events')
  await db.write.deactivateAcmeAccount({ acmeAccountId, caller: context.caller, origin: originOf(context), eventId, now: clock() })
}

function weakKey(): TestKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  return { ...generateTestKey('RSA-2048'), privateKey, spkiDer: exportSpki(createPublicKey(privateKey)) }
}

describe('finalize', () => {
  onBothEngines(
    'issues a certificate for exactly the names of the order and the key of the CSR, whatever else that asks for',
    async (test) => {
      const caller = await openDoor(test)
      const key = generateTestKey('P-256')
      const placed = await prove(test, caller, await order(test, caller, names))
      const spelt = csrFor(names.toReversed(), { key, commonName: 'A.Example.com' })
      const view = await finalize(test, caller, placed, spelt)
      assert.deepEqual([view.status, view.retryAfterS], ['valid', null])
      const row = (await findCertificate(test.services.db.read, view.certificateId ?? 0)) ?? assert.fail()
      const { der } = await test.services.db.read
        .selectFrom('certificates')
        .select('der')
        .where('id', '=', row.id)
        .executeTakeFirstOrThrow()
      const leaf = new X509Certificate(der)
      assert.deepEqual(leaf.subjectAltName?.split(', ').toSorted(), ['DNS:*.a.example.com', 'DNS:a.example.com'])
      assert.ok(leaf.checkPrivateKey(key.privateKey))
      assert.deepEqual(await linesOf(test, placed.id), ['reserve', 'commit'])
      assert.equal(await outcome(finalize(test, caller, placed)), 'orderNotReady')
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'refuses a CSR that is not for the order, and the order stays ready',
    async (test) => {
      const caller = await openDoor(test)
      const placed = await order(test, caller, names)
      assert.equal(await outcome(finalize(test, caller, placed)), 'orderNotReady')
      await prove(test, caller, placed)
      const good = csrFor(names)
      const accountKey = generateTestKey('P-256')
      const owner = { ...caller, thumbprint: thumbprintOf(parseSpki(accountKey.spkiDer)) ?? assert.fail() }
      const forged = Buffer.from(good)
      forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
      const blocked = generateTestKey('P-256')
      const bad: readonly (readonly [what: string, csr: Uint8Array, rule: RegExp])[] = [
        ['a name too many', csrFor([...names, 'b.example.com']), /does not have/],
        ['a name too few', csrFor(['a.example.com']), /does not ask for \*\.a\.example\.com/],
        ['no name', csrFor([]), /does not ask for/],
        ['a CN that is none of them', csrFor(names, { commonName: 'b.example.com' }), /does not have/],
        ['names of another kind', await csrWithMail(), /other kinds/],
        ['a forged signature', forged, /signature/],
        ['a weak key', csrFor(names, { key: weakKey() }), /cannot be certified/],
        ['no DER', Buffer.from('a CSR'), /PKCS #10/],
        ['more behind its end', Buffer.concat([good, Buffer.from([0])]), /PKCS #10/],
        ['too much', Buffer.concat([good, Buffer.alloc(16_384)]), /octets/],
      ]
      for (const [what, csr, rule] of bad) {
        await assert.rejects(finalize(test, caller, placed, csr), { problem: 'badCsr', message: rule }, what)
      }
      const own = csrFor(names, { key: accountKey })
      await assert.rejects(finalize(test, owner, placed, own), { problem: 'badCsr', message: /of the account/ })
      const { certificateId } = await finalize(test, caller, await prove(test, caller, await order(test, caller, ['x.example.com'])))
      await writeDirectly(
        test,
        `insert into blocked_keys (spki_sha256, reason, certificate_id, created_at)
           values ('${await spkiDigest(blocked)}', 1, ${certificateId}, 0)`,
      )
      await assert.rejects(finalize(test, caller, placed, csrFor(names, { key: blocked })), { problem: 'badCsr' })
      assert.equal((await showAcmeOrder(test.services, caller, placed.id)).status, 'ready')
      assert.equal(await outcome(finalize(test, await joinDoor(test), placed, good)), 'notFoundOrder')
      assert.equal(await certificatesOf(test, placed.id), 0)
      assert.equal((await finalize(test, caller, placed, good)).status, 'valid')
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'of several at once issues one certificate, which all of them see',
    async (test) => {
      const caller = await openDoor(test)
      const placed = await prove(test, caller, await order(test, caller, names))
      const results = await Promise.allSettled([1, 2, 3].map(() => finalize(test, caller, placed)))
      const seen = results.flatMap((one) => (one.status === 'fulfilled' ? [`${one.value.status} ${one.value.certificateId}`] : []))
      assert.deepEqual([new Set(seen).size, seen[0]?.split(' ')[0]], [1, 'valid'])
      // One that came when the certificate was there already is told so.
      for (const one of results) if (one.status === 'rejected') assert.equal((one.reason as Problem).problem, 'orderNotReady')
      assert.equal(await certificatesOf(test, placed.id), 1)
      assert.deepEqual(await linesOf(test, placed.id), ['reserve', 'commit'])
      const cards = await test.services.db.read.selectFrom('certificate_cards').select('id').execute()
      assert.equal(cards.length, 1)
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is refused once the account of the door, its external account key or the tenant is shut',
    async (test) => {
      const caller = await openDoor(test)
      const placed = await prove(test, caller, await order(test, caller, names))
      const { eabKeyId } = caller
      for (const [shut, open, problem] of [
        [`update eab_keys set status = 'Inactive' where id = '${eabKeyId}'`, `update eab_keys set status = 'Active'`, 'eabKeyUnusable'],
        [`update eab_keys set expires_at = ${test.clock.now}`, `update eab_keys set expires_at = null`, 'eabKeyUnusable'],
        [`update acme_accounts set status = 'revoked'`, `update acme_accounts set status = 'valid'`, 'callerInactive'],
        [`update accounts set status = 'suspended'`, `update accounts set status = 'active'`, 'eabKeyUnusable'],
      ] as const) {
        await writeDirectly(test, shut)
        // Rows that were changed past the service show after five seconds.
        test.clock.now += 6_000
        assert.deepEqual(await outcomes(finalize(test, caller, placed), finalize(test, caller, placed)), [problem, problem], shut)
        await writeDirectly(test, open)
        test.clock.now += 6_000
      }
      assert.equal(await certificatesOf(test, placed.id), 0)
      assert.equal((await finalize(test, caller, placed)).status, 'valid')
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'is refused once the external account key was narrowed away from its names or its product',
    async (test) => {
      const caller = await openDoor(test)
      const placed = await prove(test, caller, await order(test, caller, names))
      for (const [narrow, widen, problem] of [
        [`domains = '["a.example.com","*.other.example"]'`, `domains = '["a.example.com","*.a.example.com"]'`, 'rejectedIdentifier'],
        [`products = '["charged-mix"]'`, `products = '["charged-mix","dear-mix"]'`, 'invalidProfile'],
      ] as const) {
        await writeDirectly(test, `update eab_keys set ${narrow}`)
        test.clock.now += 6_000
        assert.equal(await outcome(finalize(test, caller, placed)), problem)
        await writeDirectly(test, `update eab_keys set ${widen}`)
        test.clock.now += 6_000
      }
      assert.equal(await certificatesOf(test, placed.id), 0)
      assert.equal((await finalize(test, caller, placed)).status, 'valid')
      await assertAgrees(test)
    },
    doorSettings,
  )

  onBothEngines(
    'issues nothing if an authorization or the account of the door was given up while the certificate was signed',
    async (test) => {
      const { services } = test
      const idle = { ...services.advancer, advance: () => Promise.resolve() }
      const giveUps: [string, (caller: AcmeCaller, authorizationId: number) => Promise<unknown>][] = [
        ['invalid', (caller, id) => deactivateAuthorization({ ...services, advancer: idle }, caller, id)],
        ['callerInactive', (caller) => closeAccount(test, caller)],
      ]
      await openDoor(test)
      for (const [seen, giveUp] of giveUps) {
        const caller = await joinDoor(test)
        const placed = await prove(test, caller, await order(test, caller, names), 'dns-01')
        const { rev } = await load(test, placed.id)
        const { authority } = services
        const sign: Services['authority']['sign'] = async (...wish) => {
          await giveUp(caller, placed.authorizationIds[0] ?? 0)
          return await authority.sign(...wish)
        }
        const late = finalizeAcmeOrder({ ...services, authority: { ...authority, sign } }, caller, placed.id, csrFor(names))
        assert.equal(
          await late.then(
            ({ status }) => status,
            (error: Problem) => error.problem,
          ),
          seen,
        )
        assert.equal(await certificatesOf(test, placed.id), 0)
        assert.equal((await load(test, placed.id)).rev, rev + 1)
        await runDue(test)
        assert.deepEqual(await linesOf(test, placed.id), ['reserve', 'refund'])
      }
      await assertAgrees(test)
    },
    doorSettings,
  )
})

async function spkiDigest(key: TestKey): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(key.spkiDer))).toString('hex')
}
