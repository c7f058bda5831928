import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { maskIdCard, parseContact, parseContactChange } from '../../src/contacts/contact.ts'
import { findPage } from '../../src/contacts/search.ts'

const given = { name: 'A Contact', mobile: '13900001234' }
const robots = (...addresses: unknown[]) => JSON.stringify(addresses)

describe('a contact', () => {
  it('needs a name and a mobile; the rest is empty', () => {
    assert.deepEqual(parseContact(given), { ...given, email: '', idCard: null, webhooks: [] })
    assert.deepEqual(parseContact({ ...given, email: '', idCard: '', webhooks: '' }), { ...given, email: '', idCard: null, webhooks: [] })
    assert.throws(() => parseContact({ ...given, name: '' }), { code: 'MissingName' })
    assert.throws(() => parseContact({ name: 'A Contact' }), { code: 'MissingMobile' })
  })

  it('keeps what a change leaves out, and gives up what it empties', () => {
    assert.deepEqual(parseContactChange({}), {})
    assert.deepEqual(parseContactChange({ email: '', idCard: '', webhooks: '' }), { email: '', idCard: null, webhooks: [] })
    assert.throws(() => parseContactChange({ name: '' }), { code: 'MissingName' })
  })

  it('shows of an identity card the last four characters', () => {
    assert.equal(maskIdCard('11010519491231002X'), '**************002X')
    assert.equal(maskIdCard('123456'), '**3456')
  })

  it('has webhooks as they were given', () => {
    const addresses = ['https://oapi.dingtalk.com/robot/send?access_token=0123', 'https://open.feishu.cn/open-apis/bot/v2/hook/0-1']
    assert.deepEqual(parseContact({ ...given, webhooks: robots(...addresses) }).webhooks, addresses)
  })

  const refused: [title: string, change: Parameters<typeof parseContact>[0], parameter: string][] = [
    ['a name of 65 characters', { name: 'n'.repeat(65) }, 'Name'],
    ['a mobile of letters', { mobile: 'abcdefgh' }, 'Mobile'],
    ['a mail address without @', { email: 'nobody' }, 'Email'],
    ['an identity card of five characters', { idCard: '12345' }, 'Idcard'],
    ['the mask that GetContact shows', { idCard: '**************002X' }, 'Idcard'],
    ['webhooks that are no JSON', { webhooks: 'https://example.com' }, 'Webhooks'],
    ['webhooks that are one text', { webhooks: '"https://example.com"' }, 'Webhooks'],
    ['a webhook that is a number', { webhooks: robots(1) }, 'Webhooks'],
    ['a webhook without TLS', { webhooks: robots('http://example.com') }, 'Webhooks'],
    ['a webhook of another scheme', { webhooks: robots('file:///etc/passwd') }, 'Webhooks'],
    ['a webhook with a password', { webhooks: robots('https://me:secret@example.com/') }, 'Webhooks'],
    ['a webhook with a line feed', { webhooks: robots('https://example.com/\nx') }, 'Webhooks'],
    ['a webhook without a host', { webhooks: robots('https://') }, 'Webhooks'],
    ['a webhook of 1,025 characters', { webhooks: robots(`https://example.com/${'x'.repeat(1_005)}`) }, 'Webhooks'],
    ['eleven webhooks', { webhooks: robots(...Array.from({ length: 11 }, () => 'https://example.com')) }, 'Webhooks'],
  ]
  for (const [title, change, parameter] of refused) {
    it(`is refused: ${title}`, () => {
      assert.throws(() => parseContact({ ...given, ...change }), { problem: 'invalidParameter', message: new RegExp(`"${parameter}"`) })
    })
  }
})

it('a page of a search has its rows, and the count of all', () => {
  const rows = ['Alice', 'Bob', 'alina', 'Carol']
  const find = (keyword: string | undefined, page: number, size = 2) => findPage(rows, (row) => [row], { keyword, page, size })
  assert.deepEqual(find(undefined, 1), { rows: ['Alice', 'Bob'], total: 4 })
  assert.deepEqual(find(undefined, 2), { rows: ['alina', 'Carol'], total: 4 })
  assert.deepEqual(find(undefined, 3), { rows: [], total: 4 })
  assert.deepEqual(find('ALI', 1), { rows: ['Alice', 'alina'], total: 2 })
  assert.deepEqual(find('%', 1), { rows: [], total: 0 })
})
