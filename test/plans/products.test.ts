import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { renderConfigurationReference } from '../../src/cli/configuration-reference.ts'
import { CatalogueError, defaultProductCode, openCatalogue } from '../../src/plans/products.ts'

const settings = { symantecDvStarter: 'wildcard', operatorProducts: undefined } as const

function faultsOf(operatorProducts: unknown): readonly string[] {
  try {
    openCatalogue(settings, operatorProducts)
  } catch (error) {
    assert(error instanceof CatalogueError)
    return error.lines
  }
  return assert.fail(`accepted: ${JSON.stringify(operatorProducts)}`)
}

describe('the catalogue', () => {
  const catalogue = openCatalogue(settings)
  const documented: [code: string, level: string, domainKind: string, free: boolean][] = [
    ['digicert-free-1-free', 'DV', 'single', true],
    ['symantec-free-1-free', 'DV', 'single', false],
    ['symantec-dv-1-starter', 'DV', 'wildcard', false],
    ['symantec-ov-1-personal', 'OV', 'single', false],
    ['symantec-ov-w-personal', 'OV', 'wildcard', false],
    ['geotrust-dv-1-starter', 'DV', 'single', false],
    ['geotrust-dv-w-starter', 'DV', 'wildcard', false],
    ['geotrust-ov-1-personal', 'OV', 'single', false],
    ['geotrust-ov-w-personal', 'OV', 'wildcard', false],
    ['globalsign-dv-1-personal', 'DV', 'single', false],
    ['globalsign-dv-w-advanced', 'DV', 'wildcard', false],
    ['globalsign-ov-1-personal', 'OV', 'single', false],
    ['globalsign-ov-w-advanced', 'OV', 'wildcard', false],
    ['cfca-ov-1-personal', 'OV', 'single', false],
    ['cfca-ev-w-advanced', 'OV', 'wildcard', false],
    ['cfca-ev-1-advanced', 'EV', 'single', false],
    ['symantec-ov-1-advanced', 'OV', 'single', false],
    ['symantec-ev-1-premium', 'EV', 'single', false],
  ]
  for (const [code, level, domainKind, free] of documented) {
    it(`holds ${code} as ${level}, ${domainKind}`, () => {
      const product = catalogue.find(code)
      assert.deepEqual([product?.code, product?.level, product?.domainKind, product?.free], [code, level, domainKind, free])
      assert.equal(product?.internalNames, false)
      assert.deepEqual(product?.blockedWords, [])
    })
  }

  it('holds four products of our own for private use, whose names may be internal', () => {
    assert.deepEqual(
      catalogue
        .list()
        .filter((product) => product.internalNames)
        .map(({ code, domainKind, validityDays }) => [code, domainKind, validityDays]),
      [
        ['chancery-private-1', 'single', 90],
        ['chancery-private-w', 'wildcard', 90],
        ['chancery-private-mix', 'mix', 90],
        ['chancery-private-short', 'mix', 6],
      ],
    )
    assert.equal(catalogue.list().length, documented.length + 4)
  })

  it('begins with the product that counts when a call names none, valid for 90 days', () => {
    assert.equal(catalogue.list()[0]?.code, defaultProductCode)
    assert.equal(catalogue.find(defaultProductCode)?.validityDays, 90)
  })

  it('has no built-in product whose certificates last 200 days or more (BR 6.3.2)', () => {
    for (const { code, validityDays } of catalogue.list()) assert(validityDays <= 199, code)
  })

  it('has no EV wildcard (EVG 7.1.2.1)', () => {
    assert.deepEqual(
      catalogue.list().filter(({ level, domainKind }) => level === 'EV' && domainKind !== 'single'),
      [],
    )
  })

  it('finds exact codes only', () => {
    for (const code of ['', 'DIGICERT-FREE-1-FREE', 'digicert-free-1-free ', 'constructor', '__proto__']) {
      assert.equal(catalogue.find(code), undefined, code)
    }
  })

  it('takes a single name for symantec-dv-1-starter when the setting says so', () => {
    const product = openCatalogue({ ...settings, symantecDvStarter: 'single' }).find('symantec-dv-1-starter')
    assert.equal(product?.domainKind, 'single')
    assert.equal(catalogue.find('symantec-dv-1-starter')?.domainKind, 'wildcard')
  })

  it('is frozen', () => {
    assert(Object.isFrozen(catalogue.list()))
    for (const product of catalogue.list()) assert(Object.isFrozen(product) && Object.isFrozen(product.blockedWords), product.code)
  })
})

describe("the operator's products", () => {
  const own = { code: 'own-dv-1', name: 'Own', brand: 'Us', domainKind: 'mix' }

  it('come after the built-in ones, with defaults for what they leave out', () => {
    const catalogue = openCatalogue({ ...settings, operatorProducts: [own] })
    assert.deepEqual(catalogue.list().at(-1), {
      ...own,
      rootBrand: 'Us',
      level: 'DV',
      free: false,
      maxNames: 1,
      keyAlgorithm: 'RSA_2048',
      validityDays: 90,
      termDays: 365,
      internalNames: false,
      blockedWords: [],
      custodyKeys: true,
      unitCost: 1,
      renewals: 'charged',
      ipAddresses: false,
    })
  })

  it('are documented with the defaults that count', () => {
    const example: unknown = JSON.parse(/```json\n(.*?)```/s.exec(renderConfigurationReference())?.[1] ?? '')
    const needed = { code: 'own-dv-1', name: 'Internal services', brand: 'Example', domainKind: 'single' }
    assert.deepEqual(openCatalogue(settings, example).list(), openCatalogue(settings, [needed]).list())
  })

  it('keep what they say, blocked words in lower case', () => {
    const product = openCatalogue(settings, [{ ...own, blockedWords: ['BANK'], refundDays: 0, keyAlgorithm: 'ECC_256' }]).find('own-dv-1')
    assert.deepEqual(product?.blockedWords, ['bank'])
    assert.equal(product?.refundDays, 0)
    assert.equal(product?.keyAlgorithm, 'ECC_256')
  })

  it('take the place of a built-in one only when they say override', () => {
    const product = { ...own, code: 'geotrust-dv-1-starter' }
    assert.match(faultsOf([product])[0] ?? '', /the product geotrust-dv-1-starter is built in/)
    const catalogue = openCatalogue(settings, [{ ...product, override: true }])
    assert.equal(catalogue.find('geotrust-dv-1-starter')?.name, 'Own')
    assert.equal(catalogue.list().length, 22)
  })

  const faulty: [title: string, products: unknown, line: RegExp][] = [
    ['an override of nothing', [{ ...own, override: true }], /own-dv-1 overrides nothing/],
    ['the same code twice', [own, own], /own-dv-1 is there twice/],
    ['something else than a list', { products: [own] }, /^CHANCERY_PRODUCTS_FILE: the file: /],
    ['an unknown property', [own, { ...own, code: 'b', colour: 'red' }], /^CHANCERY_PRODUCTS_FILE: product 2: .*colour/],
    ['a code with capitals', [{ ...own, code: 'Own' }], /product 1, code: lower-case/],
    ['an empty name', [{ ...own, name: ' ' }], /product 1, name: /],
    ['no kind of names', [{ ...own, domainKind: undefined }], /product 1, domainKind: /],
    ['an unknown key algorithm', [{ ...own, keyAlgorithm: 'RSA_1024' }], /product 1, keyAlgorithm: /],
    ['a validity of no day', [{ ...own, validityDays: 0 }], /product 1, validityDays: /],
    ['a free product of two names', [{ ...own, free: true, maxNames: 2 }], /product 1, maxNames: a free product takes one name/],
    ['an EV wildcard (EVG 7.1.2.1)', [{ ...own, level: 'EV' }], /product 1, domainKind: EV takes no wildcards/],
  ]
  for (const [title, products, line] of faulty) {
    it(`with ${title} are refused in one line`, () => {
      const lines = faultsOf(products)
      assert.equal(lines.length, 1)
      assert.match(lines[0] ?? '', line)
    })
  }
})
