import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { Problem } from '../problem.ts'
import type { Schema } from './schema.ts'
import type { Tx } from './write.ts'

/** How long the answer to a token is given again. */
export const CLIENT_TOKEN_LIFETIME_MS = 24 * 3_600_000

/** One idempotency token, as a write stores it together with its effect. */
export interface ClientToken {
  readonly accountId: number
  readonly principal: string
  readonly action: string
  readonly token: string
  /** Hex SHA-256 over the input it came with. */
  readonly inputSha256: string
  readonly now: number
}

/** The hash of an input: plain data whose key order is fixed by the caller's code. */
export function hashInput(input: unknown): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex')
}

/** The token of a call, bound to the caller, the operation and the input; undefined if the call has none. */
export function clientTokenOf(
  context: { readonly caller: { readonly accountId: number; readonly principal: string }; readonly action: string },
  token: string | undefined,
  input: unknown,
  now: number,
): ClientToken | undefined {
  if (token === undefined) return undefined
  const { accountId, principal } = context.caller
  return { accountId, principal, action: context.action, token, inputSha256: hashInput(input), now }
}

/**
 * Performs a write once for each token. A replay within 24 hours gets the stored answer; the same token with another input is
 * refused; a refused write stores nothing, so it may be tried again with the same token.
 *
 * @throws Problem idempotentParameterMismatch
 */
export async function withClientToken<A>(
  db: { readonly read: Kysely<Schema> },
  token: ClientToken | undefined,
  perform: () => Promise<A>,
): Promise<A> {
  if (token === undefined) return await perform()
  const earlier = await findAnswer(db.read, token)
  if (earlier !== undefined) return earlier.answer as A
  try {
    return await perform()
  } catch (error) {
    // Another request with this token committed between the look and the write. It may show as any refusal: if the other took
    // the last unit of a plan, this one meets an empty plan before it meets the token.
    if (!(error instanceof Problem) || error.problem === 'callerInactive' || error.problem === 'serviceUnavailable') throw error
    const winner = await findAnswer(db.read, token)
    if (winner === undefined) throw error
    return winner.answer as A
  }
}

async function findAnswer(read: Kysely<Schema>, token: ClientToken): Promise<{ answer: unknown } | undefined> {
  const row = await read
    .selectFrom('client_tokens')
    .select(['input_sha256', 'answer'])
    .where('account_id', '=', token.accountId)
    .where('principal', '=', token.principal)
    .where('action', '=', token.action)
    .where('token', '=', token.token)
    .where('expires_at', '>', token.now)
    .executeTakeFirst()
  if (row === undefined) return undefined
  if (row.input_sha256 !== token.inputSha256) throw new Problem('idempotentParameterMismatch')
  return { answer: JSON.parse(row.answer) as unknown }
}

/** Issues the statement that stores a token with its answer; call it among the write's statements. */
export function insertClientToken(tx: Tx, token: ClientToken, answer: unknown): Promise<{ changes: number }> {
  // An expired row of the same token is overwritten; a living one makes the statement change nothing.
  return tx.run(
    `insert into client_tokens (account_id, principal, action, token, input_sha256, answer, created_at, expires_at)
     values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (account_id, principal, action, token) do update
       set input_sha256 = excluded.input_sha256, answer = excluded.answer, created_at = excluded.created_at, expires_at = excluded.expires_at
       where client_tokens.expires_at <= excluded.created_at`,
    [
      token.accountId,
      token.principal,
      token.action,
      token.token,
      token.inputSha256,
      JSON.stringify(answer),
      token.now,
      token.now + CLIENT_TOKEN_LIFETIME_MS,
    ],
  )
}

/** @throws Problem clientTokenTaken if the statement of {@link insertClientToken} met a living row */
export function assertTokenStored(result: { changes: number } | undefined): void {
  if (result?.changes === 0) throw new Problem('clientTokenTaken')
}
