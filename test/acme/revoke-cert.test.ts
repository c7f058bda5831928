import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { revokeCert } from '../../src/acme/revoke-cert.ts'
import { renewCrl } from '../../src/ca/renew-crl.ts'
import type { AcmeCaller } from '../../src/orders/acme/acme-caller.ts'
import { findCrl } from '../../src/storage/certificates.ts'
import { parseCrl, type RevokedCertificate } from '../../src/x509/crl.ts'
import { makeCsr } from '../orders/make-csr.ts'
import { dayMs, onBothEngines, place, type TestServices, writeDirectly } from '../orders/open-test-services.ts'
import { generateTestKey, type TestKey } from '../x509/keys.ts'
import { ask, type IssuedCertificate, issueFor, makeAcmeCaller, rowOf } from './issued-certificates.ts'

const revoke = async (test: TestServices, signer: AcmeCaller | TestKey, { der }: Pick<IssuedCertificate, 'der'>, reason?: unknown) =>
  ask(test, revokeCert, {
    signer,
    payload: { certificate: Buffer.from(der).toString('base64url'), ...(reason !== undefined && { reason }) },
  })

/** What the next CRL says of a certificate, whose signing has to be due at once. */
async function onCrl(test: TestServices, { id, serial }: IssuedCertificate): Promise<RevokedCertificate | undefined> {
  const { db } = test.services
  const { issuer_id: issuerId, crl_shard: shard } = await rowOf(test, id)
  const crl = await findCrl(db.read, issuerId, shard)
  assert(crl?.run_at != null && crl.run_at <= test.clock.now, 'no CRL is due')
  assert(await renewCrl(test.services, { issuerId, shard, number: crl.number, dueAt: crl.run_at }))
  const { der } = (await findCrl(db.read, issuerId, shard)) ?? {}
  return parseCrl(der ?? assert.fail('no CRL')).revoked.find((entry) => entry.serial === serial)
}

/** Makes the caller hold a valid authorization for a name. */
async function prove(
  test: TestServices,
  { acmeAccountId }: AcmeCaller,
  identifier: string,
  expiresAt = test.clock.now + dayMs,
): Promise<void> {
  const id = await test.services.db.nextId('authorizations')
  await writeDirectly(
    test,
    `insert into authorizations (id, account_id, identifier, method, token, created_at, expires_at, validated_at, acme_account_id, state)
     values (${id}, ${test.caller.accountId}, '${identifier}', 'dns-01', 't', 1, ${expiresAt}, 1, ${acmeAccountId}, 'valid')`,
  )
}

void describe('revoke-cert', () => {
  onBothEngines(
    '71. and 75. lets the account that ordered it revoke: 200, no body, on the next CRL, order and account untouched (7.6)',
    async (test) => {
      const owner = await makeAcmeCaller(test)
      const issued = await issueFor(test, owner)
      const quota = await test.services.db.read.selectFrom('plans').select('used').executeTakeFirstOrThrow()
      const reply = await revoke(test, owner, issued, 4)
      assert.equal(reply.status, 200)
      assert.equal(reply.body, undefined)
      const { revoked_at: at, revocation_reason: reason } = await rowOf(test, issued.id)
      assert.deepEqual([at, reason], [test.clock.now, 4])
      assert.equal((await onCrl(test, issued))?.reason, 4)
      assert.deepEqual(await test.services.db.read.selectFrom('plans').select('used').executeTakeFirstOrThrow(), quota)
      const event = await test.services.db.read
        .selectFrom('events')
        .selectAll()
        .where('kind', '=', 'certificate.revoked')
        .executeTakeFirstOrThrow()
      assert.deepEqual(
        [event.principal, event.action, event.resource],
        [owner.context.caller.principal, 'AcmeRevokeCert', `certificate/${issued.id}`],
      )
    },
  )

  onBothEngines('71. lets the account revoke when its external account key is off (7.6)', async (test) => {
    const owner = await makeAcmeCaller(test)
    const issued = await issueFor(test, owner)
    await writeDirectly(
      test,
      `insert into eab_keys (id, account_id, name, mac_sealed, status, products, tags, units_used, accounts_bound, created_at, updated_at)
       values ('eab-off', ${test.caller.accountId}, 'off', ${test.services.db.engine === 'postgres' ? `'\\x00'` : `x'00'`}, 'Inactive', '[]', '[]', 0, 1, 1, 1)`,
    )
    await writeDirectly(test, `update acme_accounts set eab_key_id = 'eab-off' where id = ${owner.acmeAccountId}`)
    await revoke(test, { ...owner, eabKeyId: 'eab-off' }, issued)
    assert.equal((await rowOf(test, issued.id)).revoked_at, test.clock.now)
  })

  onBothEngines('71. lets an account of the tenant with authorizations for all names revoke, and nobody else (7.6)', async (test) => {
    const [owner, other] = [await makeAcmeCaller(test), await makeAcmeCaller(test)]
    const issued = await issueFor(test, owner)
    await assert.rejects(revoke(test, other, issued), { problem: 'revocationDenied' })
    await prove(test, other, 'example.com')
    await prove(test, other, '*.example.com')
    await prove(test, other, 'www.example.com', test.clock.now)
    await assert.rejects(revoke(test, other, issued), { problem: 'revocationDenied' }, 'an authorization that has expired')
    await prove(test, other, 'www.example.com')
    await revoke(test, other, issued, 1)
    assert.equal((await rowOf(test, issued.id)).revocation_reason, 1)
    // Of a key that it does not hold it can tell nothing.
    assert.deepEqual(await test.services.db.read.selectFrom('blocked_keys').selectAll().execute(), [])
  })

  onBothEngines(
    '71. and 73. lets the certificate key revoke, as compromised whatever is said, and never certifies it again (7.6)',
    async (test) => {
      const issued = await issueFor(test, await makeAcmeCaller(test))
      await assert.rejects(revoke(test, generateTestKey('P-256'), issued), { problem: 'revocationDenied' })
      assert.equal((await rowOf(test, issued.id)).revoked_at, null)
      await revoke(test, issued.key, issued, 4)
      assert.deepEqual((await onCrl(test, issued))?.reason, 1)
      const event = await test.services.db.read
        .selectFrom('events')
        .selectAll()
        .where('kind', '=', 'certificate.revoked')
        .executeTakeFirstOrThrow()
      assert.equal(event.principal, 'certificate-key')
      assert.deepEqual(JSON.parse(event.detail), { reason: 1, refunded: false, keyBlocked: true })
      await assert.rejects(
        place(test, { domain: undefined, keyAlgorithm: undefined, csr: makeCsr('b.example.com', issued.key) }),
        (error: Error) => {
          assert.match(error.message, /compromised/)
          return true
        },
      )
      // Any other key is taken.
      await place(test, { domain: undefined, keyAlgorithm: undefined, csr: makeCsr('b.example.com') })
    },
  )

  onBothEngines('71. serves RSA keys too', async (test) => {
    const issued = await issueFor(test, await makeAcmeCaller(test), 'rsa.example.com', generateTestKey('RSA-2048'))
    await revoke(test, issued.key, issued)
    assert.equal((await rowOf(test, issued.id)).revocation_reason, 1)
  })

  onBothEngines('72. knows its own certificates alone, octet for octet (7.6)', async (test) => {
    const owner = await makeAcmeCaller(test)
    const issued = await issueFor(test, owner)
    // Another signature under the same serial number.
    const forged = Buffer.from(issued.der)
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    await assert.rejects(revoke(test, owner, { der: forged }), { problem: 'notFoundCertificate' })
    await assert.rejects(revoke(test, issued.key, { der: forged }), { problem: 'notFoundCertificate' })
    await assert.rejects(revoke(test, owner, { der: test.services.authority.issuerDer }), { problem: 'notFoundCertificate' })
    // An authorityKeyIdentifier that is none: SET instead of SEQUENCE.
    const odd = Buffer.from(issued.der)
    odd[odd.indexOf(Buffer.from('30168014', 'hex'))] = 0x31
    await assert.rejects(revoke(test, owner, { der: odd }), { problem: 'acmeMalformed' })
    const texts = [undefined, 7, '', 'AA', 'A+/A', `${Buffer.from(issued.der).toString('base64url')}=`, 'A'.repeat(40_000)]
    for (const certificate of texts) {
      await assert.rejects(
        ask(test, revokeCert, { signer: owner, payload: { certificate } }),
        { problem: 'acmeMalformed' },
        String(certificate),
      )
    }
    assert.equal((await rowOf(test, issued.id)).revoked_at, null)
  })

  onBothEngines('73. takes the reasons 0, 1, 3, 4 and 5 and names them when it refuses another (7.6)', async (test) => {
    const owner = await makeAcmeCaller(test)
    const issued = await issueFor(test, owner)
    for (const reason of [2, 6, 7, 8, 9, 10, 11, -1]) {
      await assert.rejects(revoke(test, owner, issued, reason), { problem: 'badRevocationReason', message: /0, 1, 3, 4, 5/ })
    }
    for (const reason of ['1', 1.5, null, true]) await assert.rejects(revoke(test, owner, issued, reason), { problem: 'acmeMalformed' })
    for (const reason of [undefined, 0, 1, 3, 5]) {
      const one = await issueFor(test, owner, `r${reason}.example.com`)
      await revoke(test, owner, one, reason)
      assert.equal((await rowOf(test, one.id)).revocation_reason, reason ?? 0)
      // 0 is written as no reason.
      assert.equal((await onCrl(test, one))?.reason, reason ?? 0)
    }
  })

  onBothEngines('74. refuses a second revocation, but for the key that turns out to be compromised (7.6)', async (test) => {
    const owner = await makeAcmeCaller(test)
    const issued = await issueFor(test, owner)
    await revoke(test, owner, issued, 4)
    const first = await rowOf(test, issued.id)
    await onCrl(test, issued)
    test.clock.now += 60_000
    await assert.rejects(revoke(test, owner, issued, 1), { problem: 'certificateRevoked' })
    await revoke(test, issued.key, issued)
    const second = await rowOf(test, issued.id)
    assert.deepEqual([second.revoked_at, second.revocation_reason], [first.revoked_at, 1])
    assert.equal((await onCrl(test, issued))?.reason, 1)
    await assert.rejects(revoke(test, issued.key, issued), { problem: 'certificateRevoked' })
    assert.equal((await test.services.db.read.selectFrom('blocked_keys').selectAll().execute()).length, 1)
  })

  onBothEngines('does nothing to a certificate that has expired', async (test) => {
    const owner = await makeAcmeCaller(test)
    const issued = await issueFor(test, owner)
    test.clock.now = (await rowOf(test, issued.id)).not_after + 1000
    await assert.rejects(revoke(test, owner, issued), { problem: 'acmeMalformed' })
  })

  onBothEngines('asks the permission of the user that the account stands for', async (test) => {
    const owner = await makeAcmeCaller(test)
    const issued = await issueFor(test, owner)
    const { caller } = owner.context
    const asUser: AcmeCaller = {
      ...owner,
      context: { ...owner.context, caller: { ...caller, identity: { kind: 'user', userId: 999, userName: 'nobody' } } },
    }
    await assert.rejects(revoke(test, asUser, issued), { problem: 'noPermission' })
    assert.equal((await rowOf(test, issued.id)).revoked_at, null)
  })

  onBothEngines('lets two revocations at once have one effect', async (test) => {
    const owner = await makeAcmeCaller(test)
    const issued = await issueFor(test, owner)
    const both = await Promise.allSettled([revoke(test, owner, issued), revoke(test, owner, issued)])
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
    const events = await test.services.db.read.selectFrom('events').select('id').where('kind', '=', 'certificate.revoked').execute()
    assert.equal(events.length, 1)
  })
})
