import { z } from 'zod'
import type { ActionTarget } from '../../gateway/action.ts'
import type { ListedCsr } from '../../storage/csrs.ts'

/** The CSR that `CsrId` names. */
export const csrTarget: ActionTarget = {
  resources: ({ CsrId }) => (typeof CsrId === 'string' && CsrId !== '' ? [`csr/${CsrId}`] : []),
}

/** A CSR as lists show it. */
export const csrFields = {
  CsrId: z.int(),
  Name: z.string(),
  Algorithm: z.string(),
  KeySize: z.int(),
  /** SHA-256 over the SubjectPublicKeyInfo, in hexadecimal. */
  KeySha2: z.string(),
  CommonName: z.string(),
  Sans: z.string(),
  CountryCode: z.string(),
  Province: z.string(),
  Locality: z.string(),
  CorpName: z.string(),
  Department: z.string(),
  HasPrivateKey: z.boolean(),
}

export function csrToWire(csr: ListedCsr) {
  return {
    CsrId: csr.id,
    Name: csr.name,
    Algorithm: csr.algorithm,
    KeySize: csr.key_size,
    KeySha2: csr.spki_sha256,
    CommonName: csr.common_name,
    Sans: csr.sans,
    CountryCode: csr.country,
    Province: csr.province,
    Locality: csr.locality,
    CorpName: csr.organization,
    Department: csr.department,
    HasPrivateKey: csr.has_key,
  }
}
