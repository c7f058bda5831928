import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { loadSettings } from '../src/config.ts'
import { openServices } from '../src/open-services.ts'
import type { Caller } from '../src/gateway/caller.ts'
import type { Services } from '../src/services.ts'
import { buyPlan } from '../src/plans/buy-plan.ts'
import { placeOrder } from '../src/orders/place-order.ts'
import type { DomainControl } from '../src/validation/domain-control.ts'

/** An open installation to measure on, without listeners and runner. */
export interface Bench {
  readonly services: Services
  /** Places an order for a new name under one of the products; answers its id. */
  place(plan: number, keyAlgorithm: 'ECC_256' | 'RSA_2048'): Promise<number>
  close(): Promise<void>
}

const PLANS_UNITS = 1_000_000

/** Every proof passes at once: the network is not what is measured. */
const provenAtOnce: DomainControl = {
  maxConcurrent: 256,
  check: ({ method }) => Promise.resolve({ proven: true, message: 'The record is there.', evidence: { method, queries: [] } }),
}

/** Opens an installation on empty data with so many products, each with a plan of its own. */
export async function openBench(place: {
  folder: string
  databaseUrl: string | undefined
  plans: number
  /** RSA key pairs that the process keeps ready. */
  rsaPool: number
}): Promise<Bench> {
  const settings = {
    ...loadSettings({
      CHANCERY_DATA: place.folder,
      ...(place.databaseUrl !== undefined && { DATABASE_URL: place.databaseUrl }),
      CHANCERY_RSA_POOL: String(place.rsaPool),
    }),
    operatorProducts: Array.from({ length: place.plans }, (_, index) => ({
      code: `bench-${index}`,
      name: 'Bench',
      brand: 'Bench',
      domainKind: 'single',
    })),
  }
  const { services, close } = await openServices(
    settings,
    pino({ level: 'silent' }),
    (error) => {
      throw error
    },
    { domainControl: provenAtOnce },
  )
  const caller = await findCaller(services)
  const contextOf = (action: string) => ({ caller, action, requestId: randomUUID(), sourceIp: '127.0.0.1', secureTransport: false })
  for (const product of settings.operatorProducts) {
    await buyPlan(services, {
      context: contextOf('PurchasePackage'),
      productCode: product.code,
      units: PLANS_UNITS,
      clientToken: undefined,
    })
  }
  let orders = 0
  return {
    services,
    close,
    async place(plan, keyAlgorithm) {
      const { orderId } = await placeOrder(services, {
        context: contextOf('CreateCertificateRequest'),
        clientToken: undefined,
        levels: 'DV',
        names: 'one',
        csr: undefined,
        productCode: `bench-${plan}`,
        domain: `o${orders++}.example.com`,
        method: 'DNS',
        applicant: { username: 'Tom', phone: '13900001234', email: 'tom@example.com' },
        tags: [],
        keyAlgorithm,
      })
      return orderId
    },
  }
}

async function findCaller({ db }: Pick<Services, 'db'>): Promise<Caller> {
  const key = await db.read.selectFrom('access_keys').select(['id', 'account_id', 'principal']).executeTakeFirstOrThrow()
  return { accountId: key.account_id, principal: key.principal, accessKeyId: key.id, identity: { kind: 'account' } }
}
