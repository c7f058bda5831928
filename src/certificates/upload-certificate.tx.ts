import { Problem } from '../problem.ts'
import { lockAccount, selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { certificateLine, insertCertificateCard, type NewCertificateCard } from '../storage/certificate-cards.ts'
import { assertTokenStored, type ClientToken, insertClientToken } from '../storage/client-tokens.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { insertKeywordLine } from '../storage/keyword-lines.ts'
import { insertUploadedCertificate, type NewUploadedCertificate, selectUploadBeyond } from '../storage/uploaded-certificates.ts'
import { defineWrite } from '../storage/write.ts'

/** An uploaded certificate with all that belongs to it. Ids are given; instants in ms. */
export interface UploadCertificateInput {
  readonly card: NewCertificateCard
  readonly uploaded: NewUploadedCertificate
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  /** So many may the account have at a time. */
  readonly most: number
  readonly caller: WritingCaller
  readonly origin: Origin
  readonly eventId: number
  readonly now: number
  readonly token: ClientToken | null
}

/**
 * Stores an uploaded certificate. The answer of a token is `{ certId, resource }`. Refuses with `nameRepeat`, `limitExceeded`,
 * `callerInactive` or `clientTokenTaken`.
 */
export const uploadCertificate = defineWrite({
  async run(tx, input: UploadCertificateInput): Promise<void> {
    const { card, now } = input
    const { accountId } = input.caller
    const locked = lockAccount(tx, accountId)
    const token =
      input.token === null ? undefined : insertClientToken(tx, input.token, { certId: card.id, resource: card.resource } satisfies Answer)
    const beyond = selectUploadBeyond(tx, accountId, input.most)
    const caller = selectActiveCaller(tx, input.caller)
    const inserted = [
      insertCertificateCard(tx, card),
      insertKeywordLine(tx, { accountId, kind: 'certificate', id: card.id, line: certificateLine(card) }),
      insertUploadedCertificate(tx, input.uploaded),
      ...input.tags.map(({ key, value }) =>
        tx.insert('tags', { account_id: accountId, resource_type: 'certificate', resource_id: card.id, key, value }),
      ),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'certificate.uploaded',
        origin: input.origin,
        resource: `certificate/${card.id}`,
        detail: { name: card.name, domain: card.common_name, serial: card.serial, sha256: card.sha256 },
      }),
    ]
    const [stored, full, active] = await Promise.all([token, beyond, caller, locked, ...inserted])
    assertTokenStored(stored)
    if (active.rows.length === 0) throw new Problem('callerInactive')
    if (full.rows.length > 0) throw new Problem('limitExceeded', { P: 'UserCertificate', limit: String(input.most) })
  },
})

interface Answer {
  readonly certId: number
  readonly resource: string
}
