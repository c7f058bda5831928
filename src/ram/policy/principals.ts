import type { Effect, Principals } from './document.ts'
import { readMembers, readTexts } from './read-members.ts'
import { pointTo, refuse, type Pointer } from './refuse.ts'

/** Who wants to assume a role. */
export type TrustCaller =
  /** The account itself (its root key). It may not assume roles: an account's name in a trust policy stands for its users and roles. */
  | { readonly kind: 'account'; readonly accountId: number }
  | { readonly kind: 'user'; readonly accountId: number; readonly name: string }
  | { readonly kind: 'role'; readonly accountId: number; readonly name: string }
  /** e.g. `cas.aliyuncs.com`. */
  | { readonly kind: 'service'; readonly name: string }
  /** Somebody whom an identity provider vouches for: `acs:ram::<account>:oidc-provider/<name>` or `…:saml-provider/<name>`. */
  | { readonly kind: 'federated'; readonly providerArn: string }

// No wildcards: a role that anybody may assume is nobody's intention, and the list is short enough to be written.
const RAM = /^acs:ram::[1-9]\d{15}:(root|user\/[A-Za-z0-9._@-]{1,128}|role\/[A-Za-z0-9._-]{1,64})$/
const SERVICE = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.aliyuncs\.com$/
const FEDERATED = /^acs:ram::[1-9]\d{15}:(oidc|saml)-provider\/[A-Za-z0-9._-]{1,128}$/

/**
 * Reads the Principal of a trust statement: RAM, Service and Federated, one of them at least.
 *
 * @throws Problem malformedPolicyDocument
 */
export function parsePrincipals(value: unknown, pointer: Pointer): Principals {
  const members = readMembers(value, pointer, ['RAM', 'Service', 'Federated'])
  if (Object.keys(members).length === 0) refuse(pointer, 'must name RAM, Service or Federated.')
  const read = (name: string, shape: RegExp, wants: string) =>
    members[name] === undefined ? [] : readNames(members[name], pointTo(pointer, name), { shape, wants })
  return {
    ram: read('RAM', RAM, 'the ARN of an account (acs:ram::<16 digits>:root), a user or a role'),
    service: read('Service', SERVICE, 'the name of a service such as cas.aliyuncs.com'),
    federated: read('Federated', FEDERATED, 'the ARN of an identity provider (acs:ram::<16 digits>:oidc-provider/<name>)'),
  }
}

/** Says whether a statement speaks of this caller. Names are exact where it allows; where it denies, case is no way around. */
export function namesCaller(principals: Principals, effect: Effect, caller: TrustCaller): boolean {
  switch (caller.kind) {
    case 'account':
      return false
    case 'user':
    case 'role': {
      const account = `acs:ram::${caller.accountId}:`
      return holds(principals.ram, effect, `${account}root`) || holds(principals.ram, effect, `${account}${caller.kind}/${caller.name}`)
    }
    case 'service':
      return holds(principals.service, effect, caller.name)
    case 'federated':
      return holds(principals.federated, effect, caller.providerArn)
  }
}

function readNames(value: unknown, pointer: Pointer, { shape, wants }: { shape: RegExp; wants: string }): string[] {
  const names = readTexts(value, pointer)
  for (const [index, name] of names.entries()) {
    if (!shape.test(name)) refuse(Array.isArray(value) ? pointTo(pointer, index) : pointer, `must be ${wants}.`)
  }
  return names
}

function holds(listed: readonly string[], effect: Effect, name: string): boolean {
  if (effect === 'Allow') return listed.includes(name)
  const lower = name.toLowerCase()
  return listed.some((entry) => entry.toLowerCase() === lower)
}
