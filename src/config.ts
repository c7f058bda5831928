import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingGroups, settingsSchema } from './config/settings-schema.ts'
import type { ListenAddress, NetworkList, ResolverAddress } from './config/setting-kinds.ts'
import type { ParsedSettings, SettingDescription } from './config/settings-schema.ts'

export type { ListenAddress, NetworkList, ResolverAddress } from './config/setting-kinds.ts'
export { settingGroups } from './config/settings-schema.ts'
export type { SettingDescription } from './config/settings-schema.ts'

/** Every setting, parsed and frozen. What each means is said in `config/settings-schema.ts` and docs/configuration.md. */
export interface Settings extends Readonly<Omit<ParsedSettings, keyof DerivedSettings>>, DerivedSettings {}

/** Settings whose default depends on others. */
export interface DerivedSettings {
  /** Absolute path. */
  readonly masterKeyFile: string
  /** Empty: the resolvers of the system. */
  readonly dnsResolvers: readonly ResolverAddress[]
  readonly trustedProxies: NetworkList
  readonly validationAllowCidrs: NetworkList
  /** Issuer URLs and hosts. */
  readonly oidcIssuers: readonly string[]
  readonly oidcAllowCidrs: NetworkList
  /** The certificates of `oidcCaFile`, PEM each; empty without such a file. */
  readonly oidcRoots: readonly string[]
  /** https, no slash at the end. Undefined: not given, and the HTTPS listener is off or has a port that the system chooses. */
  readonly publicUrl: string | undefined
  /** No slash at the end. Undefined: not given, and no listener has a fixed port. */
  readonly endpoint: string | undefined
  /** Days; 0: every order is proven anew. */
  readonly proofReuseDays: number
  /** The JSON value of the operator's product file, not yet checked; undefined without such a file. */
  readonly operatorProducts: unknown
}

/** What was wrong with the configuration: one line for each fault. No line shows a value, except the path of a file that could not be read. */
export class ConfigurationError extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'ConfigurationError'
    this.lines = lines
  }
}

/** How the loader reaches files; a test hands in its own. */
export interface LoadOptions {
  /** The text of a file; throws an error with a `code` such as `ENOENT`. */
  readonly readFile?: (path: string) => string
}

/** The environment variable that names the configuration file. */
export const configFileSetting: SettingDescription = {
  name: 'CHANCERY_CONFIG',
  description: 'A JSON file with settings. The only setting that the file itself cannot hold.',
  rule: 'the path of a JSON file',
  absent: 'no file',
}

/**
 * The settings of a process, from the environment and from the JSON file that `CHANCERY_CONFIG` names. The environment wins;
 * an empty value counts as not given.
 *
 * @throws ConfigurationError naming every unknown setting and every bad value
 */
export function loadSettings(env: Readonly<Record<string, string | undefined>>, options: LoadOptions = {}): Settings {
  const readFile = options.readFile ?? ((path) => readFileSync(path, 'utf8'))
  const faults: string[] = []
  const given = new Map([...fileSettings(env, readFile, faults), ...environmentSettings(env, faults)])
  const parsed = settingsSchema.safeParse(Object.fromEntries([...given].map(([key, value]) => [key, value.text])))
  for (const issue of parsed.error?.issues ?? []) faults.push(badValue(String(issue.path[0]), issue.message, given))
  if (parsed.data !== undefined) faults.push(...conflicts(parsed.data))
  if (parsed.data === undefined || faults.length > 0) throw new ConfigurationError(faults)

  const operatorProducts = readProducts(parsed.data.productsFile, readFile)
  const oidcRoots = readRoots(parsed.data.oidcCaFile, readFile)
  return Object.freeze({ ...parsed.data, ...derivedSettings(parsed.data), operatorProducts, oidcRoots })
}

interface GivenValue {
  readonly text: string
  /** What to call the setting in a message. */
  readonly label: string
}

const keysByName = new Map(settingGroups.flatMap(({ settings }) => [...settings].map(([key, { name }]) => [name, key] as const)))

function environmentSettings(env: Readonly<Record<string, string | undefined>>, faults: string[]): Map<string, GivenValue> {
  const given = new Map<string, GivenValue>()
  for (const [name, text] of Object.entries(env)) {
    const key = keysByName.get(name)
    if (key !== undefined && text !== undefined && text.trim() !== '') given.set(key, { text, label: name })
    if (key !== undefined || !name.startsWith('CHANCERY_') || name === configFileSetting.name) continue
    faults.push(unknownSetting(name, [...keysByName.keys(), configFileSetting.name]))
  }
  return given
}

function fileSettings(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  faults: string[],
): Map<string, GivenValue> {
  const path = env[configFileSetting.name]?.trim() ?? ''
  const given = new Map<string, GivenValue>()
  if (path === '') return given
  const content = readJson(configFileSetting.name, path, readFile)
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigurationError([`${configFileSetting.name}: ${path} must hold one JSON object of settings.`])
  }
  const names = [...keysByName.keys()].map((name) => name.toLowerCase())
  for (const [name, value] of Object.entries(content)) {
    const key = names.includes(name) ? keysByName.get(name.toUpperCase()) : undefined
    const text = toText(value)
    if (key === undefined) faults.push(`${path}: ${unknownSetting(name, names)}`)
    else if (text === undefined) faults.push(`${path}: ${name} must be a text, a number, true, false or a list of texts.`)
    else if (text.trim() !== '') given.set(key, { text, label: `${path}: ${name}` })
  }
  return given
}

/** The text that the environment would hold for a value of the file. */
function toText(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  const isListOfTexts = Array.isArray(value) && value.every((entry) => typeof entry === 'string')
  return isListOfTexts ? value.join(',') : undefined
}

function readProducts(path: string | undefined, readFile: (path: string) => string): unknown {
  return path === undefined ? undefined : readJson('CHANCERY_PRODUCTS_FILE', path, readFile)
}

function readRoots(path: string | undefined, readFile: (path: string) => string): readonly string[] {
  if (path === undefined) return Object.freeze([])
  const text = readText('CHANCERY_OIDC_CA_FILE', path, readFile)
  const roots = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (roots.length === 0 || !roots.every(isCertificate)) {
    throw new ConfigurationError([`CHANCERY_OIDC_CA_FILE: ${path} must hold certificates in PEM form.`])
  }
  return Object.freeze(roots)
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== ''
  } catch {
    return false
  }
}

function readJson(setting: string, path: string, readFile: (path: string) => string): unknown {
  const text = readText(setting, path, readFile)
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the file, which may hold secrets.
    throw new ConfigurationError([`${setting}: ${path} is not valid JSON.`])
  }
}

function readText(setting: string, path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new ConfigurationError([`${setting}: cannot read ${path} (${code}).`])
  }
}

function badValue(key: string, rule: string, given: ReadonlyMap<string, GivenValue>): string {
  return `${given.get(key)?.label ?? key} must be ${rule}.`
}

/** Rules that concern more than one setting. */
function conflicts(settings: ParsedSettings): string[] {
  const faults: string[] = []
  if ((settings.rootAccessKeyId === undefined) !== (settings.rootAccessKeySecret === undefined)) {
    faults.push('CHANCERY_ROOT_ACCESS_KEY_ID and CHANCERY_ROOT_ACCESS_KEY_SECRET must be given together.')
  }
  if (settings.masterKeyNext !== undefined && settings.masterKey === undefined) {
    faults.push(
      'CHANCERY_MASTER_KEY_NEXT goes with CHANCERY_MASTER_KEY: beside a file the next key is a file too, named as it is with .next.',
    )
  }
  if ((settings.tlsCertFile === undefined) !== (settings.tlsKeyFile === undefined)) {
    faults.push('CHANCERY_TLS_CERT_FILE and CHANCERY_TLS_KEY_FILE must be given together.')
  }
  if (settings.acmeEab === 'optional' && settings.acmeDefaultAccount === undefined) {
    faults.push('CHANCERY_ACME_EAB may be `optional` only together with CHANCERY_ACME_DEFAULT_ACCOUNT.')
  }
  if (settings.emulator && [settings.httpListen, settings.httpsListen, settings.adminListen].some(isOpen)) {
    faults.push('CHANCERY_EMULATOR allows loopback listeners only: see the CHANCERY_…_LISTEN settings.')
  }
  return faults
}

function isOpen(listen: ListenAddress | 'off'): boolean {
  return listen !== 'off' && listen.host !== 'localhost' && listen.host !== '::1' && !listen.host.startsWith('127.')
}

const noNetworks: NetworkList = Object.freeze({ networks: Object.freeze([]), contains: () => false })

/** Days that a proof of control counts at most (BR 4.2.1). */
const LONGEST_REUSE_DAYS = 200

function derivedSettings(settings: ParsedSettings): Omit<DerivedSettings, 'operatorProducts' | 'oidcRoots'> {
  return {
    masterKeyFile: settings.masterKeyFile ?? join(settings.data, 'master.key'),
    dnsResolvers: settings.dnsResolvers ?? Object.freeze([]),
    trustedProxies: settings.trustedProxies ?? noNetworks,
    validationAllowCidrs: settings.validationAllowCidrs ?? noNetworks,
    oidcIssuers: settings.oidcIssuers ?? Object.freeze([]),
    oidcAllowCidrs: settings.oidcAllowCidrs ?? noNetworks,
    publicUrl: settings.publicUrl ?? listenerUrl('https', settings.httpsListen),
    proofReuseDays: settings.proofReuseDays ?? (settings.emulator ? 0 : LONGEST_REUSE_DAYS),
    endpoint: settings.endpoint ?? listenerUrl('http', settings.httpListen) ?? listenerUrl('https', settings.httpsListen),
  }
}

/** How a client on this machine reaches a listener; undefined if the port is not known beforehand. */
function listenerUrl(scheme: 'http' | 'https', listen: ListenAddress | 'off'): string | undefined {
  if (listen === 'off' || listen.port === 0) return undefined
  const host = listen.host === '0.0.0.0' ? '127.0.0.1' : listen.host === '::' ? '::1' : listen.host
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${listen.port}`
}

function unknownSetting(name: string, known: readonly string[]): string {
  const nearest = known.reduce((best, candidate) => (distance(name, candidate) < distance(name, best) ? candidate : best))
  const shown = name.slice(0, 100).replace(/[^\w.-]/g, '?')
  // A name that shares little with any is no misspelling: the list says more than a guess.
  const isNear = distance(name, nearest) <= Math.max(2, name.length / 4)
  return isNear
    ? `${shown} is not a setting; the nearest known name is ${nearest}.`
    : `${shown} is not a setting: docs/configuration.md lists them all.`
}

/** Edit distance (Levenshtein), one row at a time. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [line, letter] of Array.from(from.slice(0, 100)).entries()) {
    const next = [line + 1]
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
