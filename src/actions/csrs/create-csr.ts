import { z } from 'zod'
import { createCsr } from '../../csrs/create-csr.ts'
import { action } from '../../gateway/action.ts'
import { optionalText, wireCount } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'

/** Makes a key pair and a CSR. */
export const createCsrAction = action({
  name: 'CreateCsr',
  version: CAS_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:CreateCsr',
  summary: 'Make a key and a CSR for it, and keep both.',
  strict: false,
  input: z.object({
    Algorithm: z.string().min(1),
    KeySize: wireCount,
    CommonName: z.string().min(1),
    Sans: optionalText,
    CountryCode: z.string().min(1),
    Province: z.string().min(1),
    Locality: z.string().min(1),
    CorpName: optionalText,
    Department: optionalText,
    Name: optionalText,
  }),
  output: z.object({ CsrId: z.int(), Csr: z.string() }),
  problems: ['limitExceeded', 'callerInactive'],
  async run(input, context, services) {
    const { csrId, pem } = await createCsr(services, context, {
      algorithm: input.Algorithm,
      keySize: input.KeySize,
      commonName: input.CommonName,
      sans: input.Sans,
      countryCode: input.CountryCode,
      province: input.Province,
      locality: input.Locality,
      corpName: input.CorpName,
      department: input.Department,
      name: input.Name,
    })
    return { CsrId: csrId, Csr: pem }
  },
})
