import assert from 'node:assert/strict'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { actions, emulatorActions } from '../../src/actions/index.ts'
import { findExample, protocolProblems, type RecordedAnswers, renderApiReference } from '../../src/cli/api-reference.ts'
import { showResources } from '../../src/cli/shown-resources.ts'
import { outputSchema } from '../../src/openapi/parameters.ts'
import { assertOfSchema } from '../support/assert-of-schema.ts'
import { runExamples } from '../support/run-examples.ts'
import { itOnBothEngines } from '../support/service.ts'
import { showAnswer } from '../support/shown-answer.ts'

const all = [...actions, ...emulatorActions]
const folder = join(import.meta.dirname, '../../docs/api')
const answers = JSON.parse(readFileSync(join(folder, '../api-answers.json'), 'utf8')) as RecordedAnswers
const placeOf = ({ version, name }: { readonly version: string; readonly name: string }) => `${version} ${name}`

/** How often each word is there: two versions may have an operation of one name. */
function countWords(words: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, same]) => [word, same.length]))
}

describe('docs/api', () => {
  it('is what the list of actions renders', () => {
    const pages = renderApiReference(all, answers)
    assert.deepEqual(new Set(readdirSync(folder)), new Set(pages.keys()), 'docs/api is stale: npm run docs')
    for (const [file, text] of pages)
      assert.equal(readFileSync(join(folder, file), 'utf8'), text, `docs/api/${file} is stale: npm run docs`)
  })

  it('has every action once', () => {
    const headings = [...renderApiReference(all, answers).values()].flatMap((text) =>
      [...text.matchAll(/^## (\w+)$/gm)].map(([, name = '']) => name),
    )
    assert.deepEqual(countWords(headings), countWords(all.map(({ name }) => name)))
  })

  it('has a call of every action and its answer', () => {
    assert.deepEqual(all.filter((action) => findExample(action) === undefined).map(placeOf), [], 'add them to src/cli/api-examples.ts')
    assert.deepEqual(new Set(Object.keys(answers)), new Set(all.map(placeOf)), 'npm run docs:record')
  })

  it('shows answers of the form that the action promises', () => {
    for (const action of all) assertOfSchema(answers[placeOf(action)], outputSchema(action), placeOf(action))
  })

  it('has every error that the gateway itself throws', () => {
    const gateway = join(import.meta.dirname, '../../src/gateway')
    const sources = globSync('*.ts', { cwd: gateway }).map((file) => readFileSync(join(gateway, file), 'utf8'))
    const thrown = sources.flatMap((text) => [...text.matchAll(/new Problem\('(\w+)'/g)].map(([, name]) => name))
    assert.ok(thrown.length > 10)
    assert.deepEqual(
      thrown.filter((name) => !protocolProblems.some((one) => one === name)),
      [],
    )
  })

  it('tells what of a call permission sees', () => {
    const shown = (name: string) => {
      const action = all.find((one) => one.name === name) ?? assert.fail(name)
      return showResources(action, findExample(action)?.parameters ?? {})
    }
    assert.deepEqual(shown('DescribeCertificateState'), ['order/<OrderId>'])
    assert.deepEqual(shown('CreateCertificateForPackageRequest'), ['package/<ProductCode>'])
    assert.deepEqual(shown('AddUserToGroup'), ['user/<UserName>', 'group/<GroupName>'])
    assert.deepEqual(shown('ListRoles'), ['role/*'])
    assert.deepEqual(shown('ListOrders'), [])
  })
})

describe('the examples of docs/api', () => {
  itOnBothEngines('succeed one after the other, and are answered as the pages show', async (data) => {
    const answered = await runExamples(data, all)
    assert.deepEqual(new Set(answered.keys()), new Set(Object.keys(answers)))
    for (const action of all) {
      const { body } = answered.get(placeOf(action)) ?? assert.fail(placeOf(action))
      assertOfSchema(body, outputSchema(action), placeOf(action))
      const [now, recorded] = [showAnswer(body), answers[placeOf(action)]].map((answer) => Object.keys(answer ?? {}))
      assert.deepEqual(now, recorded, `${placeOf(action)} answers other fields than the page shows: npm run docs:record`)
    }
  })
})

describe('the answers of the pages', () => {
  it('are refused with a field too many, too few, or of another type', () => {
    const action = all.find(({ name }) => name === 'ListContact') ?? assert.fail('ListContact')
    const good = answers[placeOf(action)] as { readonly ContactList: readonly object[]; readonly Keyword: string }
    const check = (answer: object) => () => assertOfSchema(answer, outputSchema(action), 'ListContact')
    const { Keyword: _, ...withoutKeyword } = good
    assert.doesNotThrow(check(good))
    assert.throws(check({ ...good, Further: 1 }), /Further/)
    assert.throws(check(withoutKeyword), /Keyword/)
    assert.throws(check({ ...good, ContactList: good.ContactList.map((one) => ({ ...one, ContactId: '1' })) }), /ContactId/)
  })

  it('hold nothing that differs from run to run, and no secret', () => {
    const told = {
      AccessKeySecret: 'abc',
      PrivateKey: '-----BEGIN RSA PRIVATE KEY-----\nMIIE\nMIIE\n-----END RSA PRIVATE KEY-----\n',
      RecordValue: `20261124${'0'.repeat(7)}${'z1'.repeat(24)}`,
      OrderIds: [10_000_017, 10_000_018, 10_000_019],
      NotAfter: 1_796_000_000_000,
      Arn: 'acs:ram::7669275751710570:user/alice',
      Phone: '13900001234',
      Count: 5,
    }
    assert.deepEqual(showAnswer(told), {
      AccessKeySecret: '...',
      PrivateKey: '-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----\n',
      RecordValue: '...',
      OrderIds: [10_000_001, 10_000_001],
      NotAfter: Date.UTC(2026, 11, 1, 8),
      Arn: 'acs:ram::1234567890123456:user/alice',
      Phone: '13900001234',
      Count: 5,
    })
  })
})
