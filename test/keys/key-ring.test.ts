import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { createKeyRing } from '../../src/keys/key-ring.ts'
import { createSealer, masterKeyIdOf, SealError, sealedBy } from '../../src/keys/sealer.ts'

const binding = { purpose: 'certificateKey', accountId: 7, id: '1' } as const
const plain = Buffer.from('a private key')
const newSealer = () => createSealer(randomBytes(32), randomBytes)
const reasonIs = (reason: string) => (error: unknown) => error instanceof SealError && error.reason === reason

describe('a ring of master keys', () => {
  it('seals with the one in use and opens what any of them sealed', () => {
    const [old, next] = [newSealer(), newSealer()]
    const ring = createKeyRing(old)
    const before = ring.seal(plain, binding)
    assert.equal(sealedBy(before), old.masterKeyId)
    ring.add(next)
    assert.equal(sealedBy(ring.seal(plain, binding)), old.masterKeyId, 'holding a key is not using it')
    assert.deepEqual(ring.held(), [old.masterKeyId, next.masterKeyId])
    ring.use(next.masterKeyId)
    const after = ring.seal(plain, binding)
    assert.equal(sealedBy(after), next.masterKeyId)
    for (const sealed of [before, after]) assert.deepEqual(Buffer.from(ring.open(sealed, binding)), plain)
    assert.deepEqual(ring.held(), [next.masterKeyId, old.masterKeyId])
    assert.equal(ring.masterKeyId, next.masterKeyId)
    assert.equal(ring.keyCheck(), next.keyCheck())
    assert.deepEqual([ring.fits(next.keyCheck()), ring.fits(old.keyCheck())], [true, false])
    assert.throws(() => old.open(after, binding), reasonIs('masterKey'))
  })

  it('holds to bindings, and refuses strange keys and strange octets', () => {
    const ring = createKeyRing(newSealer())
    const sealed = ring.seal(plain, binding)
    assert.throws(() => ring.open(sealed, { ...binding, id: '2' }), reasonIs('authentication'))
    assert.throws(() => ring.open(newSealer().seal(plain, binding), binding), reasonIs('masterKey'))
    assert.throws(() => ring.open(Buffer.from('no sealed value'), binding), reasonIs('format'))
    assert.throws(() => ring.use('0123456789abcdef'), /not held/)
    assert.equal(sealedBy(sealed.subarray(0, 90)), undefined)
  })

  it('is named by the master key alone', () => {
    const octets = randomBytes(32)
    assert.equal(masterKeyIdOf(octets), createSealer(octets, randomBytes).masterKeyId)
  })
})
