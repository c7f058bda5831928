import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findHolderKind, type HolderKind } from '../storage/ram-attachments.ts'
import { listPolicyVersions } from '../storage/ram-policies.ts'
import { findRole } from '../storage/ram-roles.ts'
import { findUser } from '../storage/ram-users.ts'
import { type DiagnosticMessage, openDiagnosticMessage } from './diagnostic-message.ts'
import { nameKey } from './name-key.ts'
import { policyKey, type PolicyType as PolicyOwner } from './policies/policy.ts'
import type { NoPermissionType, StatementReference } from './policy/evaluate.ts'
import type { PolicyType } from './policy/layers.ts'
import { findSystemPolicyText } from './policy/system-policy-texts.ts'

/** Why a call was refused. */
export interface DecodedRefusal {
  readonly accountId: number
  readonly requestId: string
  /** ms. */
  readonly at: number
  readonly action: string
  readonly resource: string
  /** Resource name of who called, e.g. `acs:ram::1234567890123456:user/alice`. */
  readonly principal: string
  readonly authPrincipal: Readonly<Record<string, string>>
  readonly conditions: readonly { readonly key: string; readonly values: readonly string[] }[]
  readonly decision: NoPermissionType
  readonly policyType: PolicyType
  /** The statement that refused; undefined where no statement allowed. */
  readonly statement?: DecodedStatement
}

export interface DecodedStatement extends StatementReference {
  /** Undefined for a session's policy and a role's trust policy, which are not attached. */
  readonly owner?: PolicyOwner
  /** Through whom the caller has the policy; undefined if it no longer has. */
  readonly attachedTo?: HolderKind
  /** The statement as JSON; undefined if its text is no longer stored. */
  readonly text?: string
}

/**
 * What the `EncodedDiagnosticMessage` of a refusal says.
 *
 * @param accountId the account whose messages may be read; undefined for the operator, who may read all
 * @throws Problem invalidRamValue for any other text, and for a message of another account
 */
export async function decodeRefusal(
  { db, secrets }: Pick<Services, 'db' | 'secrets'>,
  text: string,
  accountId: number | undefined,
): Promise<DecodedRefusal> {
  const message = await openDiagnosticMessage(secrets, text)
  if (message === undefined || (accountId !== undefined && message.accountId !== accountId)) {
    throw new Problem('invalidRamValue', { P: 'EncodedDiagnosticMessage', rule: 'It is none of the messages of the account.' })
  }
  const { decision, request } = message
  if (decision.decision === 'Allow') throw new Error('a diagnostic message tells of a refusal')
  return {
    accountId: message.accountId,
    requestId: message.requestId,
    at: message.at,
    action: request.action,
    resource: request.resource,
    principal: message.principal,
    authPrincipal: message.authPrincipal,
    conditions: Object.entries(request.context).map(([key, value]) => ({ key, values: typeof value === 'string' ? [value] : value })),
    decision: decision.decision,
    policyType: decision.policyType,
    ...(decision.statement && { statement: await describeStatement(db, message, decision.policyType, decision.statement) }),
  }
}

async function describeStatement(
  db: Services['db'],
  message: DiagnosticMessage,
  policyType: PolicyType,
  statement: StatementReference,
): Promise<DecodedStatement> {
  // A session's policy travels in its token and is not stored.
  if (policyType === 'SessionPolicy') return statement
  if (policyType === 'AssumeRolePolicy') return withText(statement, await findTrustDocument(db, message))
  const owner = findSystemPolicyText(statement.policy) === undefined ? 'Custom' : 'System'
  const attachedTo = await findAttachment(db, message, policyKey(owner, statement.policy))
  const document = await findDocument(db, message, statement, owner)
  return { ...withText(statement, document), owner, ...(attachedTo !== undefined && { attachedTo }) }
}

function withText(statement: StatementReference, document: string | undefined): DecodedStatement {
  if (document === undefined) return statement
  // It was stored because it is a policy document: statements are a list.
  const { Statement } = JSON.parse(document) as { Statement: readonly unknown[] }
  return { ...statement, text: JSON.stringify(Statement[statement.index]) }
}

/** Texts of versions never change, but a policy of the same name may have been made since: that one is younger than the refusal. */
async function findDocument(
  db: Services['db'],
  { accountId, at }: DiagnosticMessage,
  { policy, version }: StatementReference,
  owner: PolicyOwner,
): Promise<string | undefined> {
  if (owner === 'System') return findSystemPolicyText(policy)?.text
  const versions = await listPolicyVersions(db.read, accountId, nameKey(policy))
  return versions.find((row) => `v${row.version}` === version && row.created_at <= at)?.document
}

/** A trust policy has no versions: its text is the one that decided only if the role was not changed since. */
async function findTrustDocument(db: Services['db'], { accountId, at, request }: DiagnosticMessage): Promise<string | undefined> {
  const [, owner, name] = /^acs:ram:[^:]*:([0-9]+):role\/(.+)$/.exec(request.resource) ?? []
  if (name === undefined || owner !== String(accountId)) return undefined
  const role = await findRole(db.read, accountId, nameKey(name))
  return role === undefined || role.updated_at > at ? undefined : role.trust_document
}

async function findAttachment(db: Services['db'], message: DiagnosticMessage, key: string): Promise<HolderKind | undefined> {
  const { accountId, at: since } = message
  const [, type, name] = /:(user|assumed-role)\/([^/]+)/.exec(message.principal) ?? []
  if (name === undefined) return undefined
  const kind = type === 'user' ? 'user' : 'role'
  const holder = await { user: findUser, role: findRole }[kind](db.read, accountId, nameKey(name))
  return holder === undefined ? undefined : await findHolderKind(db.read, accountId, key, { kind, id: holder.id, since })
}
