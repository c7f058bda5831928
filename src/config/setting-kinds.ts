import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'

/** A kind of setting: its rule in words (the refusal and the reference say it) and the schema that leads from text to the value. */
export interface Kind<T> {
  /** Completes the sentence "NAME must be …". */
  readonly rule: string
  readonly schema: z.ZodType<T, string>
}

/** Where a listener waits. `host` is an IP address without brackets, or `localhost`; port 0 lets the system choose. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** A DNS resolver: an IP address without brackets, and its port. */
export interface ResolverAddress {
  readonly address: string
  readonly port: number
}

/** A list of networks in CIDR notation. */
export interface NetworkList {
  /** The networks as they were given. */
  readonly networks: readonly string[]
  /** Whether an IP address lies in one of them. An IPv4 address mapped into IPv6 counts as the IPv4 address. False for anything else. */
  contains(address: string): boolean
}

/** A folder or file, as an absolute path. Relative paths start at the folder that the process was started in. */
export const path: Kind<string> = kind('a path', (text) => (text.includes('\0') ? undefined : resolve(text)))

export const listenAddress: Kind<ListenAddress | 'off'> = kind(
  '`address:port` with an IP address (IPv6 in brackets) or `localhost`, or `off`',
  (text) => (text === 'off' ? 'off' : parseListenAddress(text)),
)

export const resolverList: Kind<readonly ResolverAddress[]> = listOf(
  'a comma list of IP addresses, each with an optional port (`127.0.0.1:53`, `[::1]:53`)',
  parseResolver,
)

const networks = listOf('a comma list of networks in CIDR notation (`10.0.0.0/8`, `fd00::/8`)', parseNetwork)

export const networkList: Kind<NetworkList> = { rule: networks.rule, schema: networks.schema.transform(toNetworkList) }

export const issuerList: Kind<readonly string[]> = listOf(
  'a comma list of issuer URLs that begin with `https://`, and of hosts (`name` or `name:port`)',
  parseIssuer,
)

const rates = listOf('a comma list of operations with calls a second, each from 1 to 1000000 (`ListCert=20`)', (text) => {
  const [, name, digits] = /^([A-Za-z]{1,100})=([0-9]{1,7})$/.exec(text) ?? []
  const perSecond = Number(digits)
  return name !== undefined && perSecond >= 1 && perSecond <= 1_000_000 ? ([name, perSecond] as const) : undefined
})

export const rateList: Kind<ReadonlyMap<string, number>> = {
  rule: rates.rule,
  schema: rates.schema.transform((entries) => new Map(entries)),
}

/** An integer from `from` to `to`, both included. */
export function integer(from: number, to: number): Kind<number> {
  return kind(`a whole number from ${from} to ${to}`, (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    return value >= from && value <= to ? value : undefined
  })
}

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly W[]): Kind<W> {
  return kind(`one of ${inWords(words)}`, (text) => words.find((word) => word === text))
}

/** A comma list of some of the words: at least one, each counted once, in the order of `words`. */
export function someOf<const W extends string>(words: readonly W[]): Kind<readonly W[]> {
  const rule = `a comma list of ${inWords(words)}`
  const list = listOf(rule, (text) => words.find((word) => word === text))
  return { rule, schema: list.schema.transform((given) => Object.freeze(words.filter((word) => given.includes(word)))) }
}

/** `1` or `true`, `0` or `false`. */
export const onOrOff: Kind<boolean> = kind('`1` or `0`', (text) => {
  if (text === '1' || text === 'true') return true
  return text === '0' || text === 'false' ? false : undefined
})

/** A text that fits a pattern; `rule` says in words what the pattern says. */
export function textLike(rule: string, pattern: RegExp): Kind<string> {
  return kind(rule, (text) => (pattern.test(text) ? text : undefined))
}

/** An account id: 16 digits, a safe integer. */
export const accountId: Kind<number> = kind('an account id of 16 digits', (text) =>
  /^[1-9]\d{15}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined,
)

/** An absolute URL of one of the schemes, without user, query and fragment. The value has no slash at its end. */
export function url(schemes: readonly ('http' | 'https')[]): Kind<string> {
  return kind(`an ${schemes.join(' or ')} URL without user, query and fragment`, (text) => {
    const parsed = URL.parse(text)
    if (parsed === null || /[?#@\s\\]/.test(text)) return undefined
    return schemes.some((scheme) => `${scheme}:` === parsed.protocol) ? parsed.href.replace(/\/+$/, '') : undefined
  })
}

export const postgresUrl: Kind<string> = kind('a URL that begins with `postgres://` or `postgresql://`', (text) =>
  /^postgres(?:ql)?:\/\/./.test(text) && URL.canParse(text) ? text : undefined,
)

function kind<T>(rule: string, parse: (text: string) => T | undefined): Kind<T> {
  const schema = z.string().transform((text, context) => {
    const value = parse(text.trim())
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: rule })
    return z.NEVER
  })
  return { rule, schema }
}

function listOf<T>(rule: string, parseEntry: (text: string) => T | undefined): Kind<readonly T[]> {
  const schema = z.string().transform((text, context) => {
    const entries = text.split(',').map((entry) => parseEntry(entry.trim()))
    // The entry is named by its place and not shown: a secret that landed in the wrong setting stays out of the log.
    for (const [index, entry] of entries.entries()) {
      if (entry === undefined) context.addIssue({ code: 'custom', message: `${rule}; entry ${index + 1} is not` })
    }
    return Object.freeze(entries.filter((entry) => entry !== undefined))
  })
  return { rule, schema }
}

function parseListenAddress(text: string): ListenAddress | undefined {
  const parts = splitPort(text)
  if (parts === undefined || parts.port === undefined || parts.port > 65_535) return undefined
  if (isIP(parts.host) === 0 && parts.host !== 'localhost') return undefined
  return Object.freeze({ host: parts.host, port: parts.port })
}

function parseIssuer(text: string): string | undefined {
  if (text.startsWith('https://')) return URL.canParse(text) && !/[?#@*\s\\]/.test(text) ? text : undefined
  // As a URL writes its host: lower case, A-labels, no default port.
  const host = /^[^\s/?#@*\\]+$/.test(text) ? URL.parse(`https://${text}`)?.host : undefined
  return host === undefined || host === '' ? undefined : host
}

function parseResolver(text: string): ResolverAddress | undefined {
  if (isIPv6(text)) return Object.freeze({ address: text, port: 53 })
  const parts = splitPort(text)
  if (parts === undefined || isIP(parts.host) === 0) return undefined
  const port = parts.port ?? 53
  return port >= 1 && port <= 65_535 ? Object.freeze({ address: parts.host, port }) : undefined
}

/** Splits `host`, `host:port`, `[v6]` and `[v6]:port`. An IPv6 address without brackets has no readable port and is refused. */
function splitPort(text: string): { host: string; port: number | undefined } | undefined {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(text)
  const { v6, name, port } = match?.groups ?? {}
  const host = v6 !== undefined && isIPv6(v6) ? v6 : name
  return host === undefined ? undefined : { host, port: port === undefined ? undefined : Number(port) }
}

interface Network {
  readonly text: string
  readonly address: string
  readonly family: 'ipv4' | 'ipv6'
  readonly prefixLength: number
}

function parseNetwork(text: string): Network | undefined {
  const match = /^(?<address>[0-9a-fA-F:.]+)(?:\/(?<prefix>\d{1,3}))?$/.exec(text)
  const address = match?.groups?.['address'] ?? ''
  const bits = isIPv4(address) ? 32 : 128
  const prefixLength = Number(match?.groups?.['prefix'] ?? bits)
  if (isIP(address) === 0 || prefixLength > bits) return undefined
  return { text, address, family: bits === 32 ? 'ipv4' : 'ipv6', prefixLength }
}

function toNetworkList(networks: readonly Network[]): NetworkList {
  const list = new BlockList()
  for (const network of networks) list.addSubnet(network.address, network.prefixLength, network.family)
  return Object.freeze({
    networks: Object.freeze(networks.map((network) => network.text)),
    contains: (address: string) => isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6'),
  })
}

function inWords(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ')
}
