import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { listLivePlans } from '../storage/plans.ts'
import { delegatedName } from '../validation/delegation.ts'
import type { ProofAttempt } from '../validation/proof.ts'
import { dnsRecordName } from '../validation/record-name.ts'
import { makeValidationToken } from '../validation/token.ts'
import { explainDelegation, explainSight } from './advise.ts'
import { type ParsedDomain, parseDomainName } from './domain-name.ts'
import { assertProvable, type ProofMethod } from './proof-method.ts'

/** A look takes no longer, ms. */
const LOOK_TIMEOUT_MS = 25_000

/** What an order would meet: `about` says which of its rules. */
export interface DomainFinding {
  readonly about: 'name' | 'quota' | 'proof'
  readonly ok: boolean
  readonly message: string
}

/** A preflight of an order. */
export interface DomainCheck {
  readonly findings: readonly DomainFinding[]
  readonly unitsLeft: number
  /** Absent if no look was made: the name may not be ordered. */
  readonly look: ProofAttempt | undefined
}

type CheckServices = Pick<Services, 'db' | 'catalogue' | 'clock' | 'randomBytes' | 'domainControl'>

/**
 * Tells what an order of one name would meet, and stores nothing: the rules of names and of the product, the units left, and one look at where
 * the proof would be, with a value that nobody knows, through the same slots and guards as the looks of orders.
 *
 * @throws Problem invalidParameter for a product that does not exist
 */
export async function checkDomain(
  services: CheckServices,
  accountId: number,
  asked: { readonly domain: string; readonly productCode: string; readonly method: ProofMethod },
): Promise<DomainCheck> {
  const product = services.catalogue.find(asked.productCode)
  if (product === undefined) throw new Problem('invalidParameter', { P: 'ProductCode', rule: 'No such product.' })
  const now = services.clock()
  const plans = await listLivePlans(services.db.read, accountId, product.code, now)
  const unitsLeft = plans.reduce((sum, { used, total }) => sum + total - used, 0)
  const quota: DomainFinding = {
    about: 'quota',
    ok: unitsLeft > 0,
    message: `${unitsLeft} ${unitsLeft === 1 ? 'unit' : 'units'} of ${product.code} left.`,
  }
  const parsed = judgeName(() => {
    const domain = parseDomainName(asked.domain, product)
    assertProvable(domain, asked.method)
    return domain
  })
  if ('about' in parsed) return { findings: [parsed, quota], unitsLeft, look: undefined }
  const look = await lookOnce(services, { accountId, identifier: parsed.name, method: asked.method, now })
  const name: DomainFinding = { about: 'name', ok: true, message: `${parsed.name} may be ordered as ${product.code}.` }
  return { findings: [name, quota, judgeLook(parsed, asked.method, look)], unitsLeft, look }
}

function judgeName(parse: () => ParsedDomain): ParsedDomain | DomainFinding {
  try {
    return parse()
  } catch (error) {
    if (error instanceof Problem) return { about: 'name', ok: false, message: error.message }
    throw error
  }
}

async function lookOnce(
  { domainControl, randomBytes }: CheckServices,
  { now, ...where }: { accountId: number; identifier: string; method: ProofMethod; now: number },
): Promise<ProofAttempt> {
  const deadline = AbortSignal.timeout(LOOK_TIMEOUT_MS)
  try {
    return await domainControl.check({ ...where, token: makeValidationToken(now, randomBytes) }, deadline)
  } catch (error) {
    if (!deadline.aborted) throw error
    const evidence = { method: where.method, queries: [] }
    return { proven: false, failure: 'timeout', message: 'The look was given up because it took too long.', evidence }
  }
}

/** Whether a proof could be put in place, here or where a CNAME leads: an absent record or file is what is hoped for. */
function judgeLook({ name }: ParsedDomain, method: ProofMethod, look: ProofAttempt): DomainFinding {
  const outcome = look.failure ?? 'unknown'
  const { message, evidence } = look
  const record = dnsRecordName(name)
  const delegated = delegatedName({ outcome, evidence })
  if (delegated !== undefined) return { about: 'proof', ok: true, message: `The zone answers. ${explainDelegation(record, delegated)}` }
  if (method === 'DNS' && (outcome === 'nxdomain' || outcome === 'noRecord' || outcome === 'wrongValue')) {
    return { about: 'proof', ok: true, message: `The zone answers, and a TXT record at ${record} would be seen.` }
  }
  if (method === 'FILE' && (outcome === 'httpStatus' || outcome === 'wrongValue')) {
    return { about: 'proof', ok: true, message: 'The web server answers, and a file there would be seen.' }
  }
  return { about: 'proof', ok: false, message: explainSight(name, method, { outcome, message, evidence }) }
}
