import { X509Certificate } from 'node:crypto'
import type { Services } from '../services.ts'
import { listIssuers } from '../storage/accounts.ts'
import { listCrls } from '../storage/certificates.ts'
import { encodePem } from '../x509/pem.ts'

/** The CA as an operator sees it. Instants in ms. */
export interface AuthorityView {
  readonly issuers: readonly {
    readonly id: string
    readonly kind: 'root' | 'intermediate'
    readonly subject: string
    readonly notAfter: number
    readonly sha256: string
    readonly pem: string
    readonly crls: readonly {
      readonly shard: number
      readonly number: number
      readonly nextUpdate: number | null
      readonly url: string | undefined
    }[]
  }[]
}

export async function showAuthority({ db, authority }: Pick<Services, 'db' | 'authority'>): Promise<AuthorityView> {
  const crls = await listCrls(db.read)
  return {
    issuers: (await listIssuers(db.read)).map((row) => {
      const certificate = new X509Certificate(row.certificate)
      return {
        id: row.id,
        kind: row.kind,
        subject: certificate.subject.split('\n').join(', '),
        notAfter: certificate.validToDate.getTime(),
        sha256: certificate.fingerprint256,
        pem: encodePem('CERTIFICATE', row.certificate),
        crls: crls
          .filter(({ issuer_id }) => issuer_id === row.id)
          .map(({ shard, number, next_update }) => ({
            shard,
            number,
            nextUpdate: next_update,
            url: row.id === authority.issuerId ? authority.crlUrl(shard) : undefined,
          })),
      }
    }),
  }
}
