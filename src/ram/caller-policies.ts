import type { Caller, Identity } from '../gateway/caller.ts'
import type { Database } from '../storage/database.ts'
import { findAccountRules, type GrantRow, listGrants } from '../storage/ram-grants.ts'
import type { PolicyDocument } from './policy/document.ts'
import type { NamedDocument } from './policy/evaluate.ts'
import type { PolicyLayers } from './policy/layers.ts'
import { parsePolicyDocument } from './policy/parse-policy.ts'
import { findSystemPolicy } from './policy/system-policies.ts'

/** Writes that change accounts, users, groups, roles, policies or attachments name this channel. */
export const RAM_CHANNEL = 'ram'

/** What an account decides about its own permissions. */
export interface AccountRules {
  /** Null: as the installation's mode says. */
  readonly keyReading: 'separate' | 'original' | null
  readonly setOperators: boolean
}

/** The policies that bear on a caller, made ready. */
export interface CallerPolicies {
  readonly layers: PolicyLayers
  /** Condition keys that any of them names, as `normalizeKey` gives them. */
  readonly conditionKeys: ReadonlySet<string>
  readonly rules: AccountRules
}

/** What was read is kept so long at most, ms: what another process changed shows after this even if its notice was lost. */
const LONGEST_AGE_MS = 5_000
const MOST_CALLERS = 1_000
const MOST_DOCUMENTS = 1_000

/** Finds the policies of callers, with a cache of them and of parsed documents. */
export function createPolicyFinder(
  db: Pick<Database, 'read' | 'onNotify'>,
  clock: () => number,
): (caller: Pick<Caller, 'accountId' | 'identity'>) => Promise<CallerPolicies> {
  const callers = new Map<string, { found: CallerPolicies; readAt: number }>()
  const documents = new Map<string, PolicyDocument>()
  let changes = 0
  db.onNotify(RAM_CHANNEL, () => {
    changes += 1
    callers.clear()
  })

  function parse(text: string, setOperators: boolean): PolicyDocument {
    const key = `${setOperators ? 1 : 0}${text}`
    const known = documents.get(key)
    if (known !== undefined) return known
    const document = parsePolicyDocument(text, { setOperators })
    makeRoom(documents, MOST_DOCUMENTS)
    documents.set(key, document)
    return document
  }

  function toDocument(grant: GrantRow): NamedDocument[] {
    if (grant.policyId === null) {
      const system = findSystemPolicy(grant.policyKey.slice('System:'.length))
      return system === undefined ? [] : [system]
    }
    if (grant.name === null || grant.version === null || grant.document === null) return []
    // What was stored with set operators stays in force when the account gives them up: a Deny must not vanish.
    return [{ name: grant.name, version: `v${grant.version}`, document: parse(grant.document, true) }]
  }

  async function load(accountId: number, identity: Identity): Promise<CallerPolicies> {
    const row = await findAccountRules(db.read, accountId)
    const rules: AccountRules = { keyReading: row?.key_reading ?? null, setOperators: row?.set_operators === 1 }
    if (identity.kind === 'account') return { layers: { root: true, identity: [] }, conditionKeys: new Set(), rules }
    if (identity.kind === 'anonymous') return { layers: { identity: [] }, conditionKeys: new Set(), rules }
    const holder = identity.kind === 'user' ? { kind: 'user', id: identity.userId } : { kind: 'role', id: identity.roleId }
    const grants = await listGrants(db.read, accountId, holder as { kind: 'user' | 'role'; id: number })
    const own = grants.flatMap(toDocument)
    const session =
      identity.kind === 'session' && identity.policy !== undefined
        ? [{ name: 'SessionPolicy', version: 'v1', document: parse(identity.policy, true) }]
        : undefined
    const layers = { identity: own, ...(session && { session }) }
    return { layers, conditionKeys: conditionKeysOf([...own, ...(session ?? [])]), rules }
  }

  return async ({ accountId, identity }) => {
    const now = clock()
    const key = cacheKey(accountId, identity)
    const cached = callers.get(key)
    if (cached !== undefined && now >= cached.readAt && now - cached.readAt < LONGEST_AGE_MS) return cached.found
    const before = changes
    const found = await load(accountId, identity)
    // Read before a change that was told meanwhile: good for this call, not for the next.
    if (before === changes) {
      callers.delete(key)
      makeRoom(callers, MOST_CALLERS)
      callers.set(key, { found, readAt: now })
    }
    return found
  }
}

function cacheKey(accountId: number, identity: Identity): string {
  switch (identity.kind) {
    case 'user':
      return `${accountId} user ${identity.userId}`
    case 'session':
      return `${accountId} role ${identity.roleId} ${identity.policy ?? ''}`
    case 'account':
    case 'anonymous':
      return `${accountId} ${identity.kind}`
  }
}

function conditionKeysOf(documents: readonly NamedDocument[]): Set<string> {
  const keys = new Set<string>()
  for (const { document } of documents) {
    for (const { conditions } of document.statements) for (const { normalKey } of conditions) keys.add(normalKey)
  }
  return keys
}

/** The oldest entry goes first. */
function makeRoom(map: Map<string, unknown>, most: number): void {
  if (map.size >= most) for (const oldest of map.keys()) if (map.delete(oldest)) break
}
