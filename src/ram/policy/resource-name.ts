import { compileWildcard } from './wildcard.ts'

/** The parts of an ARN `acs:<service>:<region>:<account>:<relative id>`; the relative id may hold colons of its own. */
export interface ResourceName {
  readonly service: string
  /** Empty where regions do not apply, whether it was written so or as `*`. */
  readonly region: string
  readonly account: string
  readonly relativeId: string
}

const SHAPE = /^acs:([^:]+):([^:]*):([^:]*):([^]+)$/
const PATTERN_SHAPE = /^acs:([a-z0-9*?-]+):([a-z0-9*?-]*):([a-zA-Z0-9*?-]*):([^]+)$/

/**
 * Takes an ARN apart.
 *
 * @throws Error if it is none: the resource of a request is made by the service itself
 */
export function readResourceName(arn: string): ResourceName {
  const [, service, region, account, relativeId] = SHAPE.exec(arn) ?? []
  if (service === undefined || region === undefined || account === undefined || relativeId === undefined)
    throw new Error(`The resource of a request must be an ARN, and this is none: ${arn}`)
  return { service, region: plainRegion(region), account, relativeId }
}

/**
 * Makes a matcher of a resource as it stands in a policy: `*`, or an ARN with wildcards. Each part is matched by itself: a relative id with
 * colons in it cannot reach over into the account. Exact in case.
 *
 * @returns undefined if it is neither
 */
export function compileResource(pattern: string): ((resource: ResourceName) => boolean) | undefined {
  if (/^\*+$/.test(pattern)) return () => true
  const [, ...parts] = PATTERN_SHAPE.exec(pattern) ?? []
  const [service, region, account, relativeId] = parts.map(compileWildcard)
  if (service === undefined || region === undefined || account === undefined || relativeId === undefined) return undefined
  return (resource) => service(resource.service) && account(resource.account) && relativeId(resource.relativeId) && region(resource.region)
}

/** "Empty or `*` where a part does not apply": the two are the same. */
function plainRegion(region: string): string {
  return region === '*' ? '' : region
}
