import { normalizeKey, type ContextValue } from './context.ts'
import type { Condition, Effect } from './document.ts'
import { operators, type Operator, type ValueTest } from './operators.ts'
import { readMembers, readScalars } from './read-members.ts'
import { pointTo, quote, refuse, type Pointer } from './refuse.ts'

const MOST_CONDITIONS = 50
const NAME = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/
const KEY = /^[A-Za-z0-9-]+:[A-Za-z0-9_.-]+(\/[^]{1,128})?$/
const TAG_KEY = /^acs:(request|resource|principal)tag(?!\/)/i

/** What the statement around the conditions says of them. */
export interface ConditionContext {
  readonly effect: Effect
  /** Whether the account uses the …IfExists, ForAnyValue:, ForAllValues: and Null forms, which the original refuses. */
  readonly setOperators: boolean
}

type Values = readonly ContextValue[]
type Answer = Condition['matches']

/**
 * Reads a Condition: operators over keys over values. Values of one key are alternatives, keys and operators must all be met.
 *
 * @throws Problem malformedPolicyDocument
 */
export function parseConditions(value: unknown, pointer: Pointer, context: ConditionContext): Condition[] {
  const conditions = Object.entries(readMembers(value, pointer)).flatMap(([operator, keys]) => {
    const at = pointTo(pointer, operator)
    const compile = readOperator(operator, at, context)
    const entries = Object.entries(readMembers(keys, at))
    if (entries.length === 0) refuse(at, 'must name a condition key.')
    return entries.map(([key, wanted]): Condition => {
      const place = pointTo(at, key)
      assertKey(key, place)
      return { operator, key, normalKey: normalizeKey(key), matches: compile(readScalars(wanted, place), place) }
    })
  })
  if (conditions.length > MOST_CONDITIONS) refuse(pointer, `must hold at most ${MOST_CONDITIONS} conditions.`)
  return conditions
}

function assertKey(key: string, pointer: Pointer): void {
  if (!KEY.test(key)) refuse(pointer, 'is not a condition key such as acs:SourceIp.')
  if (TAG_KEY.test(key)) refuse(pointer, 'needs the key of the tag after a slash, as in acs:RequestTag/team.')
}

function readOperator(
  name: string,
  pointer: Pointer,
  { effect, setOperators }: ConditionContext,
): (wanted: string[], at: Pointer) => Answer {
  const [, quantifier, plain = '', ifExists] = NAME.exec(name) ?? []
  const operator = operators.get(plain)
  const isNull = name === 'Null'
  if (operator === undefined && !isNull) refuse(pointer, 'is not a condition operator; their names are exact in case.')
  if (!setOperators && (isNull || quantifier !== undefined || ifExists !== undefined))
    refuse(pointer, 'is a condition operator that is not switched on for this account (…IfExists, ForAnyValue:, ForAllValues:, Null).')
  if (operator === undefined) return compileNull
  return (wanted, at) => {
    const tests = wanted.map((text) => operator.compile(text) ?? refuse(at, `holds "${quote(text)}" where it must hold ${operator.wants}.`))
    return quantify(tests, operator, {
      all: quantifier === undefined ? effect === 'Allow' : quantifier === 'ForAllValues',
      quantifier,
      ifExists,
    })
  }
}

/**
 * Says what several values of the request and the absence of the key mean.
 *
 * Several values without ForAnyValue/ForAllValues: an Allow wants all of them to meet the condition, a Deny one. Otherwise whoever may order
 * `*.team.example.com` could order a foreign name together with one of their own.
 *
 * A missing key: a positive operator is not met, and a negated one is ("differs from every value listed", and there is nothing to be
 * equal). So a Deny for all outside a network also holds where the address is unknown; an Allow that must not grant where the key is
 * missing says so with a positive operator. ForAllValues is met, ForAnyValue not, as there is no value that could fail or meet it.
 */
function quantify(
  tests: readonly ValueTest[],
  { negated }: Operator,
  { all, quantifier, ifExists }: { all: boolean; quantifier: string | undefined; ifExists: string | undefined },
): Answer {
  const whenMissing = ifExists !== undefined || (quantifier === undefined ? negated : all)
  const [first] = tests
  const meets: ValueTest =
    tests.length === 1 && first !== undefined
      ? (value) => first(value) !== negated
      : (value) => tests.some((test) => test(value)) !== negated
  return (values: Values | undefined) => {
    if (values === undefined) return whenMissing
    return all ? values.every(meets) : values.some(meets)
  }
}

function compileNull(wanted: string[], pointer: Pointer): Answer {
  for (const text of wanted)
    if (text !== 'true' && text !== 'false') refuse(pointer, `holds "${quote(text)}" where it must hold true or false.`)
  return (values) => wanted.includes(String(values === undefined))
}
