import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseTags } from '../../src/orders/tags.ts'

const many = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: 'v' }))

describe('tags', () => {
  const accepted: [title: string, tags: { key?: string; value?: string }[]][] = [
    ['none', []],
    ['20 of them', many(20)],
    ['a key of one letter', [{ key: 'a', value: 'b' }]],
    ['a key of 64 characters', [{ key: 'k'.repeat(64), value: '' }]],
    ['a value of 128 characters', [{ key: 'k', value: 'v'.repeat(128) }]],
    ['every kind of character', [{ key: 'Az.09_-', value: '-09_.zA' }]],
    [
      'keys that differ in case only',
      [
        { key: 'env', value: '1' },
        { key: 'Env', value: '2' },
      ],
    ],
    ['reserved words that do not come first', [{ key: 'my-aliyun', value: 'x.acs' }]],
    ['acs without the colon', [{ key: 'acs', value: 'acsx' }]],
  ]
  for (const [title, tags] of accepted) {
    it(`are accepted: ${title}`, () => assert.deepEqual(parseTags(tags), tags))
  }

  it('without a value have an empty one', () => assert.deepEqual(parseTags([{ key: 'k' }]), [{ key: 'k', value: '' }]))

  const refused: [title: string, tag: { key?: string; value?: string }, parameter: string, rule: RegExp][] = [
    ['a key of 65 characters', { key: 'k'.repeat(65) }, 'Tags.2.Key', /at most 64/],
    ['a key that begins with a digit', { key: '1k' }, 'Tags.2.Key', /begins with a letter/],
    ['a key that begins with a dot', { key: '.k' }, 'Tags.2.Key', /begins with a letter/],
    ['a key with a blank', { key: 'a b' }, 'Tags.2.Key', /consists of/],
    ['a key with a colon', { key: 'a:b' }, 'Tags.2.Key', /consists of/],
    ['a key with a letter outside ASCII', { key: 'kä' }, 'Tags.2.Key', /consists of/],
    ['a key that ends in a line feed', { key: 'k\n' }, 'Tags.2.Key', /consists of/],
    ['a key that begins with aliyun', { key: 'aliyun-x' }, 'Tags.2.Key', /aliyun/],
    ['a key that begins with ALIYUN', { key: 'ALIYUN' }, 'Tags.2.Key', /aliyun/],
    ['the system tag of the documented sample', { key: 'acs:rm:rgId' }, 'Tags.2.Key', /acs:/],
    ['a key that begins with Acs:', { key: 'Acs:x' }, 'Tags.2.Key', /acs:/],
    ['a key with http://', { key: 'ahttp://x' }, 'Tags.2.Key', /http:\/\//],
    ['a value of 129 characters', { key: 'k', value: 'v'.repeat(129) }, 'Tags.2.Value', /at most 128/],
    ['a value with a blank', { key: 'k', value: ' ' }, 'Tags.2.Value', /consists of/],
    ['a value that begins with AliYun', { key: 'k', value: 'AliYun' }, 'Tags.2.Value', /aliyun/],
    ['a value that begins with acs:', { key: 'k', value: 'acs:' }, 'Tags.2.Value', /acs:/],
    ['a value with HTTPS://', { key: 'k', value: 'seeHTTPS://x' }, 'Tags.2.Value', /https:\/\//],
    ['a key that was given before', { key: 'k0', value: 'other' }, 'Tags.2.Key', /once/],
  ]
  for (const [title, tag, parameter, rule] of refused) {
    it(`are refused: ${title}`, () => {
      const message = new RegExp(`"${parameter}" is not valid\\. .*${rule.source}`)
      assert.throws(() => parseTags([...many(1), tag]), { problem: 'invalidParameter', status: 400, message })
    })
  }

  it('need a key each', () => {
    assert.throws(() => parseTags([...many(1), { value: 'v' }]), { problem: 'missingParameter', code: 'MissingTags.2.Key' })
    assert.throws(() => parseTags([{ key: '', value: '' }]), { problem: 'missingParameter', code: 'MissingTags.1.Key' })
  })

  it('are 20 at most', () => {
    assert.throws(() => parseTags(many(21)), { problem: 'invalidParameter', params: { P: 'Tags', rule: 'At most 20 tags may be given.' } })
  })
})
