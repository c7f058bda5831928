import assert from 'node:assert/strict'
import { it } from 'node:test'
import Cas from '@alicloud/cas20200407'
import { company } from '../support/action-recipes.ts'
import { callGeneric, createCasClient } from '../support/cas-client.ts'
import { codeOf } from '../support/ram-client.ts'
import { application, describeService, type TestService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { countStored, writeDirectly } from '../support/stored.ts'
import { createTenantAccount, outcomeOf } from '../support/tenants.ts'

const robot = 'https://oapi.dingtalk.com/robot/send?access_token=0123'

/** Fills an account up to a number of contacts or companies. */
async function fill(service: TestService, table: 'contacts' | 'companies', accountId: number, count: number): Promise<void> {
  const [columns, values] =
    table === 'contacts'
      ? ['name, mobile, email, webhooks', `'filled', '12345', '', '[]'`]
      : [
          'name, code, kind, address, phone, city, province, post_code, country, lang, email, department',
          `'filled', '1', 1, 'a', '12345', 'c', 'p', '1', 'CN', 'zh', '', ''`,
        ]
  await writeDirectly(
    service,
    `with recursive s (n) as (select 1 union all select n + 1 from s where n < ${count})
     insert into ${table} (id, account_id, ${columns}, created_at, updated_at) select n, ${accountId}, ${values}, 1, 1 from s`,
  )
}

describeService('contacts', (service) => {
  const call = (action: string, input: object) => callGeneric(createCasClient(service()), action, input)

  it('are made, shown, changed, listed and deleted by the official client', async () => {
    const client = createCasClient(service())
    const { ContactId } = await call('CreateContact', {
      Name: 'Ada Lovelace',
      Mobile: '+44 20 7946 0001',
      Email: 'ada@example.com',
      Idcard: '11010519491231002X',
      Webhooks: JSON.stringify([robot]),
    })
    assert.equal(typeof ContactId, 'number')
    const shown = {
      ContactId,
      Name: 'Ada Lovelace',
      Mobile: '+44 20 7946 0001',
      MobileStatus: 0,
      Email: 'ada@example.com',
      EmailStatus: 0,
      Webhooks: JSON.stringify([robot]),
      WebhookList: [robot],
    }
    const { RequestId: _id, ...first } = await call('GetContact', { ContactId })
    assert.deepEqual(first, { ...shown, IdCard: '**************002X' })

    const { body: list } = await client.listContact(new Cas.ListContactRequest({ keyword: 'LOVELACE' }))
    assert.deepEqual([list?.currentPage, list?.showSize, list?.totalCount, list?.keyword], [1, 20, 1, 'LOVELACE'])
    const { WebhookList: _list, ...listed } = shown
    assert.deepEqual(
      list?.contactList?.map((one) => one.toMap()),
      [listed],
    )

    await call('UpdateContact', { ContactId, Mobile: '13900009999', Email: '' })
    const { RequestId: _other, ...second } = await call('GetContact', { ContactId })
    assert.deepEqual(second, { ...shown, Mobile: '13900009999', Email: '', IdCard: '**************002X' })
    await call('UpdateContact', { ContactId, Idcard: '', Webhooks: '[]' })
    const third = await call('GetContact', { ContactId })
    assert.deepEqual([third['IdCard'], third['Webhooks'], third['WebhookList']], ['', '[]', []])

    await call('DeleteContact', { ContactId })
    for (const action of ['GetContact', 'UpdateContact', 'DeleteContact']) {
      assert.equal(await codeOf(call(action, { ContactId })), '400 NotFound', action)
    }
    const events = await service()
      .services.db.read.selectFrom('events')
      .select(['kind', 'detail'])
      .where('resource', '=', `contact/${String(ContactId)}`)
      .where('kind', 'like', 'contact.%')
      .orderBy('id')
      .execute()
    assert.deepEqual(
      events.map((event) => ({ ...event })),
      [
        { kind: 'contact.created', detail: '{}' },
        { kind: 'contact.updated', detail: '{"fields":"mobile,email"}' },
        { kind: 'contact.updated', detail: '{"fields":"webhooks,idCard"}' },
        { kind: 'contact.deleted', detail: '{}' },
      ],
    )
  })

  it('have an identity card that is sealed, in no list and in no log', async () => {
    const Idcard = 'P4711-08-15-GB'
    const { ContactId } = await call('CreateContact', { Name: 'Secret', Mobile: '13900001234', Idcard })
    const row = await service()
      .services.db.read.selectFrom('contacts')
      .select('id_card_sealed')
      .where('id', '=', Number(ContactId))
      .executeTakeFirstOrThrow()
    assert.ok(row.id_card_sealed !== null && !Buffer.from(row.id_card_sealed).includes(Idcard))
    const { text } = await service().call('ListContact', { Keyword: 'Secret' })
    assert.ok(text.includes('Secret') && !/card|0?815/i.test(text), text)
    assert.ok(!service().logLines.some((line) => line.includes(Idcard)))
    const trail = await service().succeed('LookupEvents', {}, extension)
    assert.ok(!JSON.stringify(trail).includes(Idcard))
  })

  it('are listed by page, the latest first, and found by name, mobile and mail address', async () => {
    const { key } = await createTenantAccount(service(), 'who has contacts')
    for (const [Name, Mobile, Email] of [
      ['one', '11111', 'a@example.com'],
      ['two', '22222', 'b@example.com'],
      ['three', '33333', 'b@example.org'],
    ] as const) {
      await service().succeed('CreateContact', { Name, Mobile, Email }, { key })
    }
    const names = async (input: Readonly<Record<string, string>>) => {
      const { ContactList, TotalCount } = await service().succeed('ListContact', input, { key })
      return [(ContactList as { Name: string }[]).map(({ Name }) => Name).join(), TotalCount]
    }
    assert.deepEqual(await names({}), ['three,two,one', 3])
    assert.deepEqual(await names({ CurrentPage: '', ShowSize: '', Keyword: '' }), ['three,two,one', 3])
    assert.deepEqual(await names({ ShowSize: '2' }), ['three,two', 3])
    assert.deepEqual(await names({ ShowSize: '2', CurrentPage: '2' }), ['one', 3])
    assert.deepEqual(await names({ ShowSize: '2', CurrentPage: '3' }), ['', 3])
    assert.deepEqual(await names({ Keyword: 'E' }), ['three,two,one', 3])
    assert.deepEqual(await names({ Keyword: '2222' }), ['two', 1])
    assert.deepEqual(await names({ Keyword: 'B@EXAMPLE' }), ['three,two', 2])
    assert.deepEqual(await names({ Keyword: '%' }), ['', 0])
    assert.equal(outcomeOf(await service().call('ListContact', { ShowSize: '101' }, { key })), '400 InvalidParameter')
  })

  it('are 1,000 an account, also when two are made at once', async () => {
    const { key, accountId } = await createTenantAccount(service(), 'with many contacts')
    await fill(service(), 'contacts', accountId, 999)
    const make = () => service().call('CreateContact', { Name: 'A', Mobile: '13900001234' }, { key })
    const outcomes = (await Promise.all([make(), make(), make()])).map(outcomeOf)
    assert.deepEqual(outcomes.toSorted(), ['409 LimitExceeded.Contact', '409 LimitExceeded.Contact', 'OK'])
    const { TotalCount } = await service().succeed('ListContact', {}, { key })
    assert.equal(TotalCount, 1_000)
  })

  it('are the applicants of orders that name none, which keep them', async () => {
    const { key, accountId } = await createTenantAccount(service(), 'who orders')
    await service().succeed('PurchasePackage', { ProductCode: application.ProductCode, Count: '9' }, { ...extension, key })
    const order = async () => {
      const answer = await service().call('CreateCertificateForPackageRequest', { Domain: 'www.example.com' }, { key })
      if (answer.status !== 200) return outcomeOf(answer)
      const row = await service()
        .services.db.read.selectFrom('orders')
        .select('applicant')
        .where('id', '=', Number(answer.body['OrderId']))
        .executeTakeFirstOrThrow()
      return (JSON.parse(row.applicant) as { username: string }).username
    }
    assert.equal(await order(), '400 MissingUsername')
    await service().succeed('CreateContact', { Name: 'first', Mobile: '11111', Email: 'a@example.com' }, { key })
    const { ContactId } = await service().succeed('CreateContact', { Name: 'last', Mobile: '22222', Email: 'b@example.com' }, { key })
    assert.equal(await order(), 'last')
    await service().succeed('UpdateContact', { ContactId: String(ContactId), Name: 'changed' }, { key })
    assert.equal(await order(), 'changed')
    await service().succeed('DeleteContact', { ContactId: String(ContactId) }, { key })
    assert.equal(await order(), 'first')
    // The latest by time: another process may give smaller ids.
    const later = service().services.clock() + 1_000
    await writeDirectly(
      service(),
      'insert into contacts (id, account_id, name, mobile, email, webhooks, created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
      [2_000, accountId, 'of another process', '33333', 'c@example.com', '[]', later, later],
    )
    assert.equal(await order(), 'of another process')
    const rows = await service().services.db.read.selectFrom('orders').select('applicant').orderBy('id').execute()
    const kept = rows.map(({ applicant }) => (JSON.parse(applicant) as { username: string }).username)
    assert.deepEqual(kept, ['last', 'changed', 'first', 'of another process'])
  })
})

describeService('company profiles', (service) => {
  const call = (action: string, input: object) => callGeneric(createCasClient(service()), action, input)

  it('are made, shown, changed, listed and deleted', async () => {
    const { CompanyId } = await call('CreateCompany', { ...company, CompanyEmail: 'office@example.com', Department: 'IT' })
    const shown = { ...company, CompanyId, CompanyType: 2, CompanyEmail: 'office@example.com', Department: 'IT' }
    const { RequestId: _id, ...first } = await call('GetCompany', { CompanyId })
    assert.deepEqual(first, shown)
    const { Lang: _lang, ...change } = company
    await call('UpdateCompany', { CompanyId, ...change, City: 'Leeds', CountryCode: 'gb', Department: '' })
    const changed = { ...shown, City: 'Leeds', Department: '' }
    const { RequestId: _other, ...list } = await call('ListCompanies', { Keyword: 'EXAMPLE' })
    assert.deepEqual(list, { CompanyList: [changed], CurrentPage: 1, ShowSize: 10, TotalCount: 1 })
    const byId = async (id: unknown) => (await call('ListCompanies', { CompanyId: id }))['TotalCount']
    assert.deepEqual([await byId(CompanyId), await byId(1)], [1, 0])
    await call('DeleteCompany', { CompanyId })
    for (const action of ['GetCompany', 'DeleteCompany']) assert.equal(await codeOf(call(action, { CompanyId })), '400 NotFound')
    assert.equal(await codeOf(call('UpdateCompany', { CompanyId, ...company })), '400 NotFound')
  })

  it('are 1,000 an account, also when two are made at once', async () => {
    const { key, accountId } = await createTenantAccount(service(), 'with many companies')
    await fill(service(), 'companies', accountId, 999)
    const make = () => service().call('CreateCompany', company, { key })
    const outcomes = (await Promise.all([make(), make()])).map(outcomeOf)
    assert.deepEqual(outcomes.toSorted(), ['409 LimitExceeded.Company', 'OK'])
  })

  it('are what OV orders name: the latest, or the named one; orders keep it', async () => {
    const { key } = await createTenantAccount(service(), 'who orders OV')
    const by = { key }
    const ProductCode =
      service()
        .services.catalogue.list()
        .find(({ level, domainKind }) => level === 'OV' && domainKind === 'single')?.code ?? assert.fail()
    await service().succeed('PurchasePackage', { ProductCode, Count: '3' }, { ...extension, key })
    await service().succeed('CreateContact', { Name: 'first', Mobile: '11111', Email: 'a@example.com' }, by)
    const order = (more: Readonly<Record<string, string>> = {}) =>
      service().call('CreateCertificateForPackageRequest', { ProductCode, Domain: 'www.example.com', ...more }, by)
    assert.equal(outcomeOf(await order()), '400 InvalidParameter')
    await service().succeed('CreateCompany', { ...company, CompanyName: 'First Ltd' }, by)
    const { CompanyId } = await service().succeed('CreateCompany', { ...company, CompanyName: 'Last Ltd' }, by)
    const orderIds = [(await order()).body['OrderId'], (await order({ CompanyName: 'First Ltd' })).body['OrderId']].map(Number)
    await service().succeed('UpdateCompany', { ...company, CompanyId: String(CompanyId), CompanyName: 'Other Ltd' }, by)
    await service().succeed('DeleteCompany', { CompanyId: String(CompanyId) }, by)
    const rows = await service()
      .services.db.read.selectFrom('orders')
      .select('organization')
      .where('id', 'in', orderIds)
      .orderBy('id')
      .execute()
    const names = rows.map(({ organization }) => (JSON.parse(organization ?? '{}') as { name: string }).name)
    assert.deepEqual(names, ['Last Ltd', 'First Ltd'])
  })
})

describeService('bad contacts and companies', (service) => {
  const contact = { Name: 'A Contact', Mobile: '13900001234' }
  const cases: [action: string, change: Readonly<Record<string, string | undefined>>, code: string, says: string][] = [
    ['CreateContact', { ...contact, Name: undefined }, 'MissingName', 'Name is mandatory'],
    ['CreateContact', { ...contact, Name: '' }, 'MissingName', 'Name is mandatory'],
    ['CreateContact', { ...contact, Name: ' ' }, 'MissingName', 'Name is mandatory'],
    ['CreateContact', { ...contact, Mobile: undefined }, 'MissingMobile', 'Mobile is mandatory'],
    ['CreateContact', { ...contact, Mobile: 'x' }, 'InvalidParameter', '"Mobile"'],
    ['CreateContact', { ...contact, Email: 'x' }, 'InvalidParameter', '"Email"'],
    ['CreateContact', { ...contact, Idcard: '1' }, 'InvalidParameter', '"Idcard"'],
    ['CreateContact', { ...contact, Webhooks: '{}' }, 'InvalidParameter', '"Webhooks"'],
    ['CreateContact', { ...contact, Webhooks: '["http://example.com"]' }, 'InvalidParameter', '"Webhooks"'],
    ['CreateContact', { ...contact, 'Name.1': 'x', Name: undefined }, 'InvalidParameter', '"Name"'],
    ['GetContact', {}, 'MissingContactId', 'ContactId is mandatory'],
    ['GetContact', { ContactId: 'x' }, 'InvalidParameter', '"ContactId"'],
    ['GetContact', { ContactId: '0' }, 'InvalidParameter', '"ContactId"'],
    ['GetContact', { ContactId: '9007199254740992' }, 'InvalidParameter', '"ContactId"'],
    ['GetContact', { ContactId: '1' }, 'NotFound', 'contact does not exist'],
    ['UpdateContact', { ContactId: '1', Name: 'x' }, 'NotFound', 'contact does not exist'],
    ['UpdateContact', { ContactId: '1', Name: '' }, 'MissingName', 'Name is mandatory'],
    ['DeleteContact', { ContactId: '1' }, 'NotFound', 'contact does not exist'],
    ['ListContact', { CurrentPage: '0' }, 'InvalidParameter', '"CurrentPage"'],
    ['ListContact', { ShowSize: '-1' }, 'InvalidParameter', '"ShowSize"'],
    ['CreateCompany', { ...company, CompanyName: undefined }, 'MissingCompanyName', 'CompanyName is mandatory'],
    ['CreateCompany', { ...company, CompanyType: undefined }, 'MissingCompanyType', 'CompanyType is mandatory'],
    ['CreateCompany', { ...company, CompanyType: '' }, 'MissingCompanyType', 'CompanyType is mandatory'],
    ['CreateCompany', { ...company, CompanyType: '0' }, 'InvalidParameter', '"CompanyType"'],
    ['CreateCompany', { ...company, CompanyType: '5' }, 'InvalidParameter', '"CompanyType"'],
    ['CreateCompany', { ...company, CountryCode: 'ENG' }, 'InvalidParameter', '"CountryCode"'],
    ['CreateCompany', { ...company, Lang: '' }, 'MissingLang', 'Lang is mandatory'],
    ['CreateCompany', { ...company, City: '-' }, 'InvalidParameter', '"City"'],
    ['GetCompany', { CompanyId: '1' }, 'NotFound', 'company does not exist'],
    ['GetCompany', {}, 'MissingCompanyId', 'CompanyId is mandatory'],
    ['UpdateCompany', { ...company, CompanyId: '1' }, 'NotFound', 'company does not exist'],
    ['UpdateCompany', { CompanyId: '1', CompanyName: 'x' }, 'MissingCompanyCode', 'CompanyCode is mandatory'],
    ['DeleteCompany', { CompanyId: 'x' }, 'InvalidParameter', '"CompanyId"'],
    ['ListCompanies', { CompanyId: 'x' }, 'InvalidParameter', '"CompanyId"'],
    ['ListCompanies', { ShowSize: '1000' }, 'InvalidParameter', '"ShowSize"'],
  ]
  it(`are refused by name, and leave nothing: ${cases.length} cases`, async () => {
    for (const [action, change, code, says] of cases) {
      const before = await countStored(service())
      const input = Object.fromEntries(
        Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
      )
      const { status, body, text } = await service().call(action, input)
      const place = `${action} ${JSON.stringify(change)}: ${text}`
      assert.deepEqual([status, body['Code']], [400, code], place)
      assert.ok(String(body['Message']).includes(says), place)
      assert.deepEqual(await countStored(service()), before, place)
    }
  })
})
