import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decideAssumeRole, decideLayers, type PolicyLayers } from '../../../src/ram/policy/layers.ts'
import type { TrustCaller } from '../../../src/ram/policy/trust.ts'
import { account, named, namedTrust, request, statement } from './documents.ts'

const allowAll = named([statement()], 'allow')
const denyAll = named([statement({ Effect: 'Deny' })], 'deny')
const silent = named([statement({ Action: 'oss:*' })], 'silent')

describe('decideLayers', () => {
  it('names the statement that decided, in whichever layer it is', () => {
    const deny = { policy: 'deny', version: 'v1', index: 0 }
    assert.deepEqual(decideLayers({ identity: [allowAll] }, request()), { decision: 'Allow', statement: { ...deny, policy: 'allow' } })
    assert.deepEqual(decideLayers({ session: [denyAll], identity: [allowAll] }, request()), {
      decision: 'ExplicitDeny',
      policyType: 'SessionPolicy',
      statement: deny,
    })
    assert.deepEqual(decideLayers({ control: [allowAll], session: [allowAll], identity: [allowAll, denyAll] }, request()), {
      decision: 'ExplicitDeny',
      policyType: 'AccountLevelIdentityBasedPolicy',
      statement: deny,
    })
  })

  it('a kind of documents that exists but is empty allows nothing', () => {
    assert.deepEqual(decideLayers({ session: [], identity: [allowAll] }, request()), {
      decision: 'ImplicitDeny',
      policyType: 'SessionPolicy',
    })
    assert.deepEqual(decideLayers({ control: [], identity: [allowAll] }, request()), {
      decision: 'ImplicitDeny',
      policyType: 'ControlPolicy',
    })
    assert.deepEqual(decideLayers({ identity: [] }, request()), { decision: 'ImplicitDeny', policyType: 'AccountLevelIdentityBasedPolicy' })
  })

  it('control policies are asked before the session', () => {
    const outcome = decideLayers({ control: [silent], session: [denyAll], identity: [allowAll] }, request())
    assert.deepEqual(outcome, { decision: 'ImplicitDeny', policyType: 'ControlPolicy' })
  })

  it('where account and resource group are both silent, the account is named', () => {
    assert.deepEqual(decideLayers({ identity: [silent], resourceGroup: [silent] }, request()), {
      decision: 'ImplicitDeny',
      policyType: 'AccountLevelIdentityBasedPolicy',
    })
  })

  it('an identity needs every narrowing layer, whatever the others say', () => {
    const kinds = [[allowAll], [silent], [denyAll], undefined]
    for (const control of kinds) {
      for (const session of kinds) {
        const layers: PolicyLayers = {
          identity: [allowAll],
          ...(control === undefined ? {} : { control }),
          ...(session === undefined ? {} : { session }),
        }
        const allows = [control, session].every((documents) => documents === undefined || documents[0] === allowAll)
        assert.equal(decideLayers(layers, request()).decision === 'Allow', allows)
      }
    }
  })
})

describe('decideAssumeRole', () => {
  const asked = request({ action: 'sts:AssumeRole', resource: `acs:ram::${account}:role/issuer` })
  const user: TrustCaller = { kind: 'user', accountId: account, name: 'alice' }
  const principal = { Action: 'sts:AssumeRole', Principal: { RAM: `acs:ram::${account}:root` } }
  const trusts = {
    Allow: namedTrust([{ Effect: 'Allow', ...principal }]),
    ImplicitDeny: namedTrust([{ Effect: 'Allow', ...principal, Principal: { RAM: 'acs:ram::9999999999999999:root' } }]),
    ExplicitDeny: namedTrust([
      { Effect: 'Allow', ...principal },
      { Effect: 'Deny', ...principal },
    ]),
  }
  const identities = { Allow: [allowAll], ImplicitDeny: [silent], ExplicitDeny: [allowAll, denyAll] }

  const expected = {
    Allow: { Allow: ['Allow'], ImplicitDeny: ['ImplicitDeny', 'AssumeRolePolicy'], ExplicitDeny: ['ExplicitDeny', 'AssumeRolePolicy'] },
    ImplicitDeny: {
      Allow: ['ImplicitDeny', 'AccountLevelIdentityBasedPolicy'],
      ImplicitDeny: ['ImplicitDeny', 'AccountLevelIdentityBasedPolicy'],
      ExplicitDeny: ['ExplicitDeny', 'AssumeRolePolicy'],
    },
    ExplicitDeny: {
      Allow: ['ExplicitDeny', 'AccountLevelIdentityBasedPolicy'],
      ImplicitDeny: ['ExplicitDeny', 'AccountLevelIdentityBasedPolicy'],
      ExplicitDeny: ['ExplicitDeny', 'AccountLevelIdentityBasedPolicy'],
    },
  } as const
  const outcomes = ['Allow', 'ImplicitDeny', 'ExplicitDeny'] as const
  for (const own of outcomes) {
    for (const theirs of outcomes) {
      it(`own policies ${own} and trust policy ${theirs} make ${expected[own][theirs].join(' by ')}`, () => {
        const outcome = decideAssumeRole({ identity: identities[own] }, { policy: trusts[theirs], caller: user }, asked)
        assert.deepEqual([outcome.decision, ...('policyType' in outcome ? [outcome.policyType] : [])], expected[own][theirs])
      })
    }
  }

  it('the account itself may assume no role, though it may do everything else and its name is in the trust policy', () => {
    const outcome = decideAssumeRole(
      { root: true, identity: [] },
      { policy: trusts.Allow, caller: { kind: 'account', accountId: account } },
      asked,
    )
    assert.deepEqual(outcome, { decision: 'ImplicitDeny', policyType: 'AssumeRolePolicy' })
  })

  it('callers without policies here need the trust policy alone', () => {
    const policy = namedTrust([{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'cas.aliyuncs.com' } }])
    assert.equal(decideAssumeRole(undefined, { policy, caller: { kind: 'service', name: 'cas.aliyuncs.com' } }, asked).decision, 'Allow')
    assert.equal(
      decideAssumeRole(undefined, { policy, caller: { kind: 'service', name: 'ecs.aliyuncs.com' } }, asked).decision,
      'ImplicitDeny',
    )
  })
})
