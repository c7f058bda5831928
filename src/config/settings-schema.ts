import { z } from 'zod'
import {
  accountId,
  integer,
  issuerList,
  listenAddress,
  networkList,
  onOrOff,
  oneOf,
  path,
  postgresUrl,
  resolverList,
  someOf,
  textLike,
  url,
  rateList,
} from './setting-kinds.ts'
import type { Kind } from './setting-kinds.ts'

/** What the reference and the refusals say about a setting. */
export interface SettingDescription {
  /** The environment variable; the configuration file uses it in lower case. */
  readonly name: string
  readonly description: string
  /** Completes the sentence "NAME must be …". */
  readonly rule: string
  /** The text that counts when nothing is given. */
  readonly default?: string
  /** In words: what happens when nothing is given and there is no default text. */
  readonly absent?: string
}

const descriptions = z.registry<SettingDescription>()

const port = integer(1, 65_535)
const noControls = (rule: string, most: number) => textLike(rule, new RegExp(`^[^\\p{Cc}\\p{Zl}\\p{Zp}]{1,${most}}$`, 'u'))

const data = {
  data: defaulted(path, {
    name: 'CHANCERY_DATA',
    default: './data',
    description: 'The data folder: database of the embedded default, sealed keys, local administration socket.',
  }),
  databaseUrl: optional(postgresUrl, {
    name: 'DATABASE_URL',
    absent: 'SQLite in the data folder',
    description: 'The PostgreSQL database that any number of processes share. It may hold a password: it is never logged.',
  }),
  masterKeyFile: optional(path, {
    name: 'CHANCERY_MASTER_KEY_FILE',
    absent: '`master.key` in the data folder',
    description: 'The file with the key that seals all other keys, mode 0600.',
  }),
  masterKey: optional(textLike('base64 of exactly 32 octets', /^[A-Za-z0-9+/]{43}=$/), {
    name: 'CHANCERY_MASTER_KEY',
    absent: 'the file of CHANCERY_MASTER_KEY_FILE',
    description: 'The master key itself, base64, where a secret store hands it over in the environment; no file is read or made then.',
  }),
  masterKeyNext: optional(textLike('base64 of exactly 32 octets', /^[A-Za-z0-9+/]{43}=$/), {
    name: 'CHANCERY_MASTER_KEY_NEXT',
    absent: 'none',
    description: 'The master key that is to take over, where `CHANCERY_MASTER_KEY` holds the present one; see `keys rotate-master`.',
  }),
  rootAccessKeyId: optional(textLike('1 to 128 letters, digits, `.`, `_` or `-`', /^[\w.-]{1,128}$/), {
    name: 'CHANCERY_ROOT_ACCESS_KEY_ID',
    absent: 'a random one',
    description: 'The first access key, instead of a random one. Counts only while the installation has no access key.',
  }),
  rootAccessKeySecret: optional(textLike('16 to 256 printable ASCII characters without blanks', /^[!-~]{16,256}$/), {
    name: 'CHANCERY_ROOT_ACCESS_KEY_SECRET',
    absent: 'a random one',
    description: 'The secret of the first access key. Give both or neither.',
  }),
  auditRetentionDays: defaulted(integer(1, 36_500), {
    name: 'CHANCERY_AUDIT_RETENTION_DAYS',
    default: '730',
    description: 'Days that the bodies of audit events are kept; their hashes stay in the log for good.',
  }),
  auditAddressDays: defaulted(integer(1, 36_500), {
    name: 'CHANCERY_AUDIT_ADDRESS_DAYS',
    default: '90',
    description: 'Days that audit events show the address a call came from; the log has it as a salted hash alone.',
  }),
  keyRetentionDays: defaulted(integer(0, 3_650), {
    name: 'CHANCERY_KEY_RETENTION_DAYS',
    default: '30',
    description: 'Days after the end of a certificate at which its private key is destroyed.',
  }),
  rsaPool: defaulted(integer(0, 1_000), {
    name: 'CHANCERY_RSA_POOL',
    default: '16',
    description: 'RSA-2048 key pairs kept ready in the memory of each process with the role worker; 0 makes none ahead.',
  }),
  writeQueue: defaulted(integer(64, 1_000_000), {
    name: 'CHANCERY_WRITE_QUEUE',
    default: '10000',
    description: 'Writes that may wait at a time; beyond it calls are answered 503.',
  }),
}

const doors = {
  roles: defaulted(someOf(['api', 'acme', 'worker']), {
    name: 'CHANCERY_ROLES',
    default: 'api,acme,worker',
    description: 'What this process does.',
  }),
  httpListen: defaulted(listenAddress, {
    name: 'CHANCERY_HTTP_LISTEN',
    default: '127.0.0.1:8080',
    description: 'The HTTP listener. Off the loopback it serves /ca, /crl, /ocsp and /healthz only.',
  }),
  httpsListen: defaulted(listenAddress, {
    name: 'CHANCERY_HTTPS_LISTEN',
    default: '127.0.0.1:8443',
    description: 'The HTTPS listener: signed calls, ACME, console.',
  }),
  adminListen: defaulted(listenAddress, {
    name: 'CHANCERY_ADMIN_LISTEN',
    default: '127.0.0.1:9090',
    description: 'The listener for /metrics, beside health and readiness.',
  }),
  tlsCertFile: optional(path, {
    name: 'CHANCERY_TLS_CERT_FILE',
    absent: 'a certificate of the own CA',
    description: 'PEM chain of the HTTPS listener, leaf first. Give it together with the key.',
  }),
  tlsKeyFile: optional(path, {
    name: 'CHANCERY_TLS_KEY_FILE',
    absent: 'a key of its own',
    description: 'PEM private key of the HTTPS listener, mode 0600.',
  }),
  publicUrl: optional(url(['https']), {
    name: 'CHANCERY_PUBLIC_URL',
    absent: 'the HTTPS listener',
    description: 'The URL under which clients reach ACME, console and signed calls.',
  }),
  trustedProxies: optional(networkList, {
    name: 'CHANCERY_TRUSTED_PROXIES',
    absent: 'none',
    description: 'Networks whose forwarding headers count.',
  }),
  callsPerSecond: defaulted(integer(1, 1_000_000), {
    name: 'CHANCERY_CALLS_PER_SECOND',
    default: '2000',
    description:
      'Calls a second of one operation that one user, role or account may make, of all processes together; for some the original states less.',
  }),
  callRates: optional(rateList, {
    name: 'CHANCERY_CALL_RATES',
    absent: 'what the original states',
    description: 'Calls a second of single operations, e.g. `ListUserCertificateOrder=50,CheckDomain=5`.',
  }),
  failedCallsPerMinute: defaulted(integer(1, 1_000_000), {
    name: 'CHANCERY_FAILED_CALLS_PER_MINUTE',
    default: '600',
    description: 'Calls a minute with a wrong key, token or signature from one IPv4 address or IPv6 /64; a third of them at once.',
  }),
  replayCapacity: defaulted(integer(1_000, 100_000_000), {
    name: 'CHANCERY_REPLAY_CAPACITY',
    default: '1000000',
    description: 'Nonces of signed calls kept in memory at a time (SQLite). More calls than that inside the time window are refused.',
  }),
}

const orders = {
  recordDomain: defaulted(oneOf(['full', 'host']), {
    name: 'CHANCERY_RECORD_DOMAIN',
    default: 'full',
    description:
      'What `RecordDomain` shows of the DNS record to add: the full name (`_dnsauth.www.example.com`) or the part below the zone (`_dnsauth.www`).',
  }),
  symantecDvStarter: defaulted(oneOf(['wildcard', 'single']), {
    name: 'CHANCERY_SYMANTEC_DV_STARTER',
    default: 'wildcard',
    description: 'Which names the product `symantec-dv-1-starter` takes; the public documents disagree.',
  }),
  refundDays: defaulted(integer(1, 365), {
    name: 'CHANCERY_REFUND_DAYS',
    default: '30',
    description: 'Days after the issue within which a revocation gives the quota back, unless the product says otherwise.',
  }),
  purchase: defaulted(oneOf(['tenant', 'operator']), {
    name: 'CHANCERY_PURCHASE',
    default: 'tenant',
    description: 'Who buys plans with `PurchasePackage`: each account for itself, or the account of the operator alone, for others too.',
  }),
  productsFile: optional(path, {
    name: 'CHANCERY_PRODUCTS_FILE',
    absent: 'the built-in products only',
    description: "A JSON file with the operator's own products.",
  }),
}

const proofs = {
  dnsResolvers: optional(resolverList, {
    name: 'CHANCERY_DNS_RESOLVERS',
    absent: "the system's",
    description: 'The DNS resolvers that proofs of control are looked up with, best a validating one on the loopback.',
  }),
  dnsTimeoutMs: defaulted(integer(100, 30_000), {
    name: 'CHANCERY_DNS_TIMEOUT_MS',
    default: '2000',
    description: 'Milliseconds that one DNS query may take before the next resolver is asked.',
  }),
  validationHttpPort: defaulted(port, {
    name: 'CHANCERY_VALIDATION_HTTP_PORT',
    default: '80',
    description: 'The port that file proofs are fetched from over HTTP.',
  }),
  validationHttpsPort: defaulted(port, {
    name: 'CHANCERY_VALIDATION_HTTPS_PORT',
    default: '443',
    description: 'The port that file proofs are fetched from over HTTPS.',
  }),
  validationTlsAlpnPort: defaulted(port, {
    name: 'CHANCERY_VALIDATION_TLS_ALPN_PORT',
    default: '443',
    description: 'The port of TLS-ALPN proofs.',
  }),
  validationAllowCidrs: optional(networkList, {
    name: 'CHANCERY_VALIDATION_ALLOW_CIDRS',
    absent: 'none',
    description: 'Special-use networks (loopback, private, link-local…) that validation may contact.',
  }),
}

const authority = {
  pkiUrl: optional(url(['http']), {
    name: 'CHANCERY_PKI_URL',
    absent: 'the pointers are left out of certificates',
    description: 'The URL written into certificates for /ca, /crl and /ocsp. Fixed when the CA is made.',
  }),
  caCountry: defaulted(textLike('two capital letters', /^[A-Z]{2}$/), {
    name: 'CHANCERY_CA_COUNTRY',
    default: 'XX',
    description: "Country of the CA's subject, ISO 3166-1 (`XX`: none of them). Fixed when the CA is made.",
  }),
  caOrganization: defaulted(noControls('1 to 64 characters without control characters', 64), {
    name: 'CHANCERY_CA_ORGANIZATION',
    default: 'Chancery',
    description: "Organization of the CA's subject. Fixed when the CA is made.",
  }),
  // A common name has 64 characters (RFC 5280 appendix A, ub-common-name); the word for root or intermediate and 9 more follow the name.
  caName: defaulted(noControls('1 to 40 characters without control characters', 40), {
    name: 'CHANCERY_CA_NAME',
    default: 'Chancery',
    description: "First part of the CA's common names. Fixed when the CA is made.",
  }),
  acmeEab: defaulted(oneOf(['required', 'optional']), {
    name: 'CHANCERY_ACME_EAB',
    default: 'required',
    description: 'External account binding at the ACME door. `optional` needs CHANCERY_ACME_DEFAULT_ACCOUNT.',
  }),
  acmeTerms: optional(url(['http', 'https']), {
    name: 'CHANCERY_ACME_TERMS',
    absent: 'there are no terms to agree to',
    description: 'The terms of service that new ACME accounts have to agree to.',
  }),
  acmeWebsite: optional(url(['http', 'https']), {
    name: 'CHANCERY_ACME_WEBSITE',
    absent: 'none',
    description: 'A page about the service, in the ACME directory and with refusals for too many requests.',
  }),
  acmeCaaIdentities: optional(
    textLike('a comma list of host names in lower case', /^[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:,[a-z0-9-]+(?:\.[a-z0-9-]+)*)*$/),
    {
      name: 'CHANCERY_ACME_CAA_IDENTITIES',
      absent: 'none',
      description: 'The host names that the ACME directory tells owners of domains to write into CAA records.',
    },
  ),
  acmeOpenOrders: defaulted(integer(1, 100_000), {
    name: 'CHANCERY_ACME_OPEN_ORDERS',
    default: '1000',
    description: 'Orders that one principal may have open at the ACME door.',
  }),
  acmeReplayCapacity: defaulted(integer(1_000, 100_000_000), {
    name: 'CHANCERY_ACME_REPLAY_CAPACITY',
    default: '1500000',
    description:
      'Used nonces of the ACME door kept in memory at a time (SQLite), each for up to 12 minutes. Every signed ACME request uses one; more than that are refused.',
  }),
  proofReuseDays: optional(integer(0, 200), {
    name: 'CHANCERY_PROOF_REUSE_DAYS',
    absent: '200; in emulator mode `0`, as the original proves every order',
    description:
      'Days that a proof of control counts for further orders of the account, by whichever door; never more than BR 4.2.1 allows on the day (200, from 2027-03-15 100, from 2029-03-15 10). `0`: every order is proven anew.',
  }),
  acmeDefaultAccount: optional(accountId, {
    name: 'CHANCERY_ACME_DEFAULT_ACCOUNT',
    absent: 'none',
    description: 'The account that pays for ACME clients without external account binding.',
  }),
}

const running = {
  logLevel: defaulted(oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), {
    name: 'CHANCERY_LOG_LEVEL',
    default: 'info',
    description: 'The least severe log lines that are written.',
  }),
  emulator: defaulted(onOrOff, {
    name: 'CHANCERY_EMULATOR',
    default: '0',
    description: 'Emulator mode: for tests only, loopback listeners only, marked in every certificate and answer.',
  }),
  emulatorProofs: defaulted(
    textLike('a number of seconds up to 86400, or `real`', /^(real|[0-9]{1,4}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400)$/),
    {
      name: 'CHANCERY_EMULATOR_PROOFS',
      default: '2',
      description: 'Emulator mode: proofs of control pass so many seconds after the first look; `real`: the real network decides.',
    },
  ),
  endpoint: optional(url(['http', 'https']), {
    name: 'CHANCERY_ENDPOINT',
    absent: 'the HTTP listener',
    description: 'The service that the command line calls as a client.',
  }),
}

const federation = {
  oidcIssuers: optional(issuerList, {
    name: 'CHANCERY_OIDC_ISSUERS',
    absent: 'none: no key of an issuer is fetched',
    description:
      "The OpenID Connect issuers whose keys may be fetched for AssumeRoleWithOIDC: issuer URLs, and hosts for all issuers on them. The host of an issuer's `jwks_uri` must be among them too.",
  }),
  oidcAllowCidrs: optional(networkList, {
    name: 'CHANCERY_OIDC_ALLOW_CIDRS',
    absent: 'none',
    description: 'Special-use networks (loopback, private, link-local…) that issuers may be in, e.g. that of a Kubernetes cluster.',
  }),
  oidcCaFile: optional(path, {
    name: 'CHANCERY_OIDC_CA_FILE',
    absent: 'the roots of Node alone',
    description: 'A PEM file with further roots that the certificates of issuers may lead to.',
  }),
}

const groups = {
  'Data and keys': data,
  'Listeners and calls': doors,
  'Orders and products': orders,
  'Proofs of control': proofs,
  'Identity providers': federation,
  'Certificate authority and ACME': authority,
  'The process': running,
}

/** Every setting: property name to a schema from text to the value. Unknown properties are refused. */
export const settingsSchema = z.strictObject({ ...data, ...doors, ...orders, ...proofs, ...federation, ...authority, ...running })

/** The settings as parsed, before the defaults that depend on other settings. */
export type ParsedSettings = z.output<typeof settingsSchema>

/** All settings with their descriptions, grouped and in the order of the reference. */
export const settingGroups: readonly { readonly title: string; readonly settings: ReadonlyMap<string, SettingDescription> }[] =
  Object.entries(groups).map(([title, shape]) => ({
    title,
    settings: new Map(Object.entries(shape).map(([key, schema]) => [key, describe(schema)])),
  }))

function describe(schema: z.core.$ZodType): SettingDescription {
  const description = descriptions.get(schema)
  if (description === undefined) throw new Error('A setting has no description.')
  return description
}

function defaulted<T>(kind: Kind<T>, about: Omit<SettingDescription, 'rule' | 'absent'> & { default: string }) {
  return kind.schema.prefault(about.default).register(descriptions, { ...about, rule: kind.rule })
}

function optional<T>(kind: Kind<T>, about: Omit<SettingDescription, 'rule' | 'default'> & { absent: string }) {
  return kind.schema.optional().register(descriptions, { ...about, rule: kind.rule })
}
