import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { Problem } from '../../problem.ts'
import { assertOperator } from '../../ram/accounts/operator.ts'
import { EXTENSION_VERSION } from '../versions.ts'

/** Moves the service's clock forward: validation, expiry and CRLs follow. Signed calls keep the real time. */
export const moveClock = action({
  name: 'MoveClock',
  version: EXTENSION_VERSION,
  access: 'update',
  ramAction: 'chancery:MoveClock',
  summary: 'Emulator only: move the clock of the service forward.',
  strict: true,
  input: z.object({
    Seconds: z
      .string()
      .regex(/^[0-9]{1,10}$/, 'A whole number of seconds is needed.')
      .transform(Number),
  }),
  output: z.object({ Now: z.int() }),
  problems: ['invalidAction'],
  async run({ Seconds }, context, services) {
    assertOperator(services, context)
    const { emulator } = services
    if (emulator === undefined) throw new Problem('invalidAction')
    return { Now: emulator.moveClock(Seconds * 1000) }
  },
})
