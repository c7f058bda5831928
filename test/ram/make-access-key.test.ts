import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { makeAccessKey } from '../../src/ram/make-access-key.ts'

describe('a new access key', () => {
  it('has the shape of the original: LTAI and 20 letters and digits, and a secret of 30', () => {
    for (let round = 0; round < 200; round++) {
      const { accessKeyId, secret } = makeAccessKey(randomBytes)
      assert.match(accessKeyId, /^LTAI[A-Za-z0-9]{20}$/)
      assert.match(secret, /^[A-Za-z0-9]{30}$/)
    }
  })

  it('is never the same twice', () => {
    const keys = Array.from({ length: 1_000 }, () => makeAccessKey(randomBytes))
    assert.equal(new Set(keys.flatMap(({ accessKeyId, secret }) => [accessKeyId, secret])).size, 2_000)
  })

  it('prefers no character: octets from 248 on are dropped', () => {
    // 0 and 62 are both A; 61 is the last digit; 248 and above count for nothing.
    const octets = [255, 248, 0, 62, 61, 247]
    let at = 0
    const { accessKeyId } = makeAccessKey((length) => Uint8Array.from({ length }, () => octets[at++ % octets.length] ?? 0))
    assert.equal(accessKeyId, `LTAI${'AA99'.repeat(5)}`)
  })

  it('uses each of the 62 characters', () => {
    const seen = new Set(Array.from({ length: 300 }, () => makeAccessKey(randomBytes).secret).join(''))
    assert.equal(seen.size, 62)
  })
})
