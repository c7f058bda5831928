import type { Services } from '../../services.ts'
import type { Proof } from '../../storage/acme-orders.ts'
import type { NewAuthorization } from '../../storage/authorizations.ts'
import { findReusableProofs, type ReuseServices, takeOver } from '../reusable-proofs.ts'
import type { AcmeCaller } from './acme-caller.ts'

/** An order can be proven and finalized for so long. */
export const ORDER_LIFETIME_MS = 24 * 3_600_000

type PlanServices = ReuseServices & Pick<Services, 'randomBytes'>

export interface PlannedProofs {
  /** Authorizations of this ACME account that are valid already. */
  readonly joined: readonly number[]
  readonly created: readonly NewAuthorization[]
  readonly proven: boolean
}

/** A proof of this ACME account for the very name is shared; one of another door, or of the wildcard's counterpart, is taken over. */
export async function planProofs(
  services: PlanServices,
  caller: AcmeCaller,
  names: readonly string[],
  now: number,
): Promise<PlannedProofs> {
  const { db, randomBytes } = services
  const { acmeAccountId, context } = caller
  const proofs = await findReusableProofs(services, names, { accountId: context.caller.accountId, until: now, acmeAccountId })
  const isShared = (proof: Proof | undefined, name: string) =>
    proof !== undefined && proof.acmeAccountId === acmeAccountId && proof.identifier === name && proof.expiresAt > now + ORDER_LIFETIME_MS
  const joined: number[] = []
  const created: NewAuthorization[] = []
  for (const name of names) {
    const proof = proofs.get(name)
    if (proof !== undefined && isShared(proof, name)) {
      joined.push(proof.id)
      continue
    }
    created.push({
      id: await db.nextId('authorizations'),
      identifier: name,
      token: Buffer.from(randomBytes(TOKEN_OCTETS)).toString('base64url'),
      ...(proof !== undefined && { proof: takeOver(proof, services, now) }),
    })
  }
  return { joined, created, proven: names.every((name) => proofs.has(name)) }
}

/** 256 bits; RFC 8555 section 8.3 wants 128. */
const TOKEN_OCTETS = 32
