import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { checkValidationNow } from '../../orders/describe-order.ts'
import { wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { orderTarget } from './order-target.ts'
import { toWire, validation } from './describe-certificate-state.ts'

/** Looks for the proof of control at once, and says what was seen. */
export const checkValidation = action({
  name: 'CheckValidation',
  version: EXTENSION_VERSION,
  access: 'update',
  ramAction: 'yundun-cert:CheckValidation',
  target: orderTarget,
  summary: 'Look for the proof of control now, within the spacing of attempts, and read what the latest attempt saw.',
  strict: true,
  input: z.object({ OrderId: wireId }),
  output: z.object({
    Type: z.string(),
    Attempts: z.int(),
    Proven: z.boolean(),
    /** The proof of each name, while one is not proven. */
    Validations: z.array(validation).optional(),
    LastAttempt: z.object({ At: z.int(), Outcome: z.string(), Message: z.string() }).optional(),
    NextAttemptAt: z.int().optional(),
    Failure: z.object({ Reason: z.string(), Message: z.string() }).optional(),
  }),
  problems: ['notFoundOrder'],
  async run({ OrderId }, { caller }, services) {
    const { description, attempts, proven, lastAttempt, nextAttemptAt, failure } = await checkValidationNow(
      services,
      OrderId,
      caller.accountId,
    )
    const state = toWire(description)
    return {
      Type: state.Type,
      Attempts: attempts,
      Proven: proven,
      ...(state.Type === 'domain_verify' && { Validations: state.Validations }),
      ...(lastAttempt && { LastAttempt: { At: lastAttempt.at, Outcome: lastAttempt.outcome, Message: lastAttempt.message } }),
      ...(nextAttemptAt !== null && { NextAttemptAt: nextAttemptAt }),
      ...(failure && { Failure: { Reason: failure.reason, Message: failure.message } }),
    }
  },
})
