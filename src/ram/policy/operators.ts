import { compileNetwork } from './address.ts'
import { readDecimal, type ContextValue } from './context.ts'
import { readInstant } from './instant.ts'
import { compileWildcard } from './wildcard.ts'

/** Says whether a value of the request is what one value of the policy wants. */
export type ValueTest = (value: ContextValue) => boolean

/** A condition operator. */
export interface Operator {
  /** The value of the request must differ from all values of the policy. */
  readonly negated: boolean
  /** What the policy's values must be, for the refusal. */
  readonly wants: string
  /** Undefined: the text is not what is wanted. */
  readonly compile: (text: string) => ValueTest | undefined
}

/** The operators of the original, by name. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...withNegation('StringEquals', 'StringNotEquals', 'a text', (wanted) => (value) => value.text === wanted),
  ...withNegation('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'a text', compileIgnoringCase),
  ...withNegation('StringLike', 'StringNotLike', 'a text', compileLike),

  ...withNegation(
    'NumericEquals',
    'NumericNotEquals',
    'a number below 2^53',
    compileNumber((given, wanted) => given === wanted),
  ),
  operator(
    'NumericLessThan',
    'a number below 2^53',
    compileNumber((given, wanted) => given < wanted),
  ),
  operator(
    'NumericLessThanEquals',
    'a number below 2^53',
    compileNumber((given, wanted) => given <= wanted),
  ),
  operator(
    'NumericGreaterThan',
    'a number below 2^53',
    compileNumber((given, wanted) => given > wanted),
  ),
  operator(
    'NumericGreaterThanEquals',
    'a number below 2^53',
    compileNumber((given, wanted) => given >= wanted),
  ),

  ...withNegation(
    'DateEquals',
    'DateNotEquals',
    'a time of ISO 8601 with Z or an offset',
    compileTime((given, wanted) => given === wanted),
  ),
  operator(
    'DateLessThan',
    'a time of ISO 8601 with Z or an offset',
    compileTime((given, wanted) => given < wanted),
  ),
  operator(
    'DateLessThanEquals',
    'a time of ISO 8601 with Z or an offset',
    compileTime((given, wanted) => given <= wanted),
  ),
  operator(
    'DateGreaterThan',
    'a time of ISO 8601 with Z or an offset',
    compileTime((given, wanted) => given > wanted),
  ),
  operator(
    'DateGreaterThanEquals',
    'a time of ISO 8601 with Z or an offset',
    compileTime((given, wanted) => given >= wanted),
  ),

  operator('Bool', 'true or false', compileBool),
  ...withNegation('IpAddress', 'NotIpAddress', 'an IP address or a CIDR block', compileAddress),
])

type Compile = Operator['compile']

function operator(name: string, wants: string, compile: Compile): [string, Operator] {
  return [name, { negated: false, wants, compile }]
}

function withNegation(name: string, negation: string, wants: string, compile: Compile): [string, Operator][] {
  return [operator(name, wants, compile), [negation, { negated: true, wants, compile }]]
}

function compileIgnoringCase(wanted: string): ValueTest {
  const lower = wanted.toLowerCase()
  return (value) => value.lower() === lower
}

function compileLike(pattern: string): ValueTest {
  const matches = compileWildcard(pattern)
  return (value) => matches(value.text)
}

/** Beyond 2^53 numbers would be compared rounded. */
function compileNumber(compare: (given: number, wanted: number) => boolean): Compile {
  return (text) => {
    const wanted = readDecimal(text)
    if (wanted === undefined || Math.abs(wanted) > Number.MAX_SAFE_INTEGER) return undefined
    return (value) => {
      const given = value.number()
      return given !== undefined && compare(given, wanted)
    }
  }
}

function compileTime(compare: (given: number, wanted: number) => boolean): Compile {
  return (text) => {
    const wanted = readInstant(text)
    if (wanted === undefined) return undefined
    return (value) => {
      const given = value.instant()
      return given !== undefined && compare(given, wanted)
    }
  }
}

function compileBool(text: string): ValueTest | undefined {
  return text === 'true' || text === 'false' ? (value) => value.lower() === text : undefined
}

function compileAddress(text: string): ValueTest | undefined {
  const contains = compileNetwork(text)
  if (contains === undefined) return undefined
  return (value) => {
    const address = value.address()
    return address !== undefined && contains(address)
  }
}
