import { createHash } from 'node:crypto'
import type { AuthorizationMethod } from '../storage/schema.ts'
import { fileProofPath } from '../validation/http-file.ts'
import { authorizationName, challengeRecordName, dnsHostLabel, dnsRecordName } from '../validation/record-name.ts'
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

/**
 * What to put in place for an authorization. One of the ACME door is told as its challenge http-01 (RFC 8555 section 8.3) where the client chose
 * that, else as dns-01 (8.4).
 *
 * @param thumbprint of the ACME account's key; undefined: an order of another door
 */
export function instructProof(
  { method, identifier, token }: { method: AuthorizationMethod | null; identifier: string; token: string },
  thumbprint?: string,
): ProofInstruction {
  if (method === 'FILE') return { method, domain: authorizationName(identifier), uri: fileProofPath, content: token }
  if (method === 'DNS') {
    return { method, recordName: dnsRecordName(identifier), recordHost: recordHostOf(identifier), recordValue: token }
  }
  const keyAuthorization = `${token}.${thumbprint ?? ''}`
  if (method === 'http-01') {
    return { method: 'FILE', domain: authorizationName(identifier), uri: `/.well-known/acme-challenge/${token}`, content: keyAuthorization }
  }
  const recordName = challengeRecordName(identifier)
  const zone = findRegistrableDomain(authorizationName(identifier))
  const recordHost = zone === null ? undefined : recordName.slice(0, -zone.length - 1)
  return { method: 'DNS', recordName, recordHost, recordValue: digestOf(keyAuthorization) }
}

function digestOf(keyAuthorization: string): string {
  return createHash('sha256').update(keyAuthorization).digest('base64url')
}

function recordHostOf(identifier: string): string | undefined {
  const zone = findRegistrableDomain(authorizationName(identifier))
  return zone === null ? undefined : dnsHostLabel(identifier, zone)
}
