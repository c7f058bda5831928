import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findRole } from '../storage/ram-roles.ts'
import { findUser } from '../storage/ram-users.ts'
import type { Identity } from '../gateway/caller.ts'
import { resourceName } from './resource-name.ts'
import { nameKey } from './name-key.ts'
import type { PolicyRequest } from './policy/context.ts'
import { explain, type StatementExplanation } from './policy/evaluate.ts'
import { decideLayers, type LayersDecision } from './policy/layers.ts'

/** A question about somebody's permission. */
export interface PermissionQuestion {
  readonly accountId: number
  /** `acs:ram::<account>:user/<name>` or `…:role/<name>`, of the own account. */
  readonly principal: string
  readonly action: string
  /** A full resource name, or a relative id such as `order/10000001`; undefined: `*`. */
  readonly resource: string | undefined
  readonly context: PolicyRequest['context']
}

/** The answer, and how every statement that bears on the principal took part in it. */
export interface PermissionExplanation {
  readonly request: PolicyRequest
  readonly decision: LayersDecision
  readonly statements: readonly StatementExplanation[]
}

const PRINCIPAL = /^acs:ram::([0-9]{16}):(user|role)\/(.+)$/

/**
 * Decides a question as a call would be decided, and explains it statement by statement. Conditions that the question does not answer count as
 * absent.
 *
 * @throws Problem invalidParameter, entityNotExist
 */
export async function explainPermission(
  { db, access }: Pick<Services, 'db' | 'access'>,
  question: PermissionQuestion,
): Promise<PermissionExplanation> {
  const { accountId } = question
  const identity = await findIdentity(db, question)
  if (!/^[a-z0-9-]+:[A-Za-z0-9]+$/.test(question.action)) {
    throw new Problem('invalidParameter', { P: 'Action', rule: 'It must have the form service:Operation, without wildcards.' })
  }
  const request = { action: question.action, resource: readResource(question), context: question.context }
  const { layers } = await access.policiesOf({ accountId, identity })
  return {
    request,
    decision: decideLayers(layers, request),
    statements: [...(layers.session ?? []), ...layers.identity].flatMap((document) => explain([document], request).statements),
  }
}

async function findIdentity(db: Services['db'], { accountId, principal }: PermissionQuestion): Promise<Identity> {
  const [, owner, kind, name = ''] = PRINCIPAL.exec(principal) ?? []
  if (kind === undefined) throw new Problem('invalidParameter', { P: 'Principal', rule: 'The resource name of a user or role is needed.' })
  const own = owner === String(accountId)
  if (kind === 'user') {
    const user = own ? await findUser(db.read, accountId, nameKey(name)) : undefined
    if (user === undefined) throw new Problem('entityNotExist', { P: 'User', what: 'user' })
    return { kind: 'user', userId: user.id, userName: user.name }
  }
  const role = own ? await findRole(db.read, accountId, nameKey(name)) : undefined
  if (role === undefined) throw new Problem('entityNotExist', { P: 'Role', what: 'role' })
  return { kind: 'session', roleId: role.id, roleName: role.name, sessionName: 'explained' }
}

function readResource({ accountId, action, resource }: PermissionQuestion): string {
  if (resource === undefined || !resource.startsWith('acs:')) return resourceName(action, accountId, resource ?? '*')
  if (resource.split(':').length < 5) {
    throw new Problem('invalidParameter', { P: 'Resource', rule: 'A resource name has the form acs:service:region:account:relative-id.' })
  }
  return resource
}
