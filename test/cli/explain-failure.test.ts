import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { CallRefusedError } from '../../src/cli/refusals.ts'
import { explainFailure } from '../../src/cli/explain-failure.ts'
import { ConfigurationError, loadSettings } from '../../src/config.ts'
import { MasterKeyError } from '../../src/keys/master-key.ts'
import { openCatalogue } from '../../src/plans/products.ts'
import { DatabaseUnusableError } from '../../src/storage/errors.ts'

function failureOf(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return assert.fail('it did not fail')
}

describe('what an operator is told of a failed command', () => {
  it('is each bad setting in a line of its own, without its value', () => {
    const env = { CHANCERY_HTTP_LISTEN: 'a-bad-value', CHANCERY_ROLES: 'another-bad-value', CHANCERY_DATTA: 'x' }
    const failure = failureOf(() => loadSettings(env))
    assert(failure instanceof ConfigurationError)
    const lines = explainFailure(failure).split('\n')
    assert.equal(lines[0], 'The configuration cannot be used:')
    assert.deepEqual(
      ['CHANCERY_HTTP_LISTEN', 'CHANCERY_ROLES', 'CHANCERY_DATTA'].map(
        (name) => lines.filter((line) => line.startsWith(`  ${name} `)).length,
      ),
      [1, 1, 1],
    )
    assert.equal(lines.length, 4)
    assert.doesNotMatch(lines.join('\n'), /bad-value/)
  })

  it('is each bad product in a line of its own', () => {
    const failure = failureOf(() => openCatalogue({ symantecDvStarter: 'wildcard', operatorProducts: undefined }, [{ code: 'x' }]))
    const [first, ...lines] = explainFailure(failure).split('\n')
    assert.equal(first, 'The configuration cannot be used:')
    assert(lines.length > 0 && lines.every((line) => line.startsWith('  ')))
  })

  for (const failure of [
    new DatabaseUnusableError('another process uses the data folder'),
    new MasterKeyError('The master key cannot be read.'),
    new CallRefusedError('the call was refused'),
  ]) {
    it(`is the message alone of a ${failure.name}`, () => assert.equal(explainFailure(failure), failure.message))
  }

  it('is the address that is in use, and which settings choose another', async () => {
    const first = createServer().listen(0, '127.0.0.1')
    await once(first, 'listening')
    const address = first.address()
    assert(address !== null && typeof address === 'object')
    const second = createServer().listen(address.port, '127.0.0.1')
    const [failure] = (await once(second, 'error')) as [Error]
    first.close()
    await once(first, 'close')
    const told = explainFailure(failure)
    assert.match(told, new RegExp(`^127\\.0\\.0\\.1:${address.port} is in use by another program: .*CHANCERY_HTTP_LISTEN`))
    assert.doesNotMatch(told, /\n/)
  })

  it('is the whole stack of a bug', () => {
    const bug = new Error('a bug')
    assert.equal(explainFailure(bug), bug.stack)
    assert.equal(explainFailure('thrown text'), 'thrown text')
  })
})
