import { actions } from '../../../src/actions/index.ts'
import { CAS_VERSION } from '../../../src/actions/versions.ts'
import { nestInput, parseInput } from '../../../src/gateway/parse-input.ts'
import { addPlan, dayMs, place, proven, type TestServices } from '../../orders/open-test-services.ts'
import { contextOf } from '../../support/context.ts'
import type { OrderRow } from '../../../src/storage/orders.ts'

export type Item = Readonly<Record<string, string | number | boolean>>

/** Calls an action of the original as the gateway would. */
export async function callList(
  test: TestServices,
  name: string,
  input: Readonly<Record<string, string>> = {},
  accountId = test.caller.accountId,
): Promise<Readonly<Record<string, unknown>>> {
  const action = actions.find((one) => one.name === name && one.version === CAS_VERSION)
  if (action === undefined) throw new Error(`there is no ${name}`)
  const parsed = parseInput(action, nestInput(action, Object.entries(input)))
  const context = contextOf({ ...test.caller, accountId }, { action: name })
  return action.output.parse(await action.run(parsed, context, test.services))
}

/** One page of ListUserCertificateOrder. */
export async function listOrdersPage(
  test: TestServices,
  input: Readonly<Record<string, string>> = {},
): Promise<{ readonly items: readonly Item[]; readonly total: number }> {
  const answer = await callList(test, 'ListUserCertificateOrder', input)
  return { items: answer['CertificateOrderList'] as Item[], total: Number(answer['TotalCount']) }
}

/** The order ids of a page. */
export async function orderIds(test: TestServices, input: Readonly<Record<string, string>> = {}): Promise<number[]> {
  return (await listOrdersPage(test, input)).items.map(({ OrderId }) => Number(OrderId))
}

/** Units for as many orders as a test places, of a free and of a paid product. */
export async function buyPlenty(test: TestServices): Promise<void> {
  await addPlan(test, { units: 1_000, validUntil: test.clock.now + 2_000 * dayMs })
  await addPlan(test, { units: 1_000, validUntil: test.clock.now + 2_000 * dayMs, productCode: 'geotrust-dv-1-starter' })
}

/** An order whose certificate is issued. */
export async function issue(test: TestServices, changes: Parameters<typeof place>[1] = {}): Promise<OrderRow> {
  test.world.look = () => Promise.resolve(proven)
  const order = await place(test, changes)
  await test.services.advancer.advance(order.id, AbortSignal.timeout(10_000))
  return order
}
