import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { evaluate, explain, type NamedDocument } from '../../../src/ram/policy/evaluate.ts'
import { decideLayers } from '../../../src/ram/policy/layers.ts'
import { parsePolicyDocument } from '../../../src/ram/policy/parse-policy.ts'

const documents = z.array(z.record(z.string(), z.unknown()))
const request = z.object({
  action: z.string(),
  resource: z.string(),
  context: z.record(z.string(), z.string()),
})
const vectors = z
  .object({
    cases: z.array(z.object({ id: z.string(), policies: documents, request, decision: z.string() })),
    layers: z.array(
      z.object({
        id: z.string(),
        layers: z.object({
          root: z.boolean().optional(),
          control: documents.optional(),
          session: documents.optional(),
          account: documents.optional(),
          resourceGroup: documents.optional(),
        }),
        request,
        decision: z.object({ decision: z.string(), policyType: z.string().optional() }),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/ram-policies.json'), 'utf8')))

function parseAll(list: z.infer<typeof documents> | undefined): NamedDocument[] | undefined {
  return list?.map((document, index) => ({
    name: `policy-${index}`,
    version: 'v1',
    document: parsePolicyDocument(JSON.stringify(document), { setOperators: false }),
  }))
}

describe('the policy vectors', () => {
  it('are 48 of single identities and 10 of layers', () => {
    assert.equal(new Set(vectors.cases.map(({ id }) => id)).size, 48)
    assert.equal(new Set(vectors.layers.map(({ id }) => id)).size, 10)
  })

  for (const { id, policies, request, decision } of vectors.cases) {
    it(`decide ${id} as ${decision}, and are explained alike`, () => {
      const parsed = parseAll(policies) ?? []
      assert.equal(evaluate(parsed, request).decision, decision)
      const { outcome, statements } = explain(parsed, request)
      assert.equal(outcome.decision, decision)
      const matched = statements.filter((statement) => statement.matched).map(({ effect }) => effect)
      assert.equal(matched.includes('Deny') ? 'ExplicitDeny' : matched.includes('Allow') ? 'Allow' : 'ImplicitDeny', decision)
    })
  }

  for (const { id, layers, request, decision } of vectors.layers) {
    it(`decide the layers of ${id} as ${decision.decision} by ${decision.policyType ?? 'none'}`, () => {
      const [control, session, resourceGroup] = [layers.control, layers.session, layers.resourceGroup].map(parseAll)
      const { statement: _, ...outcome } = decideLayers(
        {
          identity: parseAll(layers.account) ?? [],
          ...(layers.root === undefined ? {} : { root: layers.root }),
          ...(control === undefined ? {} : { control }),
          ...(session === undefined ? {} : { session }),
          ...(resourceGroup === undefined ? {} : { resourceGroup }),
        },
        request,
      )
      assert.deepEqual(outcome, decision)
    })
  }
})
