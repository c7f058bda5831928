import { z } from 'zod'
import { proveInclusion } from '../../audit/prove-inclusion.ts'
import { action } from '../../gateway/action.ts'
import { Problem } from '../../problem.ts'
import { optionalText, wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'

/** Proves that an event of the account is in the signed log. */
export const getAuditProofAction = action({
  name: 'GetAuditProof',
  version: EXTENSION_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:GetAuditProof',
  summary: 'Get the proof (RFC 6962) that an event of the account is in the signed audit log.',
  strict: true,
  input: z.object({ EventId: wireId.optional(), EventRequestId: optionalText }),
  output: z.object({
    EventId: z.int(),
    LogIndex: z.int(),
    TreeSize: z.int(),
    /** Base64: the octets of the leaf. */
    Entry: z.string(),
    /** Base64, the lowest first. */
    Hashes: z.array(z.string()),
    Checkpoint: z.string(),
    VerifierKey: z.string(),
  }),
  problems: ['eventNotExist', 'eventNotSealed'],
  async run({ EventId, EventRequestId }, { caller }, services) {
    const by = EventId !== undefined ? { id: EventId } : EventRequestId !== undefined ? { requestId: EventRequestId } : undefined
    if (by === undefined) throw new Problem('missingParameter', { P: 'EventId' })
    const proof = await proveInclusion(services, caller.accountId, by)
    const base64 = (octets: Uint8Array) => Buffer.from(octets).toString('base64')
    return {
      EventId: proof.eventId,
      LogIndex: proof.index,
      TreeSize: proof.size,
      Entry: base64(proof.entry),
      Hashes: proof.path.map(base64),
      Checkpoint: proof.checkpoint,
      VerifierKey: proof.vkey,
    }
  },
})
