import { z } from 'zod'
import type { Action } from '../gateway/action.ts'

/** A JSON schema, draft 2020-12, as OpenAPI 3.1 takes it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
}

/** A value as it stands on the wire or in an answer: flat, under its full name. */
export interface Field {
  /** `Domain`; of lists, the first place: `Tags.1.Key`. */
  readonly name: string
  readonly required: boolean
  readonly schema: JsonSchema
}

/** The parameters of an action, as a client sends them. What only code decides (a refinement) is not in the schemas. */
export function inputSchema({ input }: Action): JsonSchema {
  return plain(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }))
}

/** The answer of an action, with the RequestId that every answer has. */
export function outputSchema({ output }: Action): JsonSchema {
  const { properties, required = [], ...rest } = plain(z.toJSONSchema(output, { io: 'output', unrepresentable: 'any' }))
  return { ...rest, properties: { RequestId: { type: 'string' }, ...properties }, required: ['RequestId', ...required] }
}

/** The leaves of an object: of lists the first place, of an answer's lists `Name[]`. */
export function flatFields(schema: JsonSchema, places: 'numbered' | 'brackets'): readonly Field[] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => flatten(name, required.has(name), value, places))
}

function flatten(name: string, required: boolean, schema: JsonSchema, places: 'numbered' | 'brackets'): readonly Field[] {
  if (schema.items !== undefined) return flatten(places === 'numbered' ? `${name}.1` : `${name}[]`, required, schema.items, places)
  if (schema.anyOf !== undefined) return flattenVariants(name, schema.anyOf, places)
  if (schema.properties === undefined) return [{ name, required, schema }]
  return flatFields(schema, places).map((field) => ({ ...field, name: `${name}.${field.name}`, required: required && field.required }))
}

/** What has one of several forms: a field of each name, and always there is what all of them have. */
function flattenVariants(name: string, variants: readonly JsonSchema[], places: 'numbered' | 'brackets'): readonly Field[] {
  const byName = Map.groupBy(
    variants.flatMap((variant) => flatten(name, true, variant, places)),
    (field) => field.name,
  )
  return [...byName.values()].flatMap((same) => {
    const [first] = same
    return first === undefined ? [] : [{ ...first, required: same.length === variants.length && same.every(({ required }) => required) }]
  })
}

/** Zod names the dialect in each schema; in one document it is named once. */
function plain(schema: object): JsonSchema {
  const { $schema: _, ...rest } = schema as JsonSchema
  return rest
}
