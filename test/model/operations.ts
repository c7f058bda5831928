import fc from 'fast-check'
import { dayMs } from '../orders/open-test-services.ts'

/** The products of products.json: all last 40 days, certificates 35, and units come back for 7. */
export const products = ['model-dv', 'model-free', 'model-ov', 'model-ev'] as const
export type ProductCode = (typeof products)[number]

/** Names that orders ask for; each has as many CSRs. */
export const namePool = ['n0.example.com', 'n1.example.com', 'n2.example.com'] as const
export const CSRS_A_NAME = 3

/** A CSR of the pool: the index of its name, and of its key. */
export interface CsrPick {
  readonly name: number
  readonly key: number
}

/** Counts back from the latest order: of those in a state that the operation is meant for, if there is one, or of all. */
export interface OrderPick {
  readonly back: number
  readonly fitting: boolean
}

/** What somebody does to the service, as plain data. `token` is one of few, so that replays and mismatches happen by themselves. */
export type Operation =
  | { readonly op: 'buy'; readonly product: ProductCode; readonly units: number; readonly token: number | undefined }
  | {
      readonly op: 'place'
      readonly door: 'request' | 'csr' | 'package'
      readonly product: ProductCode
      readonly names: readonly number[]
      /** Used by the door `csr`, and by `package` if `own`. */
      readonly csr: CsrPick
      readonly own: boolean
      readonly token: number | undefined
    }
  | {
      readonly op: 'renew'
      readonly order: OrderPick
      /** The key of a CSR for the first name. */
      readonly key: number | undefined
      readonly submit: boolean
      readonly token: number | undefined
    }
  | { readonly op: 'replay'; readonly call: number }
  | { readonly op: 'publish'; readonly order: OrderPick; readonly names: 'first' | 'all' }
  | { readonly op: 'describe' | 'check' | 'withdraw' | 'submit' | 'delete' | 'cancel'; readonly order: OrderPick }
  | { readonly op: 'review'; readonly order: OrderPick; readonly reviewer: 'one' | 'another'; readonly approve: boolean }
  /** Time goes by, with the runner at work or not. */
  | { readonly op: 'pass'; readonly ms: number; readonly run: boolean }

const token = fc.oneof({ arbitrary: fc.constant(undefined), weight: 2 }, { arbitrary: fc.nat({ max: 2 }), weight: 1 })
const order: fc.Arbitrary<OrderPick> = fc.record({
  back: fc.nat({ max: 7 }),
  fitting: fc.oneof({ arbitrary: fc.constant(true), weight: 4 }, { arbitrary: fc.constant(false), weight: 1 }),
})
const product = fc.oneof({ arbitrary: fc.constant('model-dv' as const), weight: 5 }, { arbitrary: fc.constantFrom(...products), weight: 4 })
const csr = fc.record({ name: fc.nat({ max: namePool.length - 1 }), key: fc.nat({ max: CSRS_A_NAME - 1 }) })
const names = fc.uniqueArray(fc.nat({ max: namePool.length - 1 }), { minLength: 1, maxLength: namePool.length })
const duration = fc.oneof(
  { arbitrary: fc.constantFrom(1_000, 11_000, 300_000, 3_600_000), weight: 3 },
  { arbitrary: fc.constantFrom(dayMs / 2, dayMs, 4 * dayMs, 8 * dayMs, 8 * dayMs, 20 * dayMs, 31 * dayMs), weight: 2 },
)

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { arbitrary: fc.record({ op: fc.constant('buy' as const), product, units: fc.integer({ min: 1, max: 3 }), token }), weight: 2 },
  {
    arbitrary: fc.record({
      op: fc.constant('place' as const),
      door: fc.constantFrom('request', 'csr', 'package', 'package'),
      product,
      names,
      csr,
      own: fc.boolean(),
      token,
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({
      op: fc.constant('renew' as const),
      order,
      key: fc.option(fc.nat({ max: CSRS_A_NAME - 1 }), { nil: undefined }),
      submit: fc.boolean(),
      token,
    }),
    weight: 5,
  },
  { arbitrary: fc.record({ op: fc.constant('replay' as const), call: fc.nat({ max: 20 }) }), weight: 2 },
  { arbitrary: fc.record({ op: fc.constant('publish' as const), order, names: fc.constantFrom('first', 'all', 'all') }), weight: 7 },
  {
    arbitrary: fc.record({ op: fc.constantFrom('describe', 'check', 'withdraw', 'submit', 'submit', 'delete', 'cancel', 'cancel'), order }),
    weight: 10,
  },
  {
    arbitrary: fc.record({
      op: fc.constant('review' as const),
      order,
      reviewer: fc.constantFrom('one', 'another'),
      approve: fc.oneof({ arbitrary: fc.constant(true), weight: 3 }, { arbitrary: fc.constant(false), weight: 1 }),
    }),
    weight: 5,
  },
  { arbitrary: fc.record({ op: fc.constant('pass' as const), ms: duration, run: fc.boolean() }), weight: 8 },
)

/** An order that goes all the way, as most do. */
const journey: fc.Arbitrary<readonly Operation[]> = fc.record({ product, names, csr, own: fc.boolean() }).map((asked): Operation[] => {
  const latest = { back: 0, fitting: true }
  const approved: Operation[] = (['one', 'another'] as const).map((reviewer) => ({ op: 'review', order: latest, reviewer, approve: true }))
  return [
    { op: 'place', door: 'package', ...asked, token: undefined },
    { op: 'publish', order: latest, names: 'all' },
    { op: 'check', order: latest },
    ...(asked.product === 'model-ov' || asked.product === 'model-ev' ? approved : []),
  ]
})

const steps = fc.array(
  fc.oneof({ arbitrary: operation.map((one): readonly Operation[] => [one]), weight: 7 }, { arbitrary: journey, weight: 1 }),
  { minLength: 12, maxLength: 30, size: 'max' },
)

/** Some begin with plans of all products, some with none. */
export const scenario: fc.Arbitrary<{ readonly bought: boolean; readonly operations: readonly Operation[] }> = fc.record({
  bought: fc.oneof({ arbitrary: fc.constant(true), weight: 6 }, { arbitrary: fc.constant(false), weight: 1 }),
  operations: steps.map((groups) => groups.flat()),
})
