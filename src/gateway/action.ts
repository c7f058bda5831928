import type { z } from 'zod'
import type { ProblemName } from '../problem.ts'
import type { Services } from '../services.ts'
import type { Caller, RequestContext } from './caller.ts'

/** Access levels of the RAM authorization tables. */
export type AccessLevel = 'create' | 'get' | 'list' | 'update' | 'delete'

export type ActionInput = z.ZodObject
export type ActionOutput = z.ZodObject

/** Parameters of a call before the schema saw them: texts, lists and maps, of whatever shape the client chose. */
export type UncheckedInput = Readonly<Record<string, unknown>>

/** How permission sees a call. Works on unchecked input: what has another shape than expected is left out, the schema refuses it later. */
export interface ActionTarget {
  /**
   * Relative ids, e.g. `order/10000001`, `certificate/7`, `package/<ProductCode>`, `user/alice`; the caller must be allowed to all of them.
   * An empty list, or none: `*`.
   */
  resources?(input: UncheckedInput, caller: Caller): readonly string[]
  /**
   * Condition keys that the call itself answers, e.g. `yundun-cert:Domain` (several names: a list) or `acs:RequestTag/team`. Asked only
   * where a policy names such a key. Keys of an order or certificate that exists are found by its resource.
   */
  conditions?(input: UncheckedInput): Readonly<Record<string, string | readonly string[]>>
}

/**
 * One API action. Wire names (PascalCase) appear here and nowhere deeper.
 *
 * `strict` actions are our own extensions: they refuse unknown parameters. Original actions ignore and count them,
 * because clients send `RegionId` and fields of other versions.
 */
export interface Action<I extends ActionInput = ActionInput, O extends ActionOutput = ActionOutput> {
  readonly name: string
  readonly version: string
  readonly access: AccessLevel
  /** RAM action, e.g. `yundun-cert:CreateCertificateRequest`. */
  readonly ramAction: string
  /** What the call is about, and what conditions may ask of it; absent: everything of the account. */
  readonly target?: ActionTarget
  /** `action`: the handler decides by itself, or there is nothing to decide. The gateway decides if absent. */
  readonly decidedBy?: 'action'
  /** The action needs no key (AssumeRoleWithOIDC). */
  readonly anonymous?: true
  readonly summary: string
  readonly strict: boolean
  readonly input: I
  readonly output: O
  /** Problems the handler may throw besides those of the gateway; documented and held by a test. */
  readonly problems: readonly ProblemName[]
  run(input: z.output<I>, context: RequestContext, services: Services): Promise<z.input<O>>
}

/** Types one action by its schemas; see {@link Action}. */
export function action<I extends ActionInput, O extends ActionOutput>(definition: Action<I, O>): Action {
  // The list of actions holds many different schemas. Each `run` is only ever called with the output of its own `input` schema.
  return definition
}
