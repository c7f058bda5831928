import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { certificateLine, type CertificateCardRow } from '../storage/certificate-cards.ts'
import { readKeyword } from '../storage/keyword-lines.ts'
import { certificateRanges, type CertificateFilter, listCertificateRows } from '../storage/list-certificates.ts'
import type { ListPage } from './list-orders.ts'
import { givenSource, keywordSource, type ListSource, rangeSource } from './list-source.ts'
import { endsOf, type LifeStatus } from './order-status.ts'
import { MOST_COUNTED, walkPage } from './walk-page.ts'

/** `valid`: neither expired nor revoked; `unrevoked`: expired or not. */
export type CertificateChoice = LifeStatus | 'valid' | 'unrevoked' | 'revoked'

/** A page of a list, and what narrows it. */
export interface CertificateListRequest extends Omit<CertificateFilter, 'accountId' | 'only'> {
  readonly context: RequestContext
  readonly choice: CertificateChoice | undefined
  readonly keyword: string | undefined
  readonly page: number
  readonly size: number
}

/** The certificates of an account: the newest first, or by a choice that time has a part in the one that ends last. */
export async function listCertificates(
  services: Pick<Services, 'db' | 'clock' | 'pageAnchors'>,
  request: CertificateListRequest,
): Promise<ListPage<CertificateCardRow>> {
  const { context, page, size, ...filter } = request
  const { accountId } = context.caller
  const { ids, total, at } = await walkPage(services, { context, filter, page, size }, (now) => sourceOf(services, request, now))
  return { rows: await listCertificateRows(services.db.read, accountId, ids), total, at }
}

function sourceOf(services: Pick<Services, 'db'>, request: CertificateListRequest, now: number): ListSource {
  const { accountId } = request.context.caller
  const { group, origins, ids, keyword } = request
  const list = certificateRanges({ accountId, group, origins, ids, only: chosen(request.choice, now) })
  const wanted = keyword === undefined ? '' : readKeyword(keyword)
  if (wanted === undefined) return givenSource([])
  if (wanted === '') return rangeSource(services, accountId, list)
  const { read, engine } = services.db
  return keywordSource(
    services,
    {
      list,
      keyword: wanted,
      scope: { engine, accountId, kind: 'certificate' },
      linesOf: async (some) => new Map((await listCertificateRows(read, accountId, some)).map((row) => [row.id, certificateLine(row)])),
    },
    MOST_COUNTED,
  )
}

function chosen(choice: CertificateChoice | undefined, now: number): CertificateFilter['only'] {
  switch (choice) {
    case undefined:
      return undefined
    case 'revoked':
      return 'revoked'
    case 'unrevoked':
      return { ends: {} }
    case 'valid':
      return { ends: { after: endsOf('WILLEXPIRED', now).after } }
    case 'ISSUED':
    case 'WILLEXPIRED':
    case 'EXPIRED':
      return { ends: endsOf(choice, now) }
  }
}
