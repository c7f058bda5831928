import type { Services } from '../services.ts'
import type { Proof } from '../storage/acme-orders.ts'
import type { NewAuthorization } from '../storage/authorizations.ts'
import { makeValidationToken } from '../validation/token.ts'
import { type ReuseServices, takeOver } from './reusable-proofs.ts'

/** Ids and the token for the names of an order: one token, so that the same record value stands at each name that is not proven yet. */
export async function drawAuthorizations(
  services: ReuseServices & Pick<Services, 'randomBytes'>,
  names: readonly string[],
  now: number,
  proofs: ReadonlyMap<string, Proof> = new Map(),
): Promise<NewAuthorization[]> {
  const { db, randomBytes } = services
  const token = makeValidationToken(now, randomBytes)
  const drawn: NewAuthorization[] = []
  for (const identifier of names) {
    const proof = proofs.get(identifier)
    const id = await db.nextId('authorizations')
    drawn.push({ id, identifier, token, ...(proof !== undefined && { proof: takeOver(proof, services, now) }) })
  }
  return drawn
}
