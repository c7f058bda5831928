import type { z } from 'zod'
import type { ProblemName } from '../problem.ts'
import type { Services } from '../services.ts'

/** Who calls: an authenticated principal of one account. */
export interface Caller {
  /** The tenant: 16 digits, below 2^53. */
  readonly accountId: number
  /** Alibaba resource name of the principal, e.g. `acs:ram::1234567890123456:root`. */
  readonly principal: string
  readonly accessKeyId: string
}

/** What the gateway knows of the request that an action serves. */
export interface RequestContext {
  readonly caller: Caller
  /** Upper-case UUID, also sent as `x-acs-request-id`. */
  readonly requestId: string
  /** The address of the client's end of the connection. */
  readonly sourceIp: string
}

/** Access levels of the RAM authorization tables. */
export type AccessLevel = 'create' | 'get' | 'list' | 'update' | 'delete'

export type ActionInput = z.ZodObject
export type ActionOutput = z.ZodObject

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
