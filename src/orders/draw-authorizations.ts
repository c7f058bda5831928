import type { Services } from '../services.ts'
import { makeValidationToken } from '../validation/token.ts'

/** One name that an order has to prove, before it is stored. */
export interface NewAuthorization {
  readonly id: number
  readonly identifier: string
  readonly token: string
}

/** Ids and the token for the names of an order: one token, so that the same record value stands at each name. */
export async function drawAuthorizations(
  { db, randomBytes }: Pick<Services, 'db' | 'randomBytes'>,
  names: readonly string[],
  now: number,
): Promise<NewAuthorization[]> {
  const token = makeValidationToken(now, randomBytes)
  const drawn: NewAuthorization[] = []
  for (const identifier of names) drawn.push({ id: await db.nextId('authorizations'), identifier, token })
  return drawn
}
