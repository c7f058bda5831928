import { randomUUID } from 'node:crypto'
import { type AcmeBook, createAcmeBook } from './acme-book.ts'

/** What an applicant is up to: each takes its order through other steps. */
export const aims = ['issue', 'withdraw', 'review', 'renew', 'fail', 'issue', 'reject', 'withdraw'] as const
export type Aim = (typeof aims)[number] | 'renewal'

/** A value that is put in place of the one before; null: none. */
export interface Mark {
  count: number
  /** Asked for since the last one that was acknowledged. */
  asked: (string | null)[]
  acknowledged: string | null
}

/** One application, from the client's side of the wire. */
export interface Application {
  readonly token: string
  readonly domain: string
  readonly aim: Aim
  /** The application that it renews. */
  readonly renews: Application | undefined
  /** The id that the service acknowledged; undefined while no answer came through. */
  orderId: number | undefined
  published: boolean
  /** `Type` that the next look must show, because the answer to a move was read. */
  expected: string | undefined
  /** How often the application was submitted again. */
  submissions: number
  deletion: 'none' | 'asked' | 'acknowledged'
  /** The certificate that the client has seen. */
  certificateId: number | undefined
  revocation: 'none' | 'asked' | 'acknowledged'
  /** Revoked by the applicant, who gets the unit back, or by the operator, who gets nothing. */
  revokedBy: 'applicant' | 'operator'
  renewal: Application | undefined
  /** What was put on the order, by what. */
  readonly marks: Record<'tag' | 'group', Mark>
  /** Its proof is overdue, its token is over. */
  aged: boolean
  /** Somebody is at it. */
  busy: boolean
  /** Not to be looked at again before, ms. */
  nextLookAt: number
}

/** Something that an account makes and deletes in one call each. Its name is its own. */
export interface Thing {
  readonly kind: string
  readonly name: string
  /** What deletes it, where that is not the name. */
  id: string | undefined
  state: 'asked' | 'made' | 'leaving' | 'gone'
  /** Its one change, where its kind has one. */
  change: 'none' | 'asked' | 'acknowledged'
  /** A call about it is under way. */
  busy: boolean
}

/** All that the client knows, through all lives of the service. What is in here must never be lost or done twice. */
export interface Book {
  readonly applications: Application[]
  readonly things: Thing[]
  /** What happens at the ACME door. */
  readonly acme: AcmeBook
  /** Purchases by token, with the plan that was acknowledged. */
  readonly purchases: Map<string, { readonly productCode: string; readonly count: number; planId: number | undefined }>
  /** CRL numbers as anybody could fetch them, each with the digest of its one content. */
  readonly crls: Map<number, string>
  /** What no kill excuses. Stays empty. */
  readonly violations: string[]
  /** A new application; its aim is the next one in turn. */
  apply(): Application
  /** The renewal of an order that was issued. */
  renew(application: Application): Application
}

export function createBook(zone: string): Book {
  const applications: Application[] = []
  const add = (domain: string, aim: Aim, renews?: Application): Application => {
    const application: Application = {
      token: randomUUID(),
      domain,
      aim,
      renews,
      orderId: undefined,
      published: false,
      expected: undefined,
      submissions: 0,
      deletion: 'none',
      certificateId: undefined,
      revocation: 'none',
      revokedBy: applications.length % 2 === 0 ? 'applicant' : 'operator',
      renewal: undefined,
      marks: { tag: { count: 0, asked: [], acknowledged: null }, group: { count: 0, asked: [], acknowledged: null } },
      aged: false,
      busy: false,
      nextLookAt: 0,
    }
    applications.push(application)
    return application
  }
  return {
    applications,
    things: [],
    acme: createAcmeBook(zone),
    purchases: new Map(),
    crls: new Map(),
    violations: [],
    apply: () => add(`o${applications.length}.${zone}`, aims[applications.length % aims.length] ?? 'issue'),
    renew: (application) => (application.renewal = add(application.domain, 'renewal', application)),
  }
}

/** Whether the application has not reached what it is up to. */
export function isOpen({ orderId, aim, certificateId, renewal, deletion }: Application): boolean {
  if (orderId === undefined) return false
  if (aim === 'withdraw' || aim === 'fail' || aim === 'reject') return deletion !== 'acknowledged'
  return certificateId === undefined || (aim === 'renew' && renewal?.orderId === undefined)
}
