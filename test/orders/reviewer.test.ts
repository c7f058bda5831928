import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Caller } from '../../src/gateway/caller.ts'
import { personOf } from '../../src/orders/person.ts'
import { assertMayApprove } from '../../src/orders/reviewer.ts'
import { accountCaller } from '../support/context.ts'

const [operator, tenant] = [1_000_000_000_000_001, 1_000_000_000_000_002]

const account = (accountId: number): Caller => accountCaller(accountId, 'a-key')
const user = (accountId: number, userId: number, userName = 'a-name'): Caller => ({
  ...account(accountId),
  principal: `acs:ram::${accountId}:user/${userName}`,
  identity: { kind: 'user', userId, userName },
})
const session = (accountId: number, startedByUserId?: number): Caller => ({
  ...account(accountId),
  principal: `acs:ram::${accountId}:assumed-role/people/anybody`,
  identity: { kind: 'session', roleId: 1, roleName: 'people', sessionName: 'anybody', ...(startedByUserId && { startedByUserId }) },
})

type Case = readonly [title: string, applicant: Caller, reviewer: Caller, OV: boolean, EV: boolean]

const cases: readonly Case[] = [
  ['a user, of another', user(operator, 1), user(operator, 2), true, true],
  ['a user, of its own', user(operator, 1), user(operator, 1), false, false],
  ['a user, of its own under an earlier name', user(operator, 1, 'before'), user(operator, 1, 'after'), false, false],
  ['a user of a name that the applicant had, of that applicant', user(operator, 1, 'taken'), user(operator, 2, 'taken'), true, true],
  ['a user, of a session that it began', session(operator, 1), user(operator, 1), false, false],
  ['a session, of the user who began it', user(operator, 1), session(operator, 1), false, false],
  ['a user, of a session that another began', session(operator, 1), user(operator, 2), true, true],
  ['a session, of another user than began it', user(operator, 1), session(operator, 2), true, true],
  ['a user, of a session of its account that nobody known began', session(operator), user(operator, 1), false, false],
  ['a session that nobody known began, of its account', user(operator, 1), session(operator), false, false],
  ['a user, of its account', account(operator), user(operator, 1), false, false],
  ['the account, of its user', user(operator, 1), account(operator), false, false],
  ['the account, of itself', account(operator), account(operator), false, false],
  ['a user, of another account', account(tenant), user(operator, 1), true, true],
  ['a user, of a session of another account that nobody known began', session(tenant), user(operator, 1), true, true],
  ['a user, of a session of another account that it began', session(tenant, 1), user(operator, 1), false, false],
  ['the account, of another account', account(tenant), account(operator), true, false],
  ['a session that nobody known began, of another account', account(tenant), session(operator), true, false],
]

describe('an order is approved by another person than applied (EVG 5.3.1)', () => {
  for (const [title, applicant, reviewer, ...allowed] of cases) {
    const order = { account_id: applicant.accountId, applied_by: personOf(applicant) }
    for (const [index, level] of (['OV', 'EV'] as const).entries()) {
      it(`${level}: ${title}: ${allowed[index] === true ? 'approves' : 'is refused'}`, () => {
        const approve = () => assertMayApprove(reviewer, order, level)
        if (allowed[index] === true) approve()
        else assert.throws(approve, { problem: 'reviewerDenied' })
      })
    }
  }
})
