import assert from 'node:assert/strict'
import type { JsonSchema } from '../../src/openapi/parameters.ts'

/** Holds a value of JSON against a schema as `outputSchema` makes them: fields, those that are always there, types, words. */
export function assertOfSchema(value: unknown, schema: JsonSchema, place: string): void {
  if (schema.anyOf !== undefined) {
    const passes = schema.anyOf.some((variant) => passesSchema(value, variant, place))
    assert.ok(passes, `${place} is of none of its forms: ${JSON.stringify(value)}`)
    return
  }
  if (schema['const'] !== undefined) assert.equal(value, schema['const'], place)
  if (Array.isArray(schema['enum'])) assert.ok(schema['enum'].includes(value), `${place} is ${JSON.stringify(value)}`)
  if (schema.type === undefined) return
  assert.equal(typeOf(value, schema.type), schema.type, `${place} is ${JSON.stringify(value)}`)
  if (schema.items !== undefined)
    for (const [index, one] of (value as readonly unknown[]).entries()) assertOfSchema(one, schema.items, `${place}[${index}]`)
  if (schema.properties === undefined) return
  const fields = value as Readonly<Record<string, unknown>>
  for (const name of schema.required ?? []) assert.ok(Object.hasOwn(fields, name), `${place} has no ${name}`)
  for (const [name, one] of Object.entries(fields)) {
    assertOfSchema(
      one,
      schema.properties[name] ?? assert.fail(`${place} has ${name}, which its action does not promise`),
      `${place}.${name}`,
    )
  }
}

function passesSchema(value: unknown, schema: JsonSchema, place: string): boolean {
  try {
    assertOfSchema(value, schema, place)
    return true
  } catch (error) {
    if (error instanceof assert.AssertionError) return false
    throw error
  }
}

/** The type in the words of JSON schema; a whole number is an integer where one is asked for. */
function typeOf(value: unknown, asked: string): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number' && asked === 'integer' && Number.isInteger(value)) return 'integer'
  return typeof value
}
