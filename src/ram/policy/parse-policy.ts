import type { Effect, Listed, PolicyDocument, Statement, StatementBase, TrustDocument, TrustStatement } from './document.ts'
import { parseConditions } from './parse-condition.ts'
import { parsePrincipals } from './principals.ts'
import { readJson } from './read-json.ts'
import { readMembers, readTexts } from './read-members.ts'
import { pointTo, refuse, type Pointer } from './refuse.ts'
import { compileResource } from './resource-name.ts'
import { compileWildcard, type WildcardMatcher } from './wildcard.ts'

/** How to read a policy document. */
export interface ParseOptions {
  /** Accept the …IfExists, ForAnyValue:, ForAllValues: and Null operators, which the original refuses. */
  readonly setOperators: boolean
  /** `trust`: the policy of a role that says who may assume it; it has a Principal and no Resource. */
  readonly kind?: 'identity' | 'trust'
  /** UTF-16 code units; 6,144 if left out. */
  readonly mostCharacters?: number
}

const MOST_CHARACTERS = 6144
const MOST_STATEMENTS = 100
const ACTION = /^([A-Za-z0-9*?-]+:[A-Za-z0-9*?_.-]+|\*+)$/

/**
 * Reads a policy document and makes it ready to be evaluated: actions in lower case, wildcards, networks, numbers and times read.
 * Whatever it does not know is refused, because a condition or a Deny that is skipped would grant.
 *
 * @param text JSON: `{"Version":"1","Statement":[{"Effect":…,"Action":…,"Resource":…,"Condition":…}]}`
 * @throws Problem malformedPolicyDocument, whose rule begins with the place as a JSON pointer
 */
export function parsePolicyDocument(text: string, options: ParseOptions & { readonly kind: 'trust' }): TrustDocument
export function parsePolicyDocument(text: string, options: ParseOptions & { readonly kind?: 'identity' }): PolicyDocument
export function parsePolicyDocument(text: string, options: ParseOptions): PolicyDocument | TrustDocument {
  const { setOperators, kind = 'identity', mostCharacters = MOST_CHARACTERS } = options
  if (text.length > mostCharacters) refuse('', `is longer than ${mostCharacters} characters.`)
  const document = readMembers(readJson(text), '', ['Version', 'Statement'])
  if (document['Version'] !== '1') refuse('/Version', 'must be the text "1".')
  const list = document['Statement']
  if (!Array.isArray(list) || list.length === 0) refuse('/Statement', 'must be a list of one or more statements.')
  if (list.length > MOST_STATEMENTS) refuse('/Statement', `must hold at most ${MOST_STATEMENTS} statements.`)
  const places = list.map((value: unknown, index) => ({ value, pointer: pointTo('/Statement', index) }))
  return kind === 'trust'
    ? { kind, statements: places.map(({ value, pointer }) => parseTrustStatement(value, pointer, setOperators)) }
    : { kind, statements: places.map(({ value, pointer }) => parseStatement(value, pointer, setOperators)) }
}

function parseStatement(value: unknown, pointer: Pointer, setOperators: boolean): Statement {
  const members = readMembers(value, pointer, ['Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'])
  return {
    ...parseBase(members, pointer, setOperators),
    resources: parseListed(members, pointer, { name: 'Resource', compile: readResource }),
  }
}

function parseTrustStatement(value: unknown, pointer: Pointer, setOperators: boolean): TrustStatement {
  const members = readMembers(value, pointer, ['Effect', 'Action', 'NotAction', 'Principal', 'Condition'])
  const base = parseBase(members, pointer, setOperators)
  if (members['Principal'] === undefined) refuse(pointer, 'must have a Principal.')
  return { ...base, principals: parsePrincipals(members['Principal'], pointTo(pointer, 'Principal')) }
}

type Members = Readonly<Record<string, unknown>>

function parseBase(members: Members, pointer: Pointer, setOperators: boolean): StatementBase {
  const effect = readEffect(members['Effect'], pointTo(pointer, 'Effect'))
  const actions = parseListed(members, pointer, { name: 'Action', compile: readAction })
  // An empty Condition says nothing, and tools write it; an operator without keys or a key without values is refused.
  const conditions = members['Condition']
  return {
    effect,
    actions,
    conditions: conditions === undefined ? [] : parseConditions(conditions, pointTo(pointer, 'Condition'), { effect, setOperators }),
  }
}

function readEffect(value: unknown, pointer: Pointer): Effect {
  return value === 'Allow' || value === 'Deny' ? value : refuse(pointer, 'must be Allow or Deny, in exactly this case.')
}

interface ListedElement<Matcher> {
  readonly name: string
  readonly compile: (text: string, pointer: Pointer) => Matcher
}

/** Reads `Action` or `NotAction`, `Resource` or `NotResource`: exactly one of the two. */
function parseListed<Matcher>(members: Members, pointer: Pointer, { name, compile }: ListedElement<Matcher>): Listed<Matcher> {
  const negation = `Not${name}`
  const negated = members[negation] !== undefined
  if (negated === (members[name] !== undefined)) refuse(pointer, `must have exactly one of ${name} and ${negation}.`)
  const value = negated ? members[negation] : members[name]
  const at = pointTo(pointer, negated ? negation : name)
  const texts = readTexts(value, at)
  return { negated, matchers: texts.map((text, index) => compile(text, Array.isArray(value) ? pointTo(at, index) : at)) }
}

function readAction(text: string, pointer: Pointer): WildcardMatcher {
  if (!ACTION.test(text)) refuse(pointer, 'must be * or an action such as yundun-cert:ListCsr, with * and ? as wildcards.')
  return compileWildcard(text.toLowerCase())
}

function readResource(text: string, pointer: Pointer): ReturnType<typeof compileResource> & {} {
  return (
    compileResource(text) ?? refuse(pointer, 'must be * or an ARN acs:<service>:<region>:<account>:<resource>, with * and ? as wildcards.')
  )
}
