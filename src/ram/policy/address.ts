import { isIPv4, isIPv6 } from 'node:net'

/** An IP address as a number. IPv4 addresses in IPv6 form (`::ffff:192.0.2.1`, as sockets of both families show them) are IPv4. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

/** Says whether an address is in a network. */
export type NetworkMatcher = (address: Address) => boolean

const BITS = { 4: 32, 6: 128 } as const
const MAPPED_BITS = 96
const MAPPED_PREFIX = 0xffffn

/** Reads an IPv4 or IPv6 address without a zone; undefined if it is none. */
export function readAddress(text: string): Address | undefined {
  const written = readAsWritten(text)
  if (written?.family === 6 && written.value >> 32n === MAPPED_PREFIX) return { family: 4, value: written.value & 0xffff_ffffn }
  return written
}

/** Reads a single address or a CIDR block, whose bits beyond the prefix are ignored; undefined if it is neither. */
export function compileNetwork(text: string): NetworkMatcher | undefined {
  const [addressText = '', prefixText, ...rest] = text.split('/')
  const written = readAsWritten(addressText)
  const address = readAddress(addressText)
  if (written === undefined || address === undefined || rest.length > 0) return undefined
  if (prefixText === undefined) return (other) => other.family === address.family && other.value === address.value
  if (!/^(0|[1-9]\d{0,2})$/.test(prefixText) || Number(prefixText) > BITS[written.family]) return undefined
  const prefix = Number(prefixText)
  // A block around mapped addresses is one of IPv4 if it holds nothing else, and one of IPv6 if it is larger.
  const mapped = written.family !== address.family && prefix >= MAPPED_BITS
  const block = mapped ? address : written
  const hostBits = BigInt(BITS[block.family] - (mapped ? prefix - MAPPED_BITS : prefix))
  const network = block.value >> hostBits
  return (other) => other.family === block.family && other.value >> hostBits === network
}

function readAsWritten(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, value: readIpv4(text) }
  if (isIPv6(text) && !text.includes('%')) return { family: 6, value: readIpv6(text) }
  return undefined
}

function readIpv4(text: string): bigint {
  return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
}

function readIpv6(text: string): bigint {
  const dotted = text.slice(text.lastIndexOf(':') + 1)
  const tail = dotted.includes('.') ? readIpv4(dotted) : 0n
  const plain = dotted.includes('.')
    ? `${text.slice(0, -dotted.length)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`
    : text
  const [before = '', after] = plain.split('::')
  const head = readGroups(before)
  const end = readGroups(after ?? '')
  const gap = after === undefined ? [] : Array.from({ length: 8 - head.length - end.length }, () => 0n)
  return [...head, ...gap, ...end].reduce((sum, group) => (sum << 16n) | group, 0n)
}

function readGroups(text: string): bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`))
}
