import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { describe } from 'node:test'
import { callAction } from '../../src/cli/call-action.ts'
import { itOnBothEngines, withService } from '../support/service.ts'
import { rootKey } from '../support/signed-call.ts'

const credentials = { accessKeyId: rootKey.accessKeyId, accessKeySecret: rootKey.secret }
const extensions = '2026-12-01'

void describe('a call of the command line', () => {
  itOnBothEngines('is signed so that the gateway accepts it, whatever its parameters hold', async (data) => {
    await withService(data, async ({ addresses: { http: endpoint } }) => {
      const input = { ProductCode: 'digicert-free-1-free' }
      const state = await callAction({ endpoint, credentials }, '2020-04-07', 'DescribePackageState', input)
      assert.deepEqual([state['TotalCount'], state['UsedCount'], state['IssuedCount']], [20, 0, 0])
      assert.equal(typeof state['RequestId'], 'string')
      // The signature was right: the refusal is of what was asked.
      for (const ProductCode of [`a b+c&d=e'()*!~%/?`, 'Zürich 证书', '~._-']) {
        const refused = callAction({ endpoint, credentials }, '2020-04-07', 'DescribePackageState', { ProductCode, A: '', B: '1' })
        await assert.rejects(refused, { name: 'CallRefusedError', message: /^DescribePackageState was refused: InvalidParameter: / })
      }
    })
  })

  itOnBothEngines('may be repeated with its token, and never with its nonce', async (data) => {
    await withService(data, async ({ addresses: { http: endpoint } }) => {
      const input = { ProductCode: 'geotrust-dv-1-starter', Count: '2', ClientToken: 'once' }
      const [first, second] = [0, 1].map(() => callAction({ endpoint, credentials }, extensions, 'PurchasePackage', input))
      assert.equal((await first)?.['PackageId'], (await second)?.['PackageId'])
    })
  })

  itOnBothEngines('with a wrong secret is refused and says so, without the secret', async (data) => {
    await withService(data, async ({ addresses: { http: endpoint } }) => {
      const wrong = { ...credentials, accessKeySecret: 'another-secret' }
      const call = callAction({ endpoint, credentials: wrong }, '2020-04-07', 'DescribePackageState', {})
      await assert.rejects(call, (error: Error) => /SignatureDoesNotMatch/.test(error.message) && !/another-secret/.test(error.message))
    })
  })

  itOnBothEngines('to nobody, or to another program, says what to look at', async () => {
    const call = (endpoint: string | undefined) => callAction({ endpoint, credentials }, '2020-04-07', 'DescribePackageState', {})
    await assert.rejects(call(undefined), { name: 'CallRefusedError', message: /CHANCERY_ENDPOINT/ })
    const server = createServer((_, res) => res.end('<html>')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    assert(address !== null && typeof address === 'object')
    await assert.rejects(call(`http://127.0.0.1:${address.port}`), { message: /without JSON/ })
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
    await assert.rejects(call(`http://127.0.0.1:${address.port}`), { message: /does not answer: .*Is the service running/ })
  })
})
