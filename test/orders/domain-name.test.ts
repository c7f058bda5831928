import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { parseDomainName } from '../../src/orders/domain-name.ts'
import { openCatalogue } from '../../src/plans/products.ts'
import { Problem } from '../../src/problem.ts'
import type { NameRules } from '../../src/orders/domain-name.ts'

const catalogue = openCatalogue({ symantecDvStarter: 'wildcard', operatorProducts: undefined })
const find = (code: string) => catalogue.find(code) ?? assert.fail(code)
const single = find('digicert-free-1-free')
const wildcard = find('geotrust-dv-w-starter')
const privateSingle = find('chancery-private-1')
const privateWildcard = find('chancery-private-w')
const mix: NameRules = { code: 'own-mix', domainKind: 'mix', internalNames: true, blockedWords: [] }

const label63 = 'a'.repeat(63)
const name253 = `${`${label63}.`.repeat(3)}${'b'.repeat(57)}.com`

describe('a domain name', () => {
  const accepted: [input: string, name: string, registrable: string, unicode?: string][] = [
    ['example.com', 'example.com', 'example.com'],
    ['www.example.com', 'www.example.com', 'example.com'],
    ['example.org', 'example.org', 'example.org'],
    ['a.b.c.example.co.uk', 'a.b.c.example.co.uk', 'example.co.uk'],
    ['WWW.Example.COM', 'www.example.com', 'example.com'],
    ['example.com.', 'example.com', 'example.com'],
    ['bücher.de', 'xn--bcher-kva.de', 'xn--bcher-kva.de', 'bücher.de'],
    ['BÜCHER.de', 'xn--bcher-kva.de', 'xn--bcher-kva.de', 'bücher.de'],
    ['bu\u0308cher.de', 'xn--bcher-kva.de', 'xn--bcher-kva.de', 'bücher.de'],
    ['XN--BCHER-KVA.de', 'xn--bcher-kva.de', 'xn--bcher-kva.de', 'bücher.de'],
    ['straße.de', 'xn--strae-oqa.de', 'xn--strae-oqa.de', 'straße.de'],
    ['例え。テスト.com', 'xn--r8jz45g.xn--zckzah.com', 'xn--zckzah.com', '例え.テスト.com'],
    ['ｅｘａｍｐｌｅ．ｃｏｍ', 'example.com', 'example.com'],
    ['президент.рф', 'xn--d1abbgf6aiiy.xn--p1ai', 'xn--d1abbgf6aiiy.xn--p1ai', 'президент.рф'],
    ['a.公司.cn', 'a.xn--55qx5d.cn', 'a.xn--55qx5d.cn', 'a.公司.cn'],
    ['1.2.3.4.example.com', '1.2.3.4.example.com', 'example.com'],
    ['0--1.com', '0--1.com', '0--1.com'],
    [`${label63}.com`, `${label63}.com`, `${label63}.com`],
    [name253, name253, `${'b'.repeat(57)}.com`],
    ['github.io', 'github.io', 'github.io'],
    ['me.github.io', 'me.github.io', 'github.io'],
    ['www.ck', 'www.ck', 'www.ck'],
  ]
  for (const [input, name, registrableDomain, unicodeName = name] of accepted) {
    it(`${input.slice(0, 40)} is ${name.slice(0, 40)}`, () => {
      assert.deepEqual(parseDomainName(input, single), { name, baseName: name, unicodeName, wildcard: false, registrableDomain })
    })
  }

  const refused: [rule: RegExp, citation: string, ...inputs: string[]][] = [
    [/no blanks and no control/, '', ' example.com', 'example.com ', 'exam ple.com', 'example.com\n', 'a\0.com', 'a\u3000b.com', ' '],
    [/CreateCertificateForPackageRequest takes several/, '', 'a.com,b.com', 'a.com;b.com', 'a.com,'],
    [/without a scheme/, '', 'https://example.com', 'HTTP://example.com/'],
    [/without a path/, '', 'example.com/', 'example.com/a', 'example.com?a', 'example.com#a', 'example.com\\a', '192.0.2.0/24'],
    [/without a port/, '', 'example.com:443', '192.0.2.1:443', '[::1]:443'],
    [/without a user/, '', 'tom@example.com'],
    [/IP addresses are not served/, 'BR 7.1.2.7.12', '192.0.2.1', '127.1', '0x7f.1', '0x7f000001', '2130706433', '0177.0.0.1', '1.2.3.4.'],
    [
      /IP addresses are not served/,
      'BR 7.1.2.7.12',
      '::1',
      '[::1]',
      '2001:db8::1',
      '::ffff:1.2.3.4',
      '１２７.０.０.１',
      'example.1',
      'a.0x',
    ],
    [/at most 253/, 'BR 7.1.2.7.12', `a${name253}`, 'a'.repeat(1001)],
    [/label has at most 63/, 'RFC 1034 section 3.1', `a${label63}.com`, `${'ü'.repeat(60)}.com`],
    [/no empty labels/, 'BR 7.1.2.7.12', '.', '..', '.example.com', 'a..com', 'example.com..', '。com'],
    [/no underscore/, 'BR 7.1.2.7.12', '_dnsauth.example.com', 'a_b.com'],
    [/letters, digits and "-"/, 'BR 7.1.2.7.12', 'a!b.com', "a'b.com", 'a%41.com', 'a&b.com', '"a".com', '[a].com'],
    [/neither begins nor ends with "-"/, 'RFC 1034 section 3.5', '-a.com', 'a-.com', 'a.-b.com', 'a.com-'],
    [/third and fourth place/, 'BR 7.1.2.7.12', 'ab--c.com', 'a.de--x.com'],
    [/valid A-label/, 'BR 7.1.2.7.12', 'xn--a.com', 'xn--zz--a.com', 'xn--a-ecp.com', 'www.xn--example.com', 'xn--strasse-1.de'],
    [/IDNA/, 'RFC 5891', 'a\u200db.com', '\ufffd.com', 'aא.com', '％.com', 'ü.1'],
    [/exactly one "\*"/, 'BR 7.1.2.7.12', '*', '*.*.example.com', 'a.*.example.com', '*a.example.com', 'a*.example.com', '**.example.com'],
    [/exactly one "\*"/, 'BR 7.1.2.7.12', '*example.com', 'example.*', '*.example.*'],
    [/is a public suffix/, 'BR 3.2.2.6', 'com', 'co.uk', 'CO.UK.', 'рф', '公司.cn', 'a.ck', 'kawasaki.jp', 'com.'],
    [/\.onion/, 'RFC 7686', 'onion', 'expyuzz4wqqyqhjn.onion', 'a.ONION'],
    [/in-addr\.arpa and ip6\.arpa/, 'BR 7.1.2.7.12', '1.2.0.192.in-addr.arpa', 'in-addr.arpa', '8.b.d.0.1.0.0.2.ip6.arpa'],
    [/two labels/, '', 'localhost', 'db', 'example'],
    [/not in the public DNS/, 'BR 7.1.2.7.12', 'db.corp', 'x.internal', 'printer.local', 'demo.test', 'a.b.localhost', 'router.home.arpa'],
    [/takes a single name/, '', '*.example.com', '*.www.example.com'],
  ]
  for (const [rule, citation, ...inputs] of refused) {
    for (const input of inputs) {
      it(`${JSON.stringify(input).slice(0, 40)} is refused: ${rule.source}${citation === '' ? '' : ` (${citation})`}`, () => {
        const message = new RegExp(`"Domain" is not valid\\. .*${rule.source}`)
        assert.throws(() => parseDomainName(input, single), { problem: 'invalidParameter', message })
      })
    }
  }

  it('that is empty is missing', () => {
    assert.throws(() => parseDomainName('', single), { problem: 'missingParameter', code: 'MissingDomain' })
  })
})

describe('a wildcard name', () => {
  it('keeps its star and is proven by the name below it', () => {
    assert.deepEqual(parseDomainName('*.Bücher.de.', wildcard), {
      name: '*.xn--bcher-kva.de',
      baseName: 'xn--bcher-kva.de',
      unicodeName: '*.bücher.de',
      wildcard: true,
      registrableDomain: 'xn--bcher-kva.de',
    })
    assert.equal(parseDomainName('*.example.com', wildcard).name, '*.example.com')
    assert.equal(parseDomainName('*.a.example.co.uk', wildcard).registrableDomain, 'example.co.uk')
  })

  it('directly left of a public suffix is refused (BR 3.2.2.6)', () => {
    for (const input of ['*.com', '*.co.uk', '*.рф', '*.a.ck', '*.kawasaki.jp']) {
      assert.throws(() => parseDomainName(input, wildcard), { message: /left of a public suffix.*BR 3\.2\.2\.6/ }, input)
    }
  })

  it('directly left of a suffix of the private part of the list is accepted (BR 3.2.2.6)', () => {
    assert.equal(parseDomainName('*.github.io', wildcard).registrableDomain, 'github.io')
  })

  it('counts its "*." in the 253 characters (BR 7.1.2.7.12)', () => {
    assert.throws(() => parseDomainName(`*.${name253}`, wildcard), { message: /at most 253/ })
    assert.equal(parseDomainName(`*.${name253.slice(2)}`, wildcard).name.length, 253)
  })

  it('is what a wildcard product wants', () => {
    assert.throws(() => parseDomainName('example.com', wildcard), { message: /geotrust-dv-w-starter takes a wildcard name/ })
  })

  it('goes with a product for both kinds, as a concrete name does', () => {
    assert.equal(parseDomainName('*.example.com', mix).wildcard, true)
    assert.equal(parseDomainName('example.com', mix).wildcard, false)
  })

  it('of an address is an address', () => {
    assert.throws(() => parseDomainName('*.192.0.2.1', wildcard), { message: /IP addresses/ })
  })
})

describe('a product for internal names', () => {
  it('takes names under top-level domains that the public DNS does not know', () => {
    for (const input of ['db.corp', 'x.internal', 'printer.local', 'demo.test', 'a.b.localhost', 'router.home.arpa', 'db.firma-süd']) {
      assert.equal(parseDomainName(input, privateSingle).registrableDomain, null, input)
    }
    assert.equal(parseDomainName('*.db.corp', privateWildcard).baseName, 'db.corp')
  })

  it('takes public names too, under the same rules', () => {
    assert.equal(parseDomainName('www.example.com', privateSingle).registrableDomain, 'example.com')
    assert.throws(() => parseDomainName('co.uk', privateSingle), { message: /public suffix/ })
  })

  it('takes neither single labels nor .onion nor reverse names', () => {
    for (const input of ['db', 'localhost', 'corp.']) {
      assert.throws(() => parseDomainName(input, privateSingle), { message: /two labels/ }, input)
    }
    assert.throws(() => parseDomainName('*.corp', privateWildcard), { message: /two labels/ })
    assert.throws(() => parseDomainName('a.onion', privateSingle), { message: /\.onion/ })
    assert.throws(() => parseDomainName('1.in-addr.arpa', privateSingle), { message: /in-addr/ })
  })
})

describe('words that a product blocks', () => {
  const rules = { ...single, blockedWords: ['bank', 'bücher'] }

  it('may stand nowhere in a name, neither in its ASCII nor in its Unicode form', () => {
    for (const input of ['bank.com', 'my-BANKer.example.com', 'meinebücher.de', 'xn--bcher-kva.de']) {
      assert.throws(() => parseDomainName(input, rules), { message: /does not take names that contain "b/ }, input)
    }
    assert.equal(parseDomainName('bankomat.com', single).name, 'bankomat.com')
    assert.equal(parseDomainName('ban-k.com', rules).name, 'ban-k.com')
  })
})

describe('any text at all', () => {
  const ldh = /^(?=.{1,253}$)(?:\*\.)?(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)[a-z0-9-]{1,63}(?<!-)$/

  /** Parses, and holds what comes out against the syntax of a dNSName; a refusal is a Problem of one of two kinds. */
  function parseOrRefuse(input: string) {
    try {
      const parsed = parseDomainName(input, mix)
      assert.match(parsed.name, ldh)
      assert.equal(parsed.name, parsed.wildcard ? `*.${parsed.baseName}` : parsed.baseName)
      if (parsed.registrableDomain !== null) assert(`.${parsed.baseName}`.endsWith(`.${parsed.registrableDomain}`))
      return parsed
    } catch (error) {
      if (error instanceof Problem) return undefined
      throw error
    }
  }

  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }).map((label) => `${label}.com`),
    fc.string({ unit: fc.constantFrom('a', 'ü', '-', '.', '*', 'xn--', '1', '0x', '。', '\u00ad', '\u200d', 'ß', 'א') }),
    fc.string({ unit: fc.constantFrom('a', 'k', 'v', '-', '9') }).map((label) => `xn--${label}.com`),
  )

  it('is refused by a Problem or gives an LDH name of at most 253 characters (BR 7.1.2.7.12)', () => {
    fc.assert(
      fc.property(text, (input) => void parseOrRefuse(input)),
      { numRuns: 3000 },
    )
  })

  it('that is accepted gives a name that parses to itself, from its ASCII and from its Unicode form', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.domain()), (input) => {
        const parsed = parseOrRefuse(input)
        if (parsed === undefined) return
        assert.deepEqual(parseDomainName(parsed.name, mix), parsed)
        assert.deepEqual(parseDomainName(parsed.unicodeName, mix), parsed)
      }),
      { numRuns: 3000 },
    )
  })

  it('means the same in upper case and with a dot at the end', () => {
    fc.assert(
      fc.property(fc.domain(), (input) => assert.deepEqual(parseOrRefuse(`${input.toUpperCase()}.`), parseOrRefuse(input))),
      { numRuns: 500 },
    )
  })
})
