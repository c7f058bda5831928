import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'
import type { Logger } from 'pino'
import { z } from 'zod'
import { isAllowedHost, isAllowedIssuer } from './issuer-allow-list.ts'

/** Fetches JSON over https, guarded; the network is not of this room. */
export type FetchJson = (url: URL) => Promise<
  | { readonly kind: 'json'; readonly content: unknown; readonly certificateSha1s: readonly string[] }
  /** `detail` is for the log. */
  | { readonly kind: 'failure'; readonly failure: string; readonly detail: string }
>

/** The keys that an issuer signs with, and over which certificates they came; or why there are none. */
export type IssuerKeyOutcome = IssuerKeySet | IssuerFailure

export interface IssuerKeySet {
  readonly kind: 'keys'
  readonly getKey: JWTVerifyGetKey
  /** For each fetch, discovery and keys: the SHA-1s of the server's certificate and of those above it, hex in lower case. */
  readonly chains: readonly (readonly string[])[]
}

export interface IssuerFailure {
  readonly kind: 'failure'
  /** `untrusted`: its certificate. */
  readonly failure: 'untrusted' | 'unusable'
  /** A sentence for whoever called. */
  readonly rule: string
}

/** Gets the keys of issuers, from a cache where it can. */
export interface IssuerKeys {
  /** @param refresh the token names a key that was not there: look again, unless that was done within a minute */
  find(issuer: string, refresh?: boolean): Promise<IssuerKeyOutcome>
}

export interface IssuerKeyOptions {
  readonly fetchJson: FetchJson
  /** Issuer URLs and hosts: `CHANCERY_OIDC_ISSUERS`. */
  readonly allowed: readonly string[]
  /** ms. */
  readonly clock: () => number
  readonly log: Logger
}

const KEPT_MS = 10 * 60_000
const REFRESHED_MS = 60_000
/** A failure is remembered so long: whoever presents tokens cannot make us knock on a door again and again. */
const FAILED_MS = 10_000
const MOST_ISSUERS = 200

/** One look at an issuer. */
interface Look {
  readonly startedAt: number
  readonly done: Promise<Looked>
  /** Undefined while the look goes on. */
  looked: Looked | undefined
}

interface Looked {
  readonly outcome: IssuerKeyOutcome
  readonly fetchedAt: number
}

/** Opens the cache. One look at a time for each issuer, whoever waits for it. */
export function openIssuerKeys(options: IssuerKeyOptions): IssuerKeys {
  const looks = new Map<string, Look>()

  async function look(issuer: string, now: number): Promise<Looked> {
    const before = looks.get(issuer)?.looked
    const outcome = await fetchKeys(options, issuer)
    // A second look that fails takes nothing away from what is still fresh.
    const keeps = outcome.kind === 'failure' && before?.outcome.kind === 'keys' && isWithin(now - before.fetchedAt, KEPT_MS)
    return keeps ? before : { outcome, fetchedAt: now }
  }

  function start(issuer: string, now: number): Look {
    const started: Look = { startedAt: now, done: look(issuer, now), looked: undefined }
    started.done.then(
      (looked) => (started.looked = looked),
      // A bug: nobody is to wait for it a second time.
      () => looks.get(issuer) === started && looks.delete(issuer),
    )
    looks.delete(issuer)
    // The oldest goes first.
    if (looks.size >= MOST_ISSUERS) for (const oldest of looks.keys()) if (looks.delete(oldest)) break
    looks.set(issuer, started)
    return started
  }

  return {
    async find(issuer, refresh = false) {
      if (!isAllowedIssuer(issuer, options.allowed)) return unusable('CHANCERY_OIDC_ISSUERS does not allow this issuer.')
      const now = options.clock()
      const known = looks.get(issuer)
      const chosen = known !== undefined && isGood(known, now, refresh) ? known : start(issuer, now)
      return (await chosen.done).outcome
    },
  }
}

function isGood({ startedAt, looked }: Look, now: number, refresh: boolean): boolean {
  if (looked === undefined) return true
  if (looked.outcome.kind === 'failure') return isWithin(now - startedAt, FAILED_MS)
  return isWithin(now - looked.fetchedAt, KEPT_MS) && (!refresh || isWithin(now - startedAt, REFRESHED_MS))
}

/** A clock that was set back makes an age negative: then nothing is known of it. */
function isWithin(ageMs: number, mostMs: number): boolean {
  return ageMs >= 0 && ageMs < mostMs
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.string() })
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) })

/** OpenID Connect Discovery 1.0, section 4: the issuer tells where its keys are, and the name it gives itself must be the one that was asked for. */
async function fetchKeys(options: IssuerKeyOptions, issuer: string): Promise<IssuerKeyOutcome> {
  const fail = (rule: string) => logged(options, issuer, unusable(rule))
  const first = await fetchPart(options, issuer, new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`))
  if (first.kind === 'failure') return first
  const configuration = discovery.safeParse(first.content)
  if (!configuration.success) return fail('The discovery document has no issuer or jwks_uri.')
  if (configuration.data.issuer !== issuer) return fail('The discovery document is of another issuer.')
  const keysAt = URL.parse(configuration.data.jwks_uri)
  if (keysAt === null || keysAt.username !== '' || keysAt.password !== '') return fail('jwks_uri is no URL.')
  if (!isAllowedHost(keysAt, options.allowed)) return fail('CHANCERY_OIDC_ISSUERS does not allow the host of jwks_uri.')
  const second = await fetchPart(options, issuer, keysAt)
  if (second.kind === 'failure') return second
  const keys = keySet.safeParse(second.content)
  if (!keys.success) return fail('The document at jwks_uri is no key set.')
  return { kind: 'keys', getKey: createLocalJWKSet(keys.data), chains: [first.certificateSha1s, second.certificateSha1s] }
}

async function fetchPart(
  options: IssuerKeyOptions,
  issuer: string,
  url: URL,
): Promise<{ kind: 'json'; content: unknown; certificateSha1s: readonly string[] } | IssuerFailure> {
  const outcome = await options.fetchJson(url)
  if (outcome.kind === 'json') return outcome
  const { failure, detail } = outcome
  if (failure === 'tls') return logged(options, issuer, { kind: 'failure', failure: 'untrusted', rule: '' }, detail)
  const isForbidden = failure === 'forbiddenAddress'
  const rule = isForbidden ? 'CHANCERY_OIDC_ALLOW_CIDRS does not allow the address of its host.' : 'It gave no usable answer.'
  return logged(options, issuer, unusable(rule), detail)
}

function unusable(rule: string): IssuerFailure {
  return { kind: 'failure', failure: 'unusable', rule }
}

/** The detail stands in the log alone: it tells of networks that the caller may not know. */
function logged({ log }: IssuerKeyOptions, issuer: string, failure: IssuerFailure, detail = failure.rule): IssuerFailure {
  log.warn({ issuer, detail }, 'the keys of an OIDC issuer could not be fetched')
  return failure
}
