import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { explainOrder } from '../../orders/explain-order.ts'
import { namesOf } from '../../orders/order-names.ts'
import type { ProofInstruction } from '../../orders/proof-instruction.ts'
import { wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { evidenceFields, evidenceToWire } from './evidence-fields.ts'
import { orderTarget } from './order-target.ts'

/** Tells what has happened to an order, and what to do next. */
export const explainOrderAction = action({
  name: 'ExplainOrder',
  version: EXTENSION_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:ExplainOrder',
  target: orderTarget,
  summary: 'Tell what has happened to an order, in words and as data, and what to do next. Shows the latest 50 looks at its names.',
  strict: true,
  input: z.object({ OrderId: wireId }),
  output: z.object({
    OrderId: z.int(),
    State: z.string(),
    ProductCode: z.string(),
    Domains: z.array(z.string()),
    Advice: z.array(z.string()),
    Timeline: z.array(z.object({ At: z.int(), What: z.string() })),
    Attempts: z.int(),
    NextAttemptAt: z.int().optional(),
    ProofEndsAt: z.int(),
    Failure: z.object({ Reason: z.string(), Message: z.string() }).optional(),
    Names: z.array(
      z.object({
        Name: z.string(),
        Method: z.string(),
        Value: z.string(),
        /** Of a record; always the full name. */
        RecordDomain: z.string().optional(),
        RecordHost: z.string().optional(),
        /** Where a CNAME at the record leads, as far as looks have seen: the record belongs there. */
        PublishAt: z.string().optional(),
        /** Of a file: its path. */
        Uri: z.string().optional(),
        ProvenAt: z.int().optional(),
      }),
    ),
    /** The newest first. */
    Looks: z.array(z.object({ At: z.int(), Name: z.string(), Outcome: z.string(), Message: z.string(), ...evidenceFields })),
    /** Older looks that are on record. */
    LooksLeftOut: z.int(),
    Review: z
      .object({
        Level: z.string(),
        State: z.string(),
        OpenedAt: z.int(),
        ApprovalsNeeded: z.int(),
        /** `Reviewer` is told to the operator's account alone. */
        Decisions: z.array(z.object({ At: z.int(), Decision: z.string(), Reason: z.string(), Reviewer: z.string().optional() })),
      })
      .optional(),
    Ledger: z.array(z.object({ At: z.int(), Kind: z.string(), Units: z.int(), PlanId: z.int() })),
  }),
  problems: ['notFoundOrder'],
  async run({ OrderId }, context, services) {
    const explained = await explainOrder(services, context, OrderId)
    const { order, review, failure, nextAttemptAt } = explained
    return {
      OrderId: order.id,
      State: order.state,
      ProductCode: order.product_code,
      Domains: [...namesOf(order)],
      Advice: [...explained.advice],
      Timeline: explained.timeline.map(({ at, what }) => ({ At: at, What: what })),
      Attempts: order.attempts,
      ...(nextAttemptAt !== undefined && { NextAttemptAt: nextAttemptAt }),
      ProofEndsAt: order.validation_ends_at,
      ...(failure && { Failure: { Reason: failure.reason, Message: failure.message } }),
      Names: explained.names.map(({ name, method, instruction, publishAt, provenAt }) => ({
        Name: name,
        Method: method ?? '',
        ...placeToWire(instruction),
        ...(publishAt !== undefined && { PublishAt: publishAt }),
        ...(provenAt !== null && { ProvenAt: provenAt }),
      })),
      Looks: explained.looks.map(({ at, name, outcome, message, evidence }) => ({
        At: at,
        Name: name,
        Outcome: outcome,
        Message: message,
        ...evidenceToWire(evidence),
      })),
      LooksLeftOut: explained.looksLeftOut,
      ...(review && {
        Review: {
          Level: review.level,
          State: review.state,
          OpenedAt: review.opened_at,
          ApprovalsNeeded: review.approvals_needed,
          Decisions: explained.decisions.map(({ at, decision, reason, reviewer }) => ({
            At: at,
            Decision: decision,
            Reason: reason,
            ...(reviewer !== undefined && { Reviewer: reviewer }),
          })),
        },
      }),
      Ledger: explained.ledger.map(({ at, kind, units, plan_id }) => ({ At: at, Kind: kind, Units: units, PlanId: plan_id })),
    }
  },
})

function placeToWire(instruction: ProofInstruction) {
  if (instruction.method === 'FILE') return { Value: instruction.content, Uri: instruction.uri }
  const { recordName, recordHost, recordValue } = instruction
  return { Value: recordValue, RecordDomain: recordName, ...(recordHost !== undefined && { RecordHost: recordHost }) }
}
