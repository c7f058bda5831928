import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { makeCsr } from '../../orders/make-csr.ts'
import { application, describeService } from '../../support/service.ts'
import { extension, type SigningKey } from '../../support/signed-call.ts'
import { createUserWithKey, grant, outcomeOf, type PolicyStatement } from '../../support/tenants.ts'

const mine = '*.team.example.com'
const actions = ['CreateCertificateRequest', 'CreateCertificateWithCsrRequest', 'CreateCertificateForPackageRequest']
const { Domain: _, ...withoutNames } = application

describeService('policies about the names of a new order', (service) => {
  let key: SigningKey
  before(async () => {
    key = await createUserWithKey(service(), 'team')
    await service().succeed('UpdateAccount', { AccountId: String(service().accountId), SetOperators: 'true' }, extension)
    await service().succeed('PurchasePackage', { ProductCode: 'geotrust-dv-1-starter', Count: '50' }, extension)
  })

  async function tried(statement: PolicyStatement, calls: () => Promise<void>): Promise<void> {
    const take = await grant(service(), 'team', [
      { Effect: 'Allow', Action: actions.map((action) => `yundun-cert:${action}`), Resource: '*', ...statement },
    ])
    try {
      await calls()
    } finally {
      await take()
    }
  }

  const call = async (action: string, names: Readonly<Record<string, string>>): Promise<string> =>
    outcomeOf(await service().call(action, { ...withoutNames, ProductCode: 'geotrust-dv-1-starter', ...names }, { key }))

  it("look at a CSR's CN, and at the names beside it that the order takes", async () => {
    await tried({ Condition: { StringLike: { 'yundun-cert:Domain': mine } } }, async () => {
      assert.equal(await call('CreateCertificateWithCsrRequest', { Csr: makeCsr('a.team.example.com') }), 'OK')
      assert.equal(await call('CreateCertificateWithCsrRequest', { Csr: makeCsr('WWW.example.com') }), '403 NoPermission')
      assert.equal(await call('CreateCertificateForPackageRequest', { Csr: makeCsr('www.example.com') }), '403 NoPermission')
      const csr = makeCsr('b.team.example.com')
      assert.equal(
        await call('CreateCertificateForPackageRequest', { Csr: csr, Domain: 'b.team.example.com,www.example.com' }),
        '403 NoPermission',
      )
      assert.equal(await call('CreateCertificateForPackageRequest', { Csr: csr, Domain: 'b.team.example.com,c.team.example.com' }), 'OK')
      // What cannot be read asks for no name: nobody is allowed it by name.
      assert.equal(await call('CreateCertificateWithCsrRequest', { Csr: 'no CSR' }), '403 NoPermission')
    })
  })

  it('are not met by a name in a parameter that the operation ignores', async () => {
    // Met by one allowed name among others: an operation must not count names that its order does not carry.
    await tried({ Condition: { 'ForAnyValue:StringLike': { 'yundun-cert:Domain': mine } } }, async () => {
      const allowed = { Csr: makeCsr('a.team.example.com'), Domain: 'a.team.example.com' }
      assert.equal(await call('CreateCertificateRequest', { ...allowed, Domain: 'www.example.com' }), '403 NoPermission')
      assert.equal(await call('CreateCertificateWithCsrRequest', { ...allowed, Csr: makeCsr('www.example.com') }), '403 NoPermission')
      // The CN wins.
      assert.equal(await call('CreateCertificateForPackageRequest', { ...allowed, Csr: makeCsr('www.example.com') }), '403 NoPermission')
    })
  })

  it('see the name of a preflight as the order would carry it', async () => {
    const ask = async (Domain: string) => outcomeOf(await service().call('CheckDomain', { Domain }, { ...extension, key }))
    const CheckDomain = { Action: 'yundun-cert:CheckDomain' }
    await tried({ ...CheckDomain, Condition: { StringLike: { 'yundun-cert:Domain': [mine, 'xn--bcher-kva.example.com'] } } }, async () => {
      for (const name of ['a.team.example.com', 'A.Team.Example.COM.', 'Bücher.example.com']) assert.equal(await ask(name), 'OK', name)
      assert.equal(await ask('www.example.com'), '403 NoPermission')
    })
    const take = await grant(service(), 'team', [{ Effect: 'Allow', ...CheckDomain, Resource: '*' }])
    try {
      await tried({ ...CheckDomain, Effect: 'Deny', Condition: { StringLike: { 'yundun-cert:Domain': mine } } }, async () => {
        for (const name of ['A.Team.Example.COM', 'a.team.example.com.']) assert.equal(await ask(name), '403 NoPermission', name)
        assert.equal(await ask('www.example.com'), 'OK')
      })
    } finally {
      await take()
    }
  })
})
