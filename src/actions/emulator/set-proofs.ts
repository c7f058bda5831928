import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { Problem } from '../../problem.ts'
import { assertOperator } from '../../ram/accounts/operator.ts'
import { EXTENSION_VERSION } from '../versions.ts'

/** Says how proofs of control end: by the real network, or by passing so many seconds after the first look. */
export const setProofs = action({
  name: 'SetProofs',
  version: EXTENSION_VERSION,
  access: 'update',
  ramAction: 'chancery:SetProofs',
  summary: 'Emulator only: let proofs of control pass at once, after a time, or by the real network.',
  strict: true,
  input: z.object({
    PassAfter: z.string().regex(/^(real|[0-9]{1,7})$/, 'A number of seconds, or "real", is needed.'),
  }),
  output: z.object({}),
  problems: ['invalidAction'],
  async run({ PassAfter }, context, services) {
    assertOperator(services, context)
    const { emulator } = services
    if (emulator === undefined) throw new Problem('invalidAction')
    emulator.setProofs(PassAfter === 'real' ? 'real' : Number(PassAfter) * 1000)
    return {}
  },
})
