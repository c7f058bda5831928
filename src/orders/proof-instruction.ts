import { fileProofPath } from '../validation/http-file.ts'
import { authorizationName, dnsHostLabel, dnsRecordName } from '../validation/record-name.ts'
import { findRegistrableDomain } from './domain-name.ts'

/** What an applicant puts in place to prove control of one name. */
export type ProofInstruction =
  | {
      readonly method: 'DNS'
      /** The whole name of the TXT record, e.g. `_dnsauth.www.example.com`. */
      readonly recordName: string
      /** The same below the zone that its owner registered, e.g. `_dnsauth.www`; undefined for a name outside the public DNS. */
      readonly recordHost: string | undefined
      readonly recordValue: string
    }
  | { readonly method: 'FILE'; readonly domain: string; readonly uri: string; readonly content: string }

/** What to put in place for an authorization. */
export function instructProof({
  method,
  identifier,
  token,
}: {
  method: 'DNS' | 'FILE'
  identifier: string
  token: string
}): ProofInstruction {
  switch (method) {
    case 'DNS':
      return { method, recordName: dnsRecordName(identifier), recordHost: recordHostOf(identifier), recordValue: token }
    case 'FILE':
      return { method, domain: authorizationName(identifier), uri: fileProofPath, content: token }
  }
}

function recordHostOf(identifier: string): string | undefined {
  const zone = findRegistrableDomain(authorizationName(identifier))
  return zone === null ? undefined : dnsHostLabel(identifier, zone)
}
