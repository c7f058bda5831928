import type { TrustDocument } from '../policy/document.ts'
import type { Trust, TrustCaller } from '../policy/trust.ts'
import { parsePolicyDocument } from '../policy/parse-policy.ts'

/** A role's trust policy, made ready for one caller. */
export interface RoleTrust {
  readonly trust: Trust
  /** The condition keys that it names. */
  readonly askedKeys: ReadonlySet<string>
}

/** Reads a trust policy that was accepted when it was stored. */
export function readTrust(trustDocument: string, caller: TrustCaller): RoleTrust {
  // What was stored with set operators stays in force when the account gives them up: a Deny must not vanish.
  const document = parsePolicyDocument(trustDocument, { setOperators: true, kind: 'trust' })
  return { trust: { policy: { name: 'AssumeRolePolicyDocument', version: 'v1', document }, caller }, askedKeys: keysOf(document) }
}

function keysOf({ statements }: TrustDocument): Set<string> {
  return new Set(statements.flatMap(({ conditions }) => conditions.map(({ normalKey }) => normalKey)))
}
