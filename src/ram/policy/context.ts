import { readAddress, type Address } from './address.ts'
import { readInstant } from './instant.ts'
import { readResourceName, type ResourceName } from './resource-name.ts'

/** What is asked: may this be done to that, under these circumstances? */
export interface PolicyRequest {
  /** e.g. `yundun-cert:CreateCertificateRequest`. */
  readonly action: string
  /** ARN; of an operation without permissions by resource `acs:yundun-cert:*:<account>:*`. */
  readonly resource: string
  /**
   * Condition keys, e.g. `acs:SourceIp`. A key that does not apply is left out; an empty list counts as left out. Several values, e.g. the
   * names of one certificate, are several requests in one: a statement allows only if each value meets its condition, and denies if one does.
   */
  readonly context: Readonly<Record<string, string | readonly string[]>>
}

/** A request made ready once for all statements. */
export interface PreparedRequest {
  readonly action: string
  readonly resource: ResourceName
  readonly context: ReadonlyMap<string, readonly ContextValue[]>
}

/** One value of a condition key, read as a number, time or address at most once however many statements ask. */
export interface ContextValue {
  readonly text: string
  lower(): string
  /** Undefined if it is no number; so with the others. */
  number(): number | undefined
  instant(): number | undefined
  address(): Address | undefined
}

const DECIMAL = /^[+-]?\d{1,100}(\.\d{1,100})?$/

/**
 * Reads the request once.
 *
 * @throws Error if the resource is no ARN or a key is given twice in different case: both are bugs of the caller
 */
export function prepareRequest(request: PolicyRequest): PreparedRequest {
  const context = new Map<string, readonly ContextValue[]>()
  for (const [key, given] of Object.entries(request.context)) {
    const values = (typeof given === 'string' ? [given] : given).map(readContextValue)
    if (values.length === 0) continue
    const normalKey = normalizeKey(key)
    if (context.has(normalKey)) throw new Error(`The condition key ${key} is given twice.`)
    context.set(normalKey, values)
  }
  return { action: request.action.toLowerCase(), resource: readResourceName(request.resource), context }
}

/** Condition keys ignore case, as actions do; a tag's own key, after the slash, does not. */
export function normalizeKey(key: string): string {
  const slash = key.indexOf('/')
  return slash < 0 ? key.toLowerCase() : key.slice(0, slash).toLowerCase() + key.slice(slash)
}

/** Reads a decimal number, e.g. `-12.5`; undefined if it is none. */
export function readDecimal(text: string): number | undefined {
  return DECIMAL.test(text) ? Number(text) : undefined
}

function readContextValue(text: string): ContextValue {
  return {
    text,
    lower: once(() => text.toLowerCase()),
    number: once(() => readDecimal(text)),
    instant: once(() => readInstant(text)),
    address: once(() => readAddress(text)),
  }
}

function once<Value>(read: () => Value): () => Value {
  let found: { readonly value: Value } | undefined
  return () => {
    found ??= { value: read() }
    return found.value
  }
}
