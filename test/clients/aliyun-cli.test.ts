import { it } from 'node:test'
import { reportNotRun } from '../support/not-run.ts'
import { runInstaller } from './run-installer.ts'

// The tool comes as a binary from its own site or from the module proxy. It signs calls of RPC products with RPC V1, as other clients here do.
const modules = ['github.com/aliyun/aliyun-cli/v3', 'github.com/aliyun/aliyun-cli']

/** Why no version can be had here; undefined if one can. */
async function findObstacle(): Promise<string | undefined> {
  let obstacle = ''
  for (const module of modules) {
    try {
      await runInstaller('go', ['list', '-m', `${module}@latest`], { env: { GOFLAGS: '-mod=mod' } })
      return undefined
    } catch (error) {
      obstacle = error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error)
    }
  }
  return obstacle
}

const obstacle = await findObstacle()
const reason =
  obstacle === undefined ? 'it can be had here, and no test drives it yet' : `it cannot be had here (${obstacle.slice(0, 120)})`
reportNotRun('the aliyun CLI', reason)
it('orders a certificate through the aliyun CLI', { skip: reason })
