import type { ActionTarget, UncheckedInput } from '../../gateway/action.ts'
import { readAskedNames } from '../../orders/asked-names.ts'
import { defaultProductCode } from '../../plans/products.ts'

/**
 * What permission sees of a new order: its product as the resource, its names, method and tags as conditions.
 *
 * @param takes the parameters that the operation takes its names from: one that it ignores may hold anything
 */
export function placingTarget(...takes: readonly ('Domain' | 'Csr')[]): Required<ActionTarget> {
  const taken = (input: UncheckedInput, name: 'Domain' | 'Csr') => (takes.includes(name) ? textOf(input[name]) : '')
  return {
    resources: (input) => [`package/${productOf(input)}`],
    conditions: (input) => ({
      'yundun-cert:ProductCode': productOf(input),
      'yundun-cert:ValidateType': textOf(input['ValidateType']) || 'DNS',
      'yundun-cert:Domain': readAskedNames({ domain: taken(input, 'Domain'), csr: taken(input, 'Csr') }),
      ...requestTags(input),
    }),
  }
}

function productOf(input: UncheckedInput): string {
  return textOf(input['ProductCode']) || defaultProductCode
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** `acs:RequestTag/<key>` of each tag that comes with the call as `Tags`. */
export function requestTags({ Tags }: UncheckedInput): Record<string, string> {
  return tagConditions(Tags)
}

/** The same of one list of tags, in either spelling: what permission sees is what `wireTags` reads. */
export function tagConditions(tags: unknown): Record<string, string> {
  if (!Array.isArray(tags)) return {}
  return Object.fromEntries(
    tags.flatMap((tag: unknown) => {
      if (typeof tag !== 'object' || tag === null) return []
      const { Key, TagKey, Value, TagValue } = tag as Record<string, unknown>
      const key = textOf(Key ?? TagKey)
      return key === '' ? [] : [[`acs:RequestTag/${key}`, textOf(Value ?? TagValue)]]
    }),
  )
}
