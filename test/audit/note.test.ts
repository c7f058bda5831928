import assert from 'node:assert/strict'
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { readDeletion, writeDeletion } from '../../src/audit/deletion.ts'
import { NoteError, openNote, readCheckpoint, signNote, verifierKey, writeCheckpoint } from '../../src/audit/note.ts'

const signer = { name: 'chancery/1234567890123456', privateKey: generateKeyPairSync('ed25519').privateKey }
const root = createHash('sha256').update('a root').digest()
const note = writeCheckpoint({ origin: signer.name, size: 42, root }, signer)

describe('a signed checkpoint', () => {
  it('has the form of C2SP: origin, size, root, blank line, signature with the hash of its key', () => {
    const [origin, size, base64, blank, signature, end] = note.split('\n')
    assert.deepEqual([origin, size, base64, blank, end], [signer.name, '42', root.toString('base64'), '', ''])
    const [, name, octets] = /^— (\S+) (\S+)$/.exec(signature ?? '') ?? assert.fail()
    assert.equal(name, signer.name)
    const signed = Buffer.from(octets ?? '', 'base64')
    const raw = createPublicKey(signer.privateKey).export({ format: 'jwk' })
    const key = Buffer.from(raw.x ?? '', 'base64url')
    const hash = createHash('sha256').update(`${signer.name}\n\u0001`).update(key).digest().subarray(0, 4)
    assert.deepEqual(signed.subarray(0, 4), hash)
    const text = note.slice(0, note.indexOf('\n\n') + 1)
    assert.ok(verify(null, Buffer.from(text), createPublicKey(signer.privateKey), signed.subarray(4)))
  })

  it('is read again with its key, and with no other', () => {
    assert.deepEqual(readCheckpoint(note, verifierKey(signer)), { origin: signer.name, size: 42, root })
    const other = { ...signer, privateKey: generateKeyPairSync('ed25519').privateKey }
    for (const changed of [
      note.replace('42', '43'),
      note.replace('— ', '- '),
      'no note',
      writeCheckpoint({ origin: 'x', size: 1, root }, other),
    ]) {
      assert.throws(() => readCheckpoint(changed, verifierKey(signer)), NoteError, changed)
    }
    assert.throws(() => readCheckpoint(note, verifierKey(signer).replace('+', '+0')), NoteError)
  })

  it('is what the reference implementation makes of the same key and text (golang.org/x/mod/sumdb/note, its example)', () => {
    const seed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1)
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
    const neumann = { name: 'PeterNeumann', privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) }
    const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    const line = '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
    const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
    assert.equal(verifierKey(neumann), vkey)
    assert.equal(signNote(text, neumann), `${text}\n${line}`)
    assert.equal(openNote(`${text}\n${line}`, vkey), text)
    assert.throws(() => readCheckpoint(`${text}\n${line}`, vkey), NoteError)
  })

  it('cannot be taken for a note on deleted bodies, nor that for a checkpoint', () => {
    const vkey = verifierKey(signer)
    const deletion = writeDeletion(42, signer)
    assert.deepEqual([readDeletion(deletion, vkey), readDeletion(null, vkey)], [42, 0])
    assert.throws(() => readCheckpoint(deletion, vkey), NoteError)
    assert.throws(() => readDeletion(note, vkey), NoteError)
    assert.throws(() => readDeletion(deletion.replace('42', '43'), vkey), NoteError)
    const elsewhere = writeCheckpoint({ origin: 'another log', size: 42, root }, signer)
    assert.throws(() => readCheckpoint(elsewhere, vkey), NoteError, 'the origin is the name of the key')
  })
})
