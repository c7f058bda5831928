// Merkle trees once more, written from the documents alone: what the log says is held against it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

/** RFC 6962 section 2.1, word for word. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only === undefined) return sha256()
  if (leaves.length === 1) return sha256(Uint8Array.of(0), only)
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha256(Uint8Array.of(1), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)))
}

/** Verification of a path, RFC 9162 section 2.1.3.2. */
export function rootByPath(index: number, size: number, leaf: Uint8Array, path: readonly Uint8Array[]): Uint8Array {
  let [fn, sn, root] = [index, size - 1, sha256(Uint8Array.of(0), leaf)]
  for (const hash of path) {
    assert.notEqual(sn, 0, 'the path is too long')
    if (fn % 2 === 1 || fn === sn) {
      root = sha256(Uint8Array.of(1), hash, root)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else root = sha256(Uint8Array.of(1), root, hash)
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  assert.equal(sn, 0, 'the path is too short')
  return root
}
