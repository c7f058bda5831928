import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { listOrdersAction } from '../../src/actions/orders/list-orders.ts'
import { parseInput, nestInput } from '../../src/gateway/parse-input.ts'
import { Problem } from '../../src/problem.ts'
import { onBothEngines, place, proven, type TestServices, writeDirectly } from '../orders/open-test-services.ts'
import { contextOf } from '../support/context.ts'

interface Page {
  readonly Orders: readonly { readonly OrderId: number; readonly State: string; readonly CertId?: string }[]
  readonly NextToken?: string
}

async function list(test: TestServices, input: Readonly<Record<string, string>>, accountId = test.caller.accountId): Promise<Page> {
  const parsed = parseInput(listOrdersAction, nestInput(listOrdersAction, Object.entries(input)))
  const context = contextOf({ ...test.caller, accountId }, { action: 'ListOrders' })
  // The schema itself says so; the list of actions only knows that it is an object.
  return listOrdersAction.output.parse(await listOrdersAction.run(parsed, context, test.services)) as unknown as Page
}

const ids = ({ Orders }: Page) => Orders.map(({ OrderId }) => OrderId)

describe('ListOrders', () => {
  onBothEngines('gives all orders newest first, in pages that stay put while orders come in', async (test) => {
    const placed: number[] = []
    for (let index = 0; index < 7; index += 1) placed.push((await place(test, { domain: `n${index}.example.com` })).id)
    const newestFirst = placed.toReversed()
    assert.deepEqual(ids(await list(test, {})), newestFirst)
    const first = await list(test, { MaxResults: '3' })
    assert.deepEqual(ids(first), newestFirst.slice(0, 3))
    const { id } = await place(test, { domain: 'later.example.com' })
    const second = await list(test, { MaxResults: '3', NextToken: first.NextToken ?? assert.fail('there is a next page') })
    assert.deepEqual(ids(second), newestFirst.slice(3, 6))
    const third = await list(test, { MaxResults: '3', NextToken: second.NextToken ?? assert.fail('there is a third page') })
    assert.deepEqual(ids(third), newestFirst.slice(6))
    assert.equal(third.NextToken, undefined)
    assert.deepEqual(ids(await list(test, { MaxResults: '1' })), [id])
  })

  onBothEngines('tells what an order is about, and its certificate once there is one', async (test) => {
    test.world.look = () => Promise.resolve(proven)
    const order = await place(test, { domain: 'www.example.com', method: 'FILE' })
    await test.services.advancer.advance(order.id, AbortSignal.timeout(10_000))
    const open = await place(test, { domain: 'api.example.com' })
    const { Orders } = await list(test, {})
    const row = { ProductCode: 'digicert-free-1-free', CreatedAt: test.clock.now }
    assert.deepEqual(Orders[0], { ...row, OrderId: open.id, Domain: 'api.example.com', ValidateType: 'DNS', State: 'validating' })
    const { CertId, ...issued } = Orders[1] ?? assert.fail()
    assert.deepEqual(issued, { ...row, OrderId: order.id, Domain: 'www.example.com', ValidateType: 'FILE', State: 'issued' })
    assert.match(CertId ?? '', /^[0-9]{8,}$/)
  })

  onBothEngines('shows nothing of another account, and no deleted order', async (test) => {
    const { id } = await place(test)
    assert.deepEqual(ids(await list(test, {}, test.caller.accountId + 1)), [])
    assert.deepEqual(ids(await list(test, { NextToken: String(id + 1) }, test.caller.accountId + 1)), [])
    await writeDirectly(test, `update orders set state = 'deleted' where id = ${id}`)
    assert.deepEqual(ids(await list(test, {})), [])
  })

  onBothEngines('gives an empty page and no token when there is nothing', async (test) => {
    assert.deepEqual(await list(test, {}), { Orders: [] })
    assert.deepEqual(await list(test, { NextToken: '1' }), { Orders: [] })
  })

  onBothEngines('refuses wrong page sizes, tokens and unknown parameters by name', async (test) => {
    for (const [input, named] of [
      [{ MaxResults: '0' }, 'MaxResults'],
      [{ MaxResults: '101' }, 'MaxResults'],
      [{ MaxResults: '-1' }, 'MaxResults'],
      [{ MaxResults: '1.5' }, 'MaxResults'],
      [{ MaxResults: 'ten' }, 'MaxResults'],
      [{ NextToken: 'x' }, 'NextToken'],
      [{ NextToken: '1 or 1=1' }, 'NextToken'],
      [{ NextToken: '99999999999999999' }, 'NextToken'],
      [{ Status: 'issued' }, 'Status'],
    ] as const) {
      await assert.rejects(list(test, input), (error) => {
        assert.ok(error instanceof Problem)
        assert.equal(error.problem, 'invalidParameter')
        assert.equal(error.params['P'], named)
        return true
      })
    }
  })
})
