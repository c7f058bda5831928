import { type AcmeClient, makeKey, signJws } from './acme-client.ts'
import type { Attack, SignedBody } from './hostile-attacks.ts'

/** Ids of things by the first segment of their path, e.g. `order`. */
export type Ids = Readonly<Record<string, readonly string[]>>

/** What the hostile client knows: its own account and things, those of another tenant, and nonces. */
export interface Loot {
  readonly client: AcmeClient
  readonly base: string
  readonly own: Ids
  readonly foreign: Ids
  /** The URL of another tenant's account. */
  readonly foreignKid: string
  readonly fresh: string[]
  readonly used: string[]
}

/** The request as it is sent. */
export interface WireAttack {
  readonly method: string
  readonly path: string
  readonly contentType: string
  readonly body: string | Uint8Array
}

const stranger = makeKey()

/** Fills in ids, nonces and signature. @param pick which of several ids */
export function arm(plan: Attack, loot: Loot, pick: number): WireAttack {
  const { method, contentType, body } = plan
  const path = `/acme/${plan.path.replaceAll('*', chooseId(plan, loot, pick))}${plan.query}`
  if (body.kind === 'text') return { method, path, contentType, body: body.text }
  if (body.kind === 'octets') return { method, path, contentType, body: body.octets }
  const url = { own: `${loot.base}${path}`, other: `${loot.base}/acme/new-order`, none: undefined }
  const header = {
    alg: body.alg === 'own' ? loot.client.key.alg : body.alg,
    nonce: takeNonce(body.nonce, loot),
    url: typeof body.url === 'string' && Object.hasOwn(url, body.url) ? url[body.url as keyof typeof url] : body.url,
    ...signerOf(body, loot),
    ...body.extra,
  }
  const signed = signJws(body.by === 'own' ? loot.client.key : stranger, header, body.payload)
  return { method, path, contentType, body: spoil(signed, body.spoil) }
}

function chooseId({ id, path }: Attack, { own, foreign }: Loot, pick: number): string {
  const known = id === 'own' ? own : id === 'foreign' ? foreign : undefined
  if (known === undefined) return id
  const ids = known[path.split('/')[0] ?? ''] ?? []
  return ids[pick % ids.length] ?? '1'
}

function takeNonce(nonce: unknown, { fresh, used }: Loot): unknown {
  if (nonce === 'none') return undefined
  if (nonce === 'used') return used.at(-1)
  if (nonce !== 'fresh') return nonce
  const taken = fresh.pop()
  if (taken !== undefined) used.push(taken)
  if (used.length > 100) used.shift()
  return taken
}

function signerOf({ signer, jwk }: SignedBody, { client, foreignKid, base }: Loot): object {
  switch (signer) {
    case 'kid':
      return { kid: client.kid }
    case 'jwk':
      return { jwk: client.key.jwk }
    case 'both':
      return { kid: client.kid, jwk: client.key.jwk }
    case 'none':
      return {}
    case 'foreign kid':
      return { kid: foreignKid }
    case 'odd kid':
      return { kid: `${base}/acme/account/__proto__` }
    case 'odd jwk':
      return { jwk }
  }
}

function spoil(signed: Record<string, unknown>, how: SignedBody['spoil']): string {
  const text = JSON.stringify(signed)
  switch (how) {
    case 'none':
      return text
    case 'padding':
      return JSON.stringify({ ...signed, payload: `${String(signed['payload'])}=` })
    case 'truncated text':
      return text.slice(0, text.length / 2)
    case 'no payload':
      return JSON.stringify({ ...signed, payload: undefined })
    case 'no signature':
      return JSON.stringify({ ...signed, signature: undefined })
    case 'short signature':
      return JSON.stringify({ ...signed, signature: String(signed['signature']).slice(0, 8) })
    case 'numbers':
      return JSON.stringify({ protected: 1, payload: [], signature: {} })
    case 'twice':
      return `{"payload":"e30",${text.slice(1)}`
    case 'general':
      return JSON.stringify({ payload: signed['payload'], signatures: [signed] })
    case 'header':
      return JSON.stringify({ ...signed, header: { alg: 'none' } })
    case 'array':
      return `[${text}]`
    case 'compact':
      return `"${String(signed['protected'])}.${String(signed['payload'])}.${String(signed['signature'])}"`
    case 'bom':
      return `\ufeff${text}`
    case 'tail':
      return `${text}${text}`
    case 'flipped':
      return JSON.stringify({ ...signed, protected: String(signed['protected']).replace(/[a-z]/, 'A') })
  }
}
