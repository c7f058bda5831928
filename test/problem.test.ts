import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { actions, emulatorActions } from '../src/actions/index.ts'
import * as versions from '../src/actions/versions.ts'
import { constraintProblems, Problem, type ProblemName, problems } from '../src/problem.ts'
import { migrations } from '../src/storage/migrations/index.ts'
import { columnTypes } from '../src/storage/migrations/migration.ts'

const source = join(import.meta.dirname, '../src')
const names = Object.keys(problems) as ProblemName[]

describe('the table of problems', () => {
  it('uses one code for two problems only where a client cannot tell them apart', () => {
    // What the ACME door alone sends is told apart by its type.
    const ofActions = new Set<ProblemName>(actions.flatMap(({ problems: thrown }) => thrown))
    const ofRpc = names.filter((name) => !('acme' in problems[name]) || name === 'callerInactive' || ofActions.has(name))
    const byCode = Object.groupBy(ofRpc, (name) => problems[name].code)
    const shared = Object.values(byCode).filter((same) => same !== undefined && same.length > 1)
    assert.deepEqual(shared, [
      ['malformedParameters', 'invalidParameter'],
      ['accessKeyInactive', 'callerInactive'],
      ['idempotentParameterMismatch', 'clientTokenTaken'],
      ['noPermission', 'rootMayNotAssume'],
      ['planExhausted', 'notRemainCount'],
      ['moved', 'renewalExists', 'certificateRevoked', 'orderStateError'],
      ['notFoundContent', 'notFoundCertificate'],
    ])
  })

  it('answers one code always with one status', () => {
    for (const same of Object.values(Object.groupBy(names, (name) => problems[name].code))) {
      assert.equal(new Set(same?.map((name) => problems[name].status)).size, 1, same?.join(', '))
    }
  })

  it('has statuses of errors and codes of words alone', () => {
    for (const name of names) {
      assert(problems[name].status >= 400 && problems[name].status < 600, name)
      assert.match(problems[name].code, /^[A-Za-z0-9.]+(\{P\}(\.\{fault\})?)?$/)
    }
  })

  it('says what clients parse, to the letter', () => {
    assert.equal(
      new Problem('signatureDoesNotMatch', { stringToSign: 'GET&%2F&A%3DB' }).message,
      'Specified signature is not matched with our calculation. server string to sign is:GET&%2F&A%3DB',
    )
    const missing = new Problem('missingParameter', { P: 'Domain' })
    assert.deepEqual([missing.code, missing.message], ['MissingDomain', 'Domain is mandatory for this action.'])
    assert.equal(problems.timestampExpired.message, 'Specified time stamp or date value is expired.')
  })

  it('fills in every name in braces, leaves no brace behind, and shows no parameter that the text does not ask for', () => {
    for (const name of names) {
      const problem = new Problem(name, { secret: 'NEVER' })
      assert.doesNotMatch(`${problem.code} ${problem.message}`, /[{}]|NEVER|undefined/, name)
    }
    // What a caller sent may itself hold braces or a replacement pattern.
    assert.equal(new Problem('notFoundPackage', { P: '{P}$&' }).message, 'No resource plan was bought for the product {P}$&.')
  })
})

describe('the constraints that mean a problem', () => {
  it('are all in the migrations, on both engines', async () => {
    for (const engine of ['sqlite', 'postgres'] as const) {
      const sql = await schemaOf(engine)
      const known = new Set([
        ...Array.from(sql.matchAll(/constraint (\w+) (?:check|references|foreign key)/g), (match) => match[1]),
        ...Array.from(sql.matchAll(/create unique index (\w+)/g), (match) => match[1]),
        ...Array.from(sql.matchAll(/(?:raise\(abort,|constraint =) '(\w+)'/g), (match) => match[1]),
        ...Array.from(sql.matchAll(/create (?:unlogged )?table (\w+)/g), (match) => `${match[1]}_pkey`),
      ])
      for (const name of Object.keys(constraintProblems)) assert(known.has(name), `${name} is no constraint of ${engine}`)
    }
  })
})

/** The statements that the migrations run. */
async function schemaOf(engine: 'sqlite' | 'postgres'): Promise<string> {
  const { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } = await import('kysely')
  const statements: string[] = []
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: ({ query }) => void statements.push(query.sql),
  })
  for (const { up } of migrations) await up(db, columnTypes[engine])
  await db.destroy()
  return statements.join('\n')
}

/** What the gateway itself may answer to any call. */
const ofAnyAction: readonly ProblemName[] = [
  'invalidParameter',
  'missingParameter',
  'noPermission',
  'serviceUnavailable',
  'internalError',
  'throttling',
]
/** Thrown by code that an action shares with others, for what this one never asks of it. */
const notReached: Readonly<Record<string, readonly ProblemName[]>> = {
  // Open orders are counted at the ACME door. CreateCertificateForPackageRequest serves products of all levels.
  CreateCertificateRequest: ['tooManyOpenOrders'],
  CreateCertificateWithCsrRequest: ['tooManyOpenOrders'],
  CreateCertificateForPackageRequest: ['productLevelDenied', 'tooManyOpenOrders'],
  RenewCertificateOrderForPackageRequest: ['tooManyOpenOrders'],
  // Stored policies are whole; a session's is refused as InvalidParameter.PolicyGrammar.
  ExplainPermission: ['malformedPolicyDocument'],
  AssumeRole: ['malformedPolicyDocument'],
  AssumeRoleWithOIDC: ['malformedPolicyDocument'],
}
/** Caught by the step that meets them. */
const neverSent: readonly ProblemName[] = ['planExhausted', 'clientTokenTaken', 'moved']

describe('the problems that an action names', () => {
  for (const action of [...actions, ...emulatorActions]) {
    it(`are those that the code of ${action.name} throws`, () => {
      const file = findFile(action)
      const thrown = [...reachable(file)].flatMap((path) => thrownIn(path))
      const told = new Set(thrown.filter((name) => !ofAnyAction.includes(name) && !neverSent.includes(name)))
      const unnamed = [...told].filter((name) => !action.problems.includes(name) && !notReached[action.name]?.includes(name))
      assert.deepEqual(unnamed, [], `${action.name} may answer these and does not name them`)
      const byConstraint = new Set<string>(Object.values(constraintProblems))
      const stale = action.problems.filter((name) => !told.has(name) && !byConstraint.has(name))
      assert.deepEqual(stale, [], `${action.name} names these and no code below it throws them`)
    })
  }

  it('are all in the table, wherever in the sources one is thrown', () => {
    const files = globSync('**/*.ts', { cwd: source }).map((path) => join(source, path))
    const thrown = files.flatMap(thrownIn)
    assert(thrown.length > 40)
    assert.deepEqual(
      thrown.filter((name) => !names.includes(name)),
      [],
    )
    const text = files
      .filter((file) => !file.endsWith('/problem.ts'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    const unused = names.filter((name) => !text.includes(`'${name}'`) && !Object.values(constraintProblems).includes(name))
    // Waits for actions to come.
    assert.deepEqual(
      unused.filter((name) => name !== 'orderStateError'),
      [],
    )
  })
})

/** Two versions of the API may have an action of one name: the file names its version, too. */
function findFile({ name, version }: { readonly name: string; readonly version: string }): string {
  const [constant = ''] = Object.entries(versions).find(([, value]) => value === version) ?? []
  const files = globSync('actions/*/*.ts', { cwd: source }).map((path) => join(source, path))
  const file = files.find((path) => {
    const text = readFileSync(path, 'utf8')
    return text.includes(`name: '${name}'`) && text.includes(`version: ${constant},`)
  })
  return file ?? assert.fail(`no file defines ${name} of ${version}`)
}

/** The file and all it imports by value, with the writes that it calls by name. The gateway counts for itself. */
function reachable(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || file.includes('/gateway/')) return seen
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  for (const [, path] of text.matchAll(/^import (?!type )[^;]*? from '(\.[^']+)'/gms)) {
    // A neighbouring action is imported for its words only.
    if (path !== undefined && !(file.includes('/actions/') && join(dirname(file), path).includes('/actions/'))) {
      reachable(join(dirname(file), path), seen)
    }
  }
  for (const [, write] of text.matchAll(/db\.write\.(\w+)\(/g)) {
    const path = write === undefined ? undefined : writeFiles.get(write)
    if (path !== undefined) reachable(path, seen)
  }
  return seen
}

/** Where each write is defined. */
const writeFiles = new Map(
  Array.from(
    readFileSync(join(source, 'transactions.ts'), 'utf8').matchAll(/^import \{([^}]+)\} from '(.+)'$/gm),
    ([, names = '', path = '']) => names.split(',').map((name) => [name.trim(), join(source, path)] as const),
  ).flat(),
)

function thrownIn(file: string): ProblemName[] {
  return Array.from(readFileSync(file, 'utf8').matchAll(/new Problem\((.*?)[,)]/g), ([, argument]) => argument ?? '').flatMap((argument) =>
    Array.from(argument.matchAll(/(?<!=== |With\()'(\w+)'/g), ([, name]) => name as ProblemName),
  )
}
