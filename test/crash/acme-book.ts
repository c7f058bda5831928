import { type ClientKey, type ExternalAccount, makeKey } from '../acme/acme-client.ts'

/** What an ACME client is up to with an order: a certificate, one that its owner cancels, or an order that comes to nothing in one of three ways. */
const aims = ['giveUp', 'issue', 'expire', 'fail', 'cancel', 'giveUp', 'issue'] as const

/** An account of the ACME door, from its client's side. */
export interface AcmeActor {
  readonly key: ClientKey
  /** The id that was acknowledged. */
  accountId: number | undefined
  state: 'open' | 'leaving' | 'closed'
  busy: boolean
}

/** One order of the ACME door, from its client's side. */
export interface AcmeApplication {
  readonly actor: AcmeActor
  readonly domain: string
  readonly aim: (typeof aims)[number]
  /** The id that the service acknowledged; undefined while no answer came through. */
  orderId: number | undefined
  /** The certificate that the client has seen. */
  certificateId: number | undefined
  /** The client was told that the order came to nothing. */
  ended: boolean
  cancellation: 'none' | 'asked' | 'acknowledged'
  /** Its time is over. */
  aged: boolean
  busy: boolean
  /** Not to be looked at again before, ms. */
  nextLookAt: number
}

/** What ACME clients know, through all lives of the service. */
export interface AcmeBook {
  /** The external account key that all accounts are bound to. */
  external: ExternalAccount | undefined
  readonly actors: AcmeActor[]
  readonly applications: AcmeApplication[]
  /** A new order; its aim is the next one in turn. Now and then a new account begins. */
  apply(): AcmeApplication
}

const ORDERS_AN_ACCOUNT = 4

export function createAcmeBook(zone: string): AcmeBook {
  const actors: AcmeActor[] = []
  const applications: AcmeApplication[] = []
  return {
    external: undefined,
    actors,
    applications,
    apply() {
      if (applications.length % ORDERS_AN_ACCOUNT === 0) actors.push({ key: makeKey(), accountId: undefined, state: 'open', busy: false })
      const actor = actors.at(-1)
      if (actor === undefined) throw new Error('there is no actor')
      const application: AcmeApplication = {
        actor,
        domain: `a${applications.length}.${zone}`,
        aim: aims[applications.length % aims.length] ?? 'issue',
        orderId: undefined,
        certificateId: undefined,
        ended: false,
        cancellation: 'none',
        aged: false,
        busy: false,
        nextLookAt: 0,
      }
      applications.push(application)
      return application
    },
  }
}

/** Whether the order has not reached what its client is up to. */
export function isOpenAcme({ aim, certificateId, ended, cancellation }: AcmeApplication): boolean {
  if (aim === 'issue') return certificateId === undefined
  return aim === 'cancel' ? cancellation !== 'acknowledged' : !ended
}
