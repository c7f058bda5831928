import { DerError } from './der-error.ts'
import { tags } from './der-writer.ts'

/** One value of a DER document. `der` is the whole value, `content` what follows its length; both are views of the input. */
export interface DerValue {
  readonly tag: number
  readonly der: Uint8Array
  readonly content: Uint8Array
  readonly depth: number
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
  const value = readValueAt(der, 0, depth)
  if (value.der.length !== der.length) throw new DerError('octets after the end of the value')
  return value
}

/** The members of a constructed value, in order. Throws DerError. */
export function readChildren(parent: DerValue): DerValue[] {
  if ((parent.tag & 0x20) === 0) throw new DerError('a primitive value has no members')
  const children: DerValue[] = []
  for (let offset = 0; offset < parent.content.length;) {
    const child = readValueAt(parent.content, offset, parent.depth + 1)
    children.push(child)
    offset += child.der.length
  }
  return children
}

function readValueAt(octets: Uint8Array, start: number, depth: number): DerValue {
  if (depth > maximumDepth) throw new DerError('nested too deeply')
  const tag = octetAt(octets, start)
  checkTag(tag)
  const first = octetAt(octets, start + 1)
  let length = first
  let contentStart = start + 2
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0) throw new DerError('indefinite length')
    if (count > 4) throw new DerError('length of more than four octets')
    length = 0
    for (let i = 0; i < count; i += 1) length = length * 256 + octetAt(octets, contentStart + i)
    contentStart += count
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError('length not minimal')
  }
  const end = contentStart + length
  if (end > octets.length) throw new DerError('value longer than its surroundings')
  return { tag, der: octets.subarray(start, end), content: octets.subarray(contentStart, end), depth }
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

function octetAt(octets: Uint8Array, index: number): number {
  const octet = octets[index]
  if (octet === undefined) throw new DerError('value cut short')
  return octet
}

/** Walks through the members of one constructed value, as an ASN.1 definition lists them. Every function throws DerError. */
export interface Fields {
  /** The next member, which must have this tag. */
  take(tag: number): DerValue
  /** The next member whatever it is. */
  takeAny(): DerValue
  /** The next member if it has this tag: an OPTIONAL or DEFAULT component. */
  takeIf(tag: number): DerValue | undefined
  /** Refuses further members. */
  end(): void
}

/** Opens a SEQUENCE, or a value with the constructed tag given, for reading member by member. Throws DerError. */
export function readFields(parent: DerValue, tag: number = tags.sequence): Fields {
  assertTag(parent, tag)
  const children = readChildren(parent)
  let position = 0
  const takeAny = (): DerValue => {
    const child = children[position]
    if (child === undefined) throw new DerError('a member is missing')
    position += 1
    return child
  }
  return {
    takeAny,
    take: (expected) => assertTag(takeAny(), expected),
    takeIf: (expected) => (children[position]?.tag === expected ? takeAny() : undefined),
    end: () => {
      if (position < children.length) throw new DerError('more members than defined')
    },
  }
}

/** Returns the value if it has the tag, else throws DerError. */
export function assertTag(value: DerValue, tag: number): DerValue {
  if (value.tag !== tag) throw new DerError(`tag ${hexOctet(value.tag)} where ${hexOctet(tag)} belongs`)
  return value
}

function hexOctet(octet: number): string {
  return octet.toString(16).padStart(2, '0')
}
