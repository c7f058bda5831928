import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** A checkpoint of the log (C2SP tlog-checkpoint): how many events it holds, and their root. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

/** Who signs notes: a name and an Ed25519 key (C2SP signed-note). */
export interface NoteSigner {
  readonly name: string
  readonly privateKey: KeyObject
}

const ED25519 = 1

/** The public key of a signer as one line, for whoever verifies: `name+hash+key`. */
export function verifierKey({ name, privateKey }: NoteSigner): string {
  const octets = publicOctets(privateKey)
  return `${name}+${keyHash(name, octets).toString('hex')}+${Buffer.concat([Uint8Array.of(ED25519), octets]).toString('base64')}`
}

/** A signed checkpoint. */
export function writeCheckpoint({ origin, size, root }: Checkpoint, signer: NoteSigner): string {
  return signNote(`${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`, signer)
}

/** A note: its text, which ends with a line feed, and the signature. */
export function signNote(text: string, signer: NoteSigner): string {
  const signature = sign(null, Buffer.from(text), signer.privateKey)
  const hash = keyHash(signer.name, publicOctets(signer.privateKey))
  return `${text}\n\u2014 ${signer.name} ${Buffer.concat([hash, signature]).toString('base64')}\n`
}

/** A note that is none, or is not signed by this key. The message is for the operator. */
export class NoteError extends Error {
  override readonly name = 'NoteError'
}

/**
 * Reads a checkpoint and holds it against a key. Its origin is the name of that key: other notes of the log are no checkpoints.
 *
 * @throws NoteError
 */
export function readCheckpoint(note: string, vkey: string): Checkpoint {
  const text = openNote(note, vkey)
  const [origin = '', size = '', root = ''] = text.split('\n')
  const octets = Buffer.from(root, 'base64')
  if (!vkey.startsWith(`${origin}+`) || !/^(0|[1-9][0-9]{0,14})$/.test(size) || octets.length !== 32)
    throw new NoteError('it is not a checkpoint of the log')
  return { origin, size: Number(size), root: octets }
}

/**
 * The text of a note that a key signed. Signatures by others are passed over.
 *
 * @throws NoteError
 */
export function openNote(note: string, vkey: string): string {
  const { name, hash, key } = parseVerifierKey(vkey)
  const end = note.indexOf('\n\n')
  if (end < 0) throw new NoteError('it is not a signed note')
  const text = note.slice(0, end + 1)
  const isSigned = note
    .slice(end + 2)
    .split('\n')
    .some((line) => {
      const [, signer, base64] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? []
      if (signer !== name || base64 === undefined) return false
      const octets = Buffer.from(base64, 'base64')
      return octets.subarray(0, 4).equals(hash) && verify(null, Buffer.from(text), key, octets.subarray(4))
    })
  if (!isSigned) throw new NoteError(`it has no valid signature by ${name}`)
  return text
}

function parseVerifierKey(vkey: string): { name: string; hash: Buffer; key: KeyObject } {
  const [, name = '', hash = '', base64 = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey) ?? []
  const octets = Buffer.from(base64, 'base64')
  if (octets.length !== 33 || octets[0] !== ED25519) throw new NoteError('the key is not an Ed25519 key of signed notes')
  const raw = octets.subarray(1)
  if (keyHash(name, raw).toString('hex') !== hash) throw new NoteError('the key does not fit its own hash')
  const der = Buffer.concat([spkiPrefix, raw])
  return { name, hash: Buffer.from(hash, 'hex'), key: createPublicKey({ key: der, format: 'der', type: 'spki' }) }
}

/** What stands before the octets of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410 section 4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

function publicOctets(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length)
}

function keyHash(name: string, octets: Uint8Array): Buffer {
  return createHash('sha256').update(`${name}\n`).update(Uint8Array.of(ED25519)).update(octets).digest().subarray(0, 4)
}
