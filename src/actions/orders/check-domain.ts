import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { checkDomain } from '../../orders/check-domain.ts'
import { defaultProductCode } from '../../plans/products.ts'
import { optionalText } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { evidenceFields, evidenceToWire } from './evidence-fields.ts'
import { placingTarget } from './placing-target.ts'

/** A preflight of an order. */
export const checkDomainAction = action({
  name: 'CheckDomain',
  version: EXTENSION_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:CheckDomain',
  target: { conditions: placingTarget('Domain').conditions },
  summary: 'Tell what an order of one name would meet, before it is placed: nothing is spent and nothing stored.',
  strict: true,
  input: z.object({ Domain: z.string(), ProductCode: optionalText, ValidateType: z.enum(['DNS', 'FILE']).default('DNS') }),
  output: z.object({
    /** Every finding is in order. */
    Ready: z.boolean(),
    Findings: z.array(z.object({ About: z.enum(['name', 'quota', 'proof']), Ok: z.boolean(), Message: z.string() })),
    UnitsLeft: z.int(),
    Look: z.object({ Outcome: z.string(), Message: z.string(), ...evidenceFields }).optional(),
  }),
  problems: [],
  async run({ Domain, ProductCode = defaultProductCode, ValidateType }, { caller }, services) {
    const asked = { domain: Domain, productCode: ProductCode, method: ValidateType }
    const { findings, unitsLeft, look } = await checkDomain(services, caller.accountId, asked)
    return {
      Ready: findings.every(({ ok }) => ok),
      Findings: findings.map(({ about, ok, message }) => ({ About: about, Ok: ok, Message: message })),
      UnitsLeft: unitsLeft,
      ...(look && { Look: { Outcome: look.failure ?? 'unknown', Message: look.message, ...evidenceToWire(look.evidence) } }),
    }
  },
})
