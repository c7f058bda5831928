import assert from 'node:assert/strict'
import type { Services } from '../../src/services.ts'
import { start, type TestServices } from '../orders/open-test-services.ts'
import { toCall, toInput } from './calls.ts'
import { compare } from './compare.ts'
import { apply, createModel, runDue } from './model.ts'
import type { Call, Expected, Model, ModelOrder } from './model-state.ts'
import { type Operation, type OrderPick, products } from './operations.ts'
import { type Answer, type CsrPool, openSystem, type System } from './system.ts'

/** What was reached, so that a run can show that it was not about refusals only. */
export type Tally = Map<string, number>

/**
 * Does the operations to the service and to the model, compares each answer, and in the end everything that is stored. Each scenario has
 * an account of its own and begins at the same instant.
 */
export async function runScenario(
  test: TestServices,
  services: Services,
  csrs: CsrPool,
  { bought, operations }: { readonly bought: boolean; readonly operations: readonly Operation[] },
  tally: Tally,
): Promise<void> {
  test.clock.now = start
  const system = await openSystem(test, services)
  const model = createModel(start)
  const calls: Call[] = []
  const run: Run = { test, system, model, csrs, calls, tally }
  try {
    if (bought) for (const product of products) await exchange(run, { action: 'PurchasePackage', product, units: 3, token: undefined })
    for (const operation of operations) await perform(run, operation)
    await compare(services, system, model)
  } finally {
    await system.leave()
  }
}

interface Run {
  readonly test: TestServices
  readonly system: System
  readonly model: Model
  readonly csrs: CsrPool
  /** What was called with a token so far. */
  readonly calls: Call[]
  readonly tally: Tally
}

async function perform(run: Run, operation: Operation): Promise<void> {
  const { test, system, model } = run
  const order = 'order' in operation ? pick(model, operation.op, operation.order) : undefined
  switch (operation.op) {
    case 'pass':
      test.clock.now = model.now += operation.ms
      if (!operation.run) return
      runDue(model)
      return await system.runDue()
    case 'publish':
      return await publish(run, order, operation.names)
    case 'replay': {
      const call = run.calls[operation.call % Math.max(1, run.calls.length)]
      return call === undefined ? undefined : await exchange(run, call)
    }
    case 'buy':
    case 'place':
    case 'renew':
    case 'review':
    case 'describe':
    case 'check':
    case 'withdraw':
    case 'submit':
    case 'delete':
    case 'cancel':
      return await exchange(run, toCall(operation, order))
  }
}

/** The states that an operation is meant for. */
const meantFor: Partial<Record<Operation['op'], readonly ModelOrder['state'][]>> = {
  publish: ['validating'],
  describe: ['validating'],
  check: ['validating'],
  withdraw: ['validating', 'reviewing'],
  submit: ['draft', 'withdrawn'],
  delete: ['draft', 'withdrawn', 'failed'],
  cancel: ['issued', 'draft', 'withdrawn'],
  review: ['reviewing'],
  renew: ['issued'],
}

function pick({ orders }: Model, op: Operation['op'], { back, fitting }: OrderPick): ModelOrder | undefined {
  const states = meantFor[op]
  const fit = fitting && states !== undefined ? orders.filter(({ state }) => states.includes(state)) : []
  const from = fit.length > 0 ? fit : orders
  return from.at(-1 - (back % Math.max(1, from.length)))
}

async function publish({ system, model }: Run, order: ModelOrder | undefined, names: 'first' | 'all'): Promise<void> {
  if (order?.id === undefined) return
  // What an order had to prove in an earlier application counts no more.
  if (order.state === 'validating') for (const name of names === 'first' ? order.names.slice(0, 1) : order.names) order.published.add(name)
  assert.ok(model.orders.includes(order))
  await system.publish(order.id, names)
}

async function exchange(run: Run, call: Call): Promise<void> {
  const { model, tally } = run
  if ('token' in call && call.token !== undefined && !run.calls.includes(call)) run.calls.push(call)
  const expected = apply(model, call)
  const answer = await send(run, call)
  const outcome = 'problem' in answer ? answer.problem : 'OK'
  tally.set(`${call.action} ${outcome}`, (tally.get(`${call.action} ${outcome}`) ?? 0) + 1)
  if ('problem' in answer || 'problem' in expected) {
    assert.ok('problem' in answer && 'problem' in expected, `${call.action}: ${outcome}, expected ${JSON.stringify(nameOf(expected))}`)
    assert.ok((expected.problem as string[]).includes(answer.problem), `${call.action}: ${outcome}, expected ${String(expected.problem)}`)
    return
  }
  agree(call.action, expected, answer.body)
}

async function send({ system, csrs }: Run, call: Call): Promise<Answer> {
  return await system.call(call.action, toInput(call, csrs), call.action === 'ReviewOrder' ? call.reviewer : 'account')
}

function nameOf(expected: Expected): unknown {
  return 'problem' in expected ? expected.problem : Object.keys(expected)
}

function agree(action: string, expected: Expected, body: Record<string, unknown>): void {
  if ('order' in expected) {
    const id = Number(body['OrderId'])
    expected.order.id ??= id
    assert.equal(id, expected.order.id, `${action} gave another order`)
  } else if ('plan' in expected) {
    const id = Number(body['PackageId'])
    expected.plan.id ??= id
    assert.equal(id, expected.plan.id, `${action} gave another plan`)
  } else if ('state' in expected) {
    const seen = Object.fromEntries(Object.keys(expected.state).map((name) => [name, body[name]]))
    assert.deepEqual(seen, { ...expected.state }, action)
  } else if ('review' in expected) assert.deepEqual(body, { State: expected.review }, action)
  else assert.deepEqual(body, {}, action)
}
