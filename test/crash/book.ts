import { randomUUID } from 'node:crypto'

/** One application, from the client's side of the wire. */
export interface Application {
  readonly token: string
  readonly domain: string
  /** The id that the service acknowledged; undefined while no answer came through. */
  orderId: number | undefined
  published: boolean
  /** The certificate that the client has seen. */
  certificateId: number | undefined
  revocation: 'none' | 'asked' | 'acknowledged'
  /** Not to be looked at again before, ms. */
  nextLookAt: number
}

/** All that the client knows, through all lives of the service. What is in here must never be lost or done twice. */
export interface Book {
  readonly applications: Application[]
  /** Purchases by token, with the plan that was acknowledged. */
  readonly purchases: Map<string, { readonly count: number; planId: number | undefined }>
  /** CRL numbers as anybody could fetch them, each with the digest of its one content. */
  readonly crls: Map<number, string>
  /** What no kill excuses. Stays empty. */
  readonly violations: string[]
  apply(): Application
}

export function createBook(zone: string): Book {
  const applications: Application[] = []
  return {
    applications,
    purchases: new Map(),
    crls: new Map(),
    violations: [],
    apply() {
      const application: Application = {
        token: randomUUID(),
        domain: `o${applications.length}.${zone}`,
        orderId: undefined,
        published: false,
        certificateId: undefined,
        revocation: 'none',
        nextLookAt: 0,
      }
      applications.push(application)
      return application
    },
  }
}
