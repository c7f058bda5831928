// Loaded with `--import` into the service that a crash test starts, and with it into its writing worker: puts kill points around
// commits, signatures and key files from outside. src/ knows nothing of it.
import { registerHooks } from 'node:module'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { beginGroup, reachCommit } from './kill-points.ts'

const here = (path: string): string => new URL(path, import.meta.url).href

/** Modules of the service, and what takes their place: the same, with points. */
const replaced = new Map([
  [here('../../src/transactions.ts'), here('./with-points/transactions.ts')],
  [here('../../src/ca/embedded/open-authority.ts'), here('./with-points/open-authority.ts')],
  [here('../../src/keys/master-key.ts'), here('./with-points/master-key.ts')],
  [here('../../src/runner/housekeeping-work.ts'), here('./with-points/housekeeping-work.ts')],
  [here('../../src/installation/root-key-file.ts'), here('./with-points/root-key-file.ts')],
])

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context)
    const replacement = replaced.get(resolved.url)
    // The replacement itself gets the real one.
    return replacement === undefined || context.parentURL === replacement ? resolved : { ...resolved, url: replacement }
  },
})

const { exec } = DatabaseSync.prototype
DatabaseSync.prototype.exec = function execWithPoints(sql) {
  if (sql === 'begin immediate') beginGroup()
  if (sql !== 'commit') return exec.call(this, sql)
  reachCommit('before')
  exec.call(this, sql)
  reachCommit('after')
}

// The driver's function has many forms; the writer sends begin and commit as plain texts, and only those are looked at.
type Query = (...args: unknown[]) => unknown
const client = pg.Client.prototype as unknown as { query: Query }
const { query } = client
client.query = function queryWithPoints(this: unknown, ...args: unknown[]): unknown {
  if (args[0] === 'begin') beginGroup()
  if (args[0] !== 'commit') return query.apply(this, args)
  reachCommit('before')
  const answered = query.apply(this, args)
  // By then the statement has left; whether the server has done it nobody knows.
  setImmediate(() => reachCommit('sent'))
  if (answered instanceof Promise) answered.then(() => reachCommit('after')).catch(() => {})
  return answered
}
