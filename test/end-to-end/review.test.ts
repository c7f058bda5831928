import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { startDnsServer } from '../../demo/dns-server.ts'
import { requiredChecks } from '../../src/orders/review-checks.ts'
import { company } from '../support/action-recipes.ts'
import { callGeneric, createCasClient } from '../support/cas-client.ts'
import { application, itOnBothEngines, until, withService } from '../support/service.ts'
import { assumeRole, callAs, createTrustingRole } from '../support/sessions.ts'
import { extension, extensionVersion, rootKey } from '../support/signed-call.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf, ram } from '../support/tenants.ts'

const record = '_dnsauth.www.example.com'
const ProductCode = 'symantec-ov-1-personal'
const proven = { proven: true, message: 'The record is there.', evidence: { method: 'DNS', queries: [] } } as const

/** Every check of an OV review, as parameters. */
const approval: Readonly<Record<string, string>> = Object.fromEntries(
  requiredChecks('OV', true).flatMap((Name, index) =>
    Object.entries({ Name, Result: 'passed', Source: 'a register' }).map(([field, value]) => [`Checks.${index + 1}.${field}`, value]),
  ),
)

describe('an OV order of a tenant', () => {
  itOnBothEngines('is explained while it waits for its proof, and issued when a reviewer of the operator approved it', async (data) => {
    const dns = await startDnsServer()
    const env = { CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}` }
    try {
      await withService(
        data,
        async (service) => {
          const { key } = await createTenantAccount(service, 'a tenant')
          const reviewer = await createUserWithKey(service, 'reviewer')
          await grant(service, 'reviewer', [
            { Effect: 'Allow', Action: ['yundun-cert:ReviewOrder', 'yundun-cert:ListReviews'], Resource: '*' },
          ])
          const ask = { Domain: 'www.example.com', ProductCode }
          const before = await service.succeed('CheckDomain', ask, { ...extension, key })
          assert.deepEqual([before['Ready'], before['UnitsLeft']], [false, 0])
          await service.succeed('PurchasePackage', { ProductCode, Count: '1' }, { ...extension, key })
          await service.succeed('CreateCompany', { ...company }, { key })
          const after = await service.succeed('CheckDomain', ask, { ...extension, key })
          assert.deepEqual([after['Ready'], after['UnitsLeft']], [true, 1], JSON.stringify(after))

          const placed = await service.succeed(
            'CreateCertificateForPackageRequest',
            { ...application, ProductCode, KeyAlgorithm: 'ECC_256' },
            { key },
          )
          const OrderId = String(placed['OrderId'])
          const explain = () => service.succeed('ExplainOrder', { OrderId }, { ...extension, key })
          await service.succeed('CheckValidation', { OrderId }, { ...extension, key })
          const waiting = await explain()
          const [look] = waiting['Looks'] as { Queries: { Resolver: string; Name: string; Rcode: string }[] }[]
          assert.equal(look?.Queries[0]?.Resolver, `${dns.address}:${dns.port}`)
          assert.equal(look.Queries[0]?.Name, record)
          const [advice = ''] = waiting['Advice'] as string[]
          const [, value = ''] =
            /^Put a TXT record at _dnsauth\.www\.example\.com with the value ([0-9a-z]+)\. /.exec(advice) ?? assert.fail(advice)
          dns.setTxt(record, [value])
          await until('the review', async () => ((await explain())['State'] === 'reviewing' ? true : undefined))

          const { Reviews } = await service.succeed('ListReviews', {}, { ...extension, key: reviewer })
          const [review] = Reviews as Readonly<Record<string, unknown>>[]
          assert.deepEqual([review?.['OrderId'], review?.['Names'], review?.['Decisions']], [Number(OrderId), ['www.example.com'], []])
          assert.equal((review?.['Organization'] as { Name?: string } | undefined)?.Name, company.CompanyName)
          assert.deepEqual(review?.['RequiredChecks'], requiredChecks('OV', true))
          const Checks = requiredChecks('OV', true).map((Name) => ({ Name, Result: 'passed', Source: 'a register' }))
          const verdict = { OrderId, Decision: 'approve', Reason: 'All in order.' }
          assert.equal(outcomeOf(await service.call('ReviewOrder', verdict, { ...extension, key })), '403 NoPermission')
          const decided = await callGeneric(createCasClient(service, reviewer), 'ReviewOrder', { ...verdict, Checks }, extensionVersion)
          assert.equal(decided['State'], 'approved')
          await until('the certificate', async () => ((await explain())['State'] === 'issued' ? true : undefined))
          // The tenant reads the decision, and not who made it: not in its trail either.
          const told = [await explain(), await service.succeed('LookupEvents', {}, { ...extension, key })].map((body) =>
            JSON.stringify(body),
          )
          assert.match(told[0] ?? '', /All in order\./)
          assert.match(told[1] ?? '', /review\.decided/)
          for (const text of told) assert.doesNotMatch(text, /user\/reviewer/)
        },
        env,
      )
    } finally {
      await dns.close()
    }
  })
})

describe("an OV order of a session in the operator's account", () => {
  itOnBothEngines(
    'is not approved by the user who began the session, whatever its name and by whatever session, but by another',
    async (data) => {
      const ports = { domainControl: { maxConcurrent: 1, check: () => Promise.resolve(proven) } }
      await withService(
        data,
        async (service) => {
          const [ann, ben] = [await createUserWithKey(service, 'ann'), await createUserWithKey(service, 'ben')]
          const all = [{ Effect: 'Allow', Action: '*', Resource: '*' }]
          for (const name of ['ann', 'ben']) await grant(service, name, all)
          const arns: string[] = []
          for (const name of ['orders', 'reviews']) {
            arns.push(await createTrustingRole(service, name, { Principal: { RAM: [`acs:ram::${service.accountId}:root`] } }))
            await service.succeed('AttachPolicyToRole', { RoleName: name, PolicyName: 'AdministratorAccess', PolicyType: 'System' }, ram)
          }
          const [orders = '', reviews = ''] = arns
          await service.succeed('PurchasePackage', { ProductCode, Count: '1' }, extension)
          await service.succeed('CreateCompany', { ...company })
          // Through a chain of sessions she is still behind it.
          const session = await assumeRole(service, await assumeRole(service, ann, reviews), orders)
          const placed = await callAs(service, session, 'CreateCertificateForPackageRequest', {
            ...application,
            ProductCode,
            KeyAlgorithm: 'ECC_256',
          })
          const OrderId = String(placed.body['OrderId'])
          await until('the review', async () => {
            const { State } = await service.succeed('ExplainOrder', { OrderId }, extension)
            return State === 'reviewing' ? true : undefined
          })
          await service.succeed('UpdateUser', { UserName: 'ann', NewUserName: 'another' }, ram)
          const verdict = { OrderId, Decision: 'approve', ...approval }
          for (const key of [ann, rootKey, await assumeRole(service, ann, reviews)]) {
            assert.equal(outcomeOf(await callAs(service, key, 'ReviewOrder', verdict, extension)), '403 OperationDenied.Reviewer')
          }
          const decided = await callAs(service, await assumeRole(service, ben, reviews), 'ReviewOrder', verdict, extension)
          assert.equal(decided.body['State'], 'approved', decided.text)
        },
        {},
        ports,
      )
    },
  )
})
