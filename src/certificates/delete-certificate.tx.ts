import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { assertTokenStored, type ClientToken, insertClientToken } from '../storage/client-tokens.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

export interface DeleteCertificateInput {
  readonly certificateId: number
  readonly name: string
  readonly source: 'order' | 'upload'
  readonly caller: WritingCaller
  readonly origin: Origin
  readonly eventId: number
  readonly now: number
  readonly token: ClientToken | null
}

/**
 * Takes a certificate out of the lists and destroys its key. What was issued stays known to its order and to the CRL. The answer of a token
 * is `{}`. Whether it may be deleted does not change any more once it may, so that it need not be asked again. Refuses with
 * `notFoundCertificate`, `callerInactive` or `clientTokenTaken`.
 */
export const deleteCertificate = defineWrite({
  async run(tx, input: DeleteCertificateInput): Promise<void> {
    const { certificateId, now } = input
    const { accountId } = input.caller
    const token = input.token === null ? undefined : insertClientToken(tx, input.token, {})
    const deleted = tx.run(
      `update certificate_cards set deleted_at = ?, has_key = 0 where id = ? and account_id = ? and source = ? and deleted_at is null`,
      [now, certificateId, accountId, input.source],
    )
    const caller = selectActiveCaller(tx, input.caller)
    const others = [
      tx.run(`delete from uploaded_certificates where id = ? and account_id = ?`, [certificateId, accountId]),
      tx.run(
        `update keys set sealed = null, destroyed_at = ? where sealed is not null and account_id = ?
           and id in (select key_id from certificates where id = ? and account_id = ?)`,
        [now, accountId, certificateId, accountId],
      ),
      tx.run(`delete from tags where account_id = ? and resource_type = 'certificate' and resource_id = ?`, [accountId, certificateId]),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'certificate.deleted',
        origin: input.origin,
        resource: `certificate/${certificateId}`,
        detail: { name: input.name, source: input.source },
      }),
    ]
    const [stored, removed, active] = await Promise.all([token, deleted, caller, ...others])
    assertTokenStored(stored)
    if (active.rows.length === 0) throw new Problem('callerInactive')
    if (removed.changes === 0) throw new Problem('notFoundCertificate')
  },
})
