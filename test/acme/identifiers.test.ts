import assert from 'node:assert/strict'
import { it } from 'node:test'
import { describeService } from '../support/service.ts'
import { placeOrder, registered } from './acme-orders.ts'

describeService('identifiers of orders at the ACME door', (service) => {
  it('38. what is no identifier is refused by its own type, alone and among others (6.7.1, 7.1.3)', async () => {
    const client = await registered(service())
    const newOrder = async (identifiers: unknown) => await client.post(client.url('newOrder'), { identifiers })
    for (const identifiers of [undefined, null, {}, 'www.example.com', [], [7], [null], ['www.example.com'], [[]], [{ type: 'dns' }]]) {
      assert.equal((await newOrder(identifiers)).error, 'malformed', JSON.stringify(identifiers))
    }
    const dns = (value: unknown) => ({ type: 'dns', value })
    const single: [unknown, string][] = [
      [{ type: 'email', value: 'a@example.com' }, 'unsupportedIdentifier'],
      [{ type: 'DNS', value: 'a.example.com' }, 'unsupportedIdentifier'],
      [{ type: '', value: 'a.example.com' }, 'unsupportedIdentifier'],
      [{ type: '<b>', value: 'a.example.com' }, 'unsupportedIdentifier'],
      [dns(7), 'malformed'],
      [dns('a.example.com.'), 'malformed'],
      [dns('.example.com'), 'malformed'],
      [dns('a..example.com'), 'malformed'],
      [dns('bücher.example.com'), 'malformed'],
      [dns('a_b.example.com'), 'malformed'],
      [dns('a.*.example.com'), 'malformed'],
      [dns('*.*.example.com'), 'malformed'],
      [dns('w*.example.com'), 'malformed'],
      [dns('*'), 'malformed'],
      [dns(''), 'malformed'],
      [dns('8.8.8.8'), 'malformed'],
      [dns('2606:4700::1111'), 'malformed'],
      [dns('a.example.com\u0000'), 'malformed'],
      [dns('a.example.com\r\nX: y'), 'malformed'],
      [dns('https://a.example.com'), 'malformed'],
      [dns('a.example.com:443'), 'malformed'],
      [dns('-a.example.com'), 'rejectedIdentifier'],
      [dns(`${'a'.repeat(64)}.example.com`), 'rejectedIdentifier'],
      [dns(`${'a.'.repeat(122)}example.com`), 'rejectedIdentifier'],
      [dns(`${'a.'.repeat(200)}example.com`), 'malformed'],
      [dns('com'), 'rejectedIdentifier'],
      [dns('*.com'), 'rejectedIdentifier'],
      [dns('co.uk'), 'rejectedIdentifier'],
    ]
    for (const [identifier, error] of single) {
      const answer = await newOrder([identifier])
      assert.equal(answer.error, error, `${JSON.stringify(identifier)}: ${answer.text}`)
      assert.ok(!answer.text.includes('<b>'))
      if (error === 'malformed' && typeof (identifier as { value: unknown }).value !== 'string') continue
      const compound = await newOrder([dns('good.example.com'), identifier])
      const subproblems = compound.body['subproblems'] as { type: string; identifier: unknown }[] | undefined
      if (subproblems === undefined) assert.equal(compound.error, 'malformed', JSON.stringify(identifier))
      else {
        assert.equal(compound.error, 'compound')
        assert.deepEqual(
          subproblems.map(({ type, identifier: bad }) => ({ type, bad })),
          [{ type: `urn:ietf:params:acme:error:${error}`, bad: identifier }],
        )
      }
    }
    assert.equal((await newOrder(Array.from({ length: 101 }, (_, at) => dns(`n${at}.example.com`)))).error, 'malformed')
  })

  it('38. upper case is folded, and an identifier that is there twice is malformed (7.1.3)', async () => {
    const client = await registered(service())
    const { answer } = await placeOrder(client, ['UPPER.Example.COM', '*.Upper.example.com'])
    assert.deepEqual(answer.body['identifiers'], [
      { type: 'dns', value: 'upper.example.com' },
      { type: 'dns', value: '*.upper.example.com' },
    ])
    for (const twice of [
      ['a.example.com', 'A.example.com'],
      ['*.a.example.com', '*.A.example.com'],
    ]) {
      const answer = await client.post(client.url('newOrder'), { identifiers: twice.map((value) => ({ type: 'dns', value })) })
      assert.equal(answer.error, 'malformed', answer.text)
    }
  })

  it('85. an address has the one spelling of RFC 1123 or RFC 5952, and is no reserved one (RFC 8738 3)', async () => {
    const client = await registered(service())
    const newOrder = async (value: string) => await client.post(client.url('newOrder'), { identifiers: [{ type: 'ip', value }] })
    const { answer, authorizations } = await placeOrder(client, ['8.8.4.4', '2606:4700::1001'])
    assert.deepEqual(answer.body['identifiers'], [
      { type: 'ip', value: '8.8.4.4' },
      { type: 'ip', value: '2606:4700::1001' },
    ])
    const shown = await client.post(authorizations[0] ?? '')
    assert.deepEqual(
      (shown.body['challenges'] as { type: string }[]).map(({ type }) => type),
      ['http-01', 'tls-alpn-01'],
    )
    const misspelled = [
      '08.8.8.8',
      '8.8.8',
      '8.8.2056',
      '0x8.8.8.8',
      '134744072',
      '8.8.8.8 ',
      '8.8.8.8/32',
      '8.8.8.8:53',
      '2606:4700:0::1111',
      '2606:4700:0:0:0:0:0:1111',
      '2606:4700::1AAA',
      '2606:4700::01',
      '[2606:4700::1111]',
      'fe80::1%eth0',
      '::ffff:8.8.8.8',
      '*.8.8.8.8',
      'www.example.com',
      '',
    ]
    for (const value of misspelled) assert.equal((await newOrder(value)).error, 'malformed', value)
    const reserved = [
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '169.254.169.254',
      '172.16.0.1',
      '192.0.2.1',
      '192.168.0.1',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      'fe80::1',
      'fc00::1',
      'ff02::1',
      '2001:db8::1',
      '::ffff:808:808',
      '64:ff9b::808:808',
    ]
    for (const value of reserved) {
      const answer = await newOrder(value)
      assert.equal(answer.error, 'rejectedIdentifier', `${value}: ${answer.text}`)
    }
  })
})
