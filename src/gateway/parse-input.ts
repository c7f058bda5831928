import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Action } from './action.ts'
import { nestParameters, printable } from './parameters.ts'
import type { NestedParameters, Parameter } from './parameters.ts'

/** Parameters that any call may carry: they belong to the protocol, not to an action, unless the action declares them. */
const commonParameters = new Set([
  'AccessKeyId',
  'Action',
  'BearerToken',
  'Format',
  'OwnerAccount',
  'OwnerId',
  'RegionId',
  'ResourceOwnerAccount',
  'ResourceOwnerId',
  'SecureTransport',
  'SecurityToken',
  'Signature',
  'SignatureMethod',
  'SignatureNonce',
  'SignatureType',
  'SignatureVersion',
  'SourceIp',
  'Timestamp',
  'Version',
])

/** An action's parameters before its schema saw them. */
export interface RawInput extends NestedParameters {
  /** How many parameters the action does not know (names before the first dot). */
  readonly unknownParameters: number
}

/**
 * Nests the parameters of one action, without the common ones.
 *
 * @throws Problem invalidParameter for names that do not nest, and for unknown ones if the action is strict
 */
export function nestInput(action: Action, parameters: Iterable<Parameter>): RawInput {
  const shape = action.input.shape
  const own: Parameter[] = []
  for (const parameter of parameters) {
    const root = rootName(parameter[0])
    if (Object.hasOwn(shape, root) || !commonParameters.has(root)) own.push(parameter)
  }
  const nested = nestParameters(own)
  const unknown = Object.keys(nested.input).filter((name) => !Object.hasOwn(shape, name))
  return { ...nested, unknownParameters: unknown.length }
}

function rootName(name: string): string {
  const dot = name.indexOf('.')
  return dot === -1 ? name : name.slice(0, dot)
}

/**
 * Parses the nested parameters by the action's schema.
 *
 * @returns the schema's output
 * @throws Problem missingParameter (`Missing{P}`) for an absent mandatory parameter, invalidParameter with name and rule for a wrong one
 */
export function parseInput(action: Action, raw: RawInput): Record<string, unknown> {
  const shape = action.input.shape
  const known: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(raw.input)) {
    if (Object.hasOwn(shape, name)) known[name] = value
    else if (action.strict) throw new Problem('invalidParameter', { P: printable(name), rule: 'The action has no such parameter.' })
  }
  const parsed = action.input.safeParse(known)
  if (parsed.success) return parsed.data
  throw problemOf(parsed.error.issues, action, raw)
}

/** Reports what is missing before what is wrong, so that the answer does not depend on the order of the schema. */
function problemOf(issues: readonly z.core.$ZodIssue[], action: Action, raw: RawInput): Problem {
  for (const { path } of issues) {
    const name = String(path[0] ?? '')
    if (path.length === 1 && isMissing(action, raw, name)) return new Problem('missingParameter', { P: name })
  }
  const [issue] = issues
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : (issue?.path ?? [])
  return new Problem('invalidParameter', { P: printable(raw.wireName(path)), rule: sentence(issue?.message ?? '') })
}

/** An absent or empty parameter is missing if the schema does not do without it. */
function isMissing(action: Action, raw: RawInput, name: string): boolean {
  const value = Object.hasOwn(raw.input, name) ? raw.input[name] : ''
  const schema = action.input.shape[name]
  return value === '' && schema !== undefined && !z.safeParse(schema, undefined).success
}

function sentence(message: string): string {
  return message === '' || message.endsWith('.') ? message : `${message}.`
}
