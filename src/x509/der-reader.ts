import { DerError } from './der-error.ts'
import { tags } from './der-writer.ts'

/**
 * One value of a DER document. It knows its place in the input and makes views only when they are asked for: most values are read as numbers
 * or walked through, and a view costs more than that.
 */
export class DerValue {
  readonly tag: number
  readonly depth: number
  /** The input that the value lies in, from `start` to `end`; its contents begin at `contentStart`. */
  readonly octets: Uint8Array
  readonly start: number
  readonly contentStart: number
  readonly end: number

  constructor(tag: number, depth: number, octets: Uint8Array, start: number, contentStart: number, end: number) {
    this.tag = tag
    this.depth = depth
    this.octets = octets
    this.start = start
    this.contentStart = contentStart
    this.end = end
  }

  /** The whole value, a view of the input. */
  get der(): Uint8Array {
    return this.octets.subarray(this.start, this.end)
  }

  /** What follows its length, a view of the input. */
  get content(): Uint8Array {
    return this.octets.subarray(this.contentStart, this.end)
  }
}

/** Whether these octets stand at `start`, which may be too near the end for them. */
export function holdsAt(octets: Uint8Array, start: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i += 1) if (octets[start + i] !== expected[i]) return false
  return true
}

/** Nesting beyond this is refused. The deepest value in X.509 as we read it lies at ten. */
const maximumDepth = 24

/** Reads exactly one value; octets after it are refused. Throws DerError. */
export function readDer(der: Uint8Array): DerValue {
  return readOnly(der, 0)
}

/**
 * Reads a value that lies wrapped in an OCTET STRING or BIT STRING of `outer`, as extensions do. Depth goes on counting.
 * Throws DerError.
 */
export function readWrapped(outer: DerValue, octets: Uint8Array): DerValue {
  return readOnly(octets, outer.depth + 1)
}

function readOnly(der: Uint8Array, depth: number): DerValue {
  const value = readValueAt(der, 0, der.length, depth)
  if (value.end !== der.length) throw new DerError('octets after the end of the value')
  return value
}

/** The members of a constructed value, in order. Throws DerError. */
export function readChildren(parent: DerValue): DerValue[] {
  if ((parent.tag & 0x20) === 0) throw new DerError('a primitive value has no members')
  const children: DerValue[] = []
  for (let offset = parent.contentStart; offset < parent.end;) {
    const child = readValueAt(parent.octets, offset, parent.end, parent.depth + 1)
    children.push(child)
    offset = child.end
  }
  return children
}

/** The value that begins at `start` and ends at `limit` or before. */
function readValueAt(octets: Uint8Array, start: number, limit: number, depth: number): DerValue {
  if (depth > maximumDepth) throw new DerError('nested too deeply')
  const tag = octetAt(octets, start, limit)
  checkTag(tag)
  const first = octetAt(octets, start + 1, limit)
  let length = first
  let contentStart = start + 2
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0) throw new DerError('indefinite length')
    if (count > 4) throw new DerError('length of more than four octets')
    length = 0
    for (let i = 0; i < count; i += 1) length = length * 256 + octetAt(octets, contentStart + i, limit)
    contentStart += count
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError('length not minimal')
  }
  const end = contentStart + length
  if (end > limit) throw new DerError('value longer than its surroundings')
  return new DerValue(tag, depth, octets, start, contentStart, end)
}

function checkTag(tag: number): void {
  const number = tag & 0x1f
  if (number === 0x1f) throw new DerError('tag number above 30')
  if (tag >= 0x40) return
  if (number === 0) throw new DerError('end-of-contents octets')
  // X.690 section 10.2: strings are primitive in DER. EXTERNAL and EMBEDDED PDV do not occur in X.509.
  const constructed = (tag & 0x20) !== 0
  if (constructed !== (number === 0x10 || number === 0x11)) throw new DerError(`wrong form of universal tag ${number}`)
}

function octetAt(octets: Uint8Array, index: number, limit: number): number {
  const octet = index < limit ? octets[index] : undefined
  if (octet === undefined) throw new DerError('value cut short')
  return octet
}

/** Walks through the members of one constructed value, as an ASN.1 definition lists them. Every method throws DerError. */
export class Fields {
  readonly #members: readonly DerValue[]
  #position = 0

  constructor(members: readonly DerValue[]) {
    this.#members = members
  }

  /** The next member whatever it is. */
  takeAny(): DerValue {
    const member = this.#members[this.#position]
    if (member === undefined) throw new DerError('a member is missing')
    this.#position += 1
    return member
  }

  /** The next member, which must have this tag. */
  take(tag: number): DerValue {
    return assertTag(this.takeAny(), tag)
  }

  /** The next member if it has this tag: an OPTIONAL or DEFAULT component. */
  takeIf(tag: number): DerValue | undefined {
    return this.#members[this.#position]?.tag === tag ? this.takeAny() : undefined
  }

  /** Refuses further members. */
  end(): void {
    if (this.#position < this.#members.length) throw new DerError('more members than defined')
  }
}

/** Opens a SEQUENCE, or a value with the constructed tag given, for reading member by member. Throws DerError. */
export function readFields(parent: DerValue, tag: number = tags.sequence): Fields {
  return new Fields(readChildren(assertTag(parent, tag)))
}

/** Returns the value if it has the tag, else throws DerError. */
export function assertTag(value: DerValue, tag: number): DerValue {
  if (value.tag !== tag) throw new DerError(`tag ${hexOctet(value.tag)} where ${hexOctet(tag)} belongs`)
  return value
}

function hexOctet(octet: number): string {
  return octet.toString(16).padStart(2, '0')
}
