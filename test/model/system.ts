import 'reflect-metadata'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import { actions } from '../../src/actions/index.ts'
import type { Caller } from '../../src/gateway/caller.ts'
import { createAccount } from '../../src/ram/accounts/create-account.ts'
import { atTheMachine } from '../../src/ram/accounts/operator.ts'
import { Problem } from '../../src/problem.ts'
import { orderWork } from '../../src/runner/order-work.ts'
import type { Services } from '../../src/services.ts'
import { listAuthorizations } from '../../src/storage/orders.ts'
import { notProven, proven, type TestServices, writeDirectly } from '../orders/open-test-services.ts'
import { company } from '../support/action-recipes.ts'
import { accountCaller, contextOf } from '../support/context.ts'
import { CSRS_A_NAME, namePool } from './operations.ts'

/** CSRs by name and key, e.g. `n0.example.com 2`. */
export type CsrPool = ReadonlyMap<string, string>

export async function makeCsrs(): Promise<CsrPool> {
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
  const pool = new Map<string, string>()
  for (const name of namePool) {
    for (let key = 0; key < CSRS_A_NAME; key++) {
      const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
      const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${name}`, keys, signingAlgorithm })
      pool.set(`${name} ${key}`, request.toString('pem'))
    }
  }
  return pool
}

export type Answer = { readonly body: Record<string, unknown> } | { readonly problem: string }

async function answerOf(call: () => Promise<Record<string, unknown>>): Promise<Answer> {
  try {
    return { body: await call() }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { problem: error.problem }
  }
}

/** The account whose orders these are, and two people of the operator's who review. */
type Callers = Readonly<Record<'account' | 'one' | 'another', Caller>>

/** The service as one account's clients see it, without the network. */
export interface System {
  readonly accountId: number
  /** An answer in the words of the wire, or the name of the problem. */
  call(action: string, input: Readonly<Record<string, unknown>>, by?: keyof Callers): Promise<Answer>
  /** Puts proofs in place for what the order has to prove now: for its first name, or for all. */
  publish(orderId: number, names: 'first' | 'all'): Promise<void>
  /** The runner does what is due. */
  runDue(): Promise<void>
  /** What is left open must not become due in another account's time. */
  leave(): Promise<void>
}

/** A new account in the service, with a company for OV and EV. */
export async function openSystem(test: TestServices, services: Services): Promise<System> {
  const { accountId, accessKeyId } = await createAccount(services, atTheMachine, { name: 'model', token: undefined })
  const published = new Set<string>()
  test.world.look = ({ identifier, token }) => Promise.resolve(published.has(`${identifier} ${token}`) ? proven : notProven)
  const callers: Callers = {
    account: accountCaller(accountId, accessKeyId),
    one: { ...test.caller, identity: { kind: 'user', userId: 1, userName: 'one' } },
    another: { ...test.caller, identity: { kind: 'user', userId: 2, userName: 'another' } },
  }
  const work = orderWork(services, 'model')

  const call: System['call'] = async (name, input, by = 'account') => {
    const action = actions.find((one) => one.name === name)
    if (action === undefined) throw new Error(`there is no action ${name}`)
    return await answerOf(async () =>
      action.output.parse(await action.run(action.input.parse(input), contextOf(callers[by], { action: name }), services)),
    )
  }
  const made = await call('CreateCompany', company)
  if ('problem' in made) throw new Error(`no company: ${made.problem}`)

  return {
    accountId,
    call,
    async publish(orderId, names) {
      const authorizations = await listAuthorizations(services.db.read, orderId)
      for (const { identifier, token } of authorizations.slice(0, names === 'first' ? 1 : undefined))
        published.add(`${identifier} ${token}`)
    },
    async runDue() {
      for (let tasks = await work.take(100); tasks.length > 0; tasks = await work.take(100)) {
        await Promise.all(tasks.map((task) => task.run(AbortSignal.timeout(10_000))))
      }
    },
    leave: () => writeDirectly(test, `update orders set run_at = null where account_id = ${accountId}`),
  }
}
