import { parseCertificationRequest } from '../x509/csr.ts'
import { DerError } from '../x509/der-error.ts'
import { decodePem } from '../x509/pem.ts'
import { foldName } from './domain-name.ts'

/**
 * The names that an application asks for, as the order would carry them: for conditions of policies, before anything else is checked. What is
 * no name stays as it was given, in lower case: the order itself is refused later. Names that the order would not carry are left out, so that
 * nobody meets a condition by adding one.
 *
 * @param csr PEM; what cannot be read as a CSR says nothing, and its order is refused later
 */
export function readAskedNames({ domain, csr }: { readonly domain: string; readonly csr: string }): readonly string[] {
  const given = [...new Set(domain === '' ? [] : domain.split(',').map((name) => foldName(name.trim())))]
  const common = csr === '' ? undefined : readCommonName(csr)
  return common === undefined ? given : joinCommonName(common, given)
}

/** The CN of a CSR is the first name; others are asked for beside it only where it is named too. */
export function joinCommonName(common: string, given: readonly string[]): readonly string[] {
  return given.includes(common) ? [common, ...given.filter((name) => name !== common)] : [common]
}

function readCommonName(csr: string): string | undefined {
  try {
    const [block] = decodePem(csr)
    const commonName = block === undefined ? undefined : parseCertificationRequest(block.der).commonName
    return commonName === undefined ? undefined : foldName(commonName)
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
