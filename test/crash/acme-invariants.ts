import assert from 'node:assert/strict'
import type { Kysely } from 'kysely'
import type { Schema } from '../../src/storage/schema.ts'
import { findEabFaults } from '../support/eab-audit.ts'
import type { AcmeBook } from './acme-book.ts'

type Reader = Kysely<Schema>

/** The ACME door's part of the database against itself and against what its clients were told. */
export async function checkAcme(read: Reader, book: AcmeBook): Promise<void> {
  assert.deepEqual(await findEabFaults(read), [], 'external account keys')
  await checkStuck(read)
  await checkOrders(read, book)
  await checkUnits(read)
  await checkAccounts(read, book)
  await checkProofEvents(read)
}

/** Nothing waits that nobody would come for. */
async function checkStuck(read: Reader): Promise<void> {
  const forgotten = await read
    .selectFrom('authorizations')
    .select('id')
    .where('state', '=', 'processing')
    .where('run_at', 'is', null)
    .execute()
  assert.deepEqual(forgotten, [], 'challenges that are looked at and never due')
  const open = await read
    .selectFrom('orders as o')
    .leftJoin('order_authorizations as x', 'x.order_id', 'o.id')
    .leftJoin('authorizations as a', 'a.id', 'x.authorization_id')
    .select(['o.id', 'o.state', 'o.run_at', 'a.state as proof'])
    .where('o.acme_account_id', 'is not', null)
    .where('o.state', 'in', ['validating', 'ready'])
    .execute()
  for (const [id, rows] of Map.groupBy(open, (row) => row.id)) {
    const proofs = rows.map(({ proof }) => proof)
    assert.notEqual(rows[0]?.run_at, null, `the open order ${id} is never due`)
    assert.ok(rows[0]?.state === 'ready' || proofs.some((proof) => proof !== 'valid'), `order ${id} is proven and not ready`)
    const isLost = proofs.some((proof) => proof === 'invalid' || proof === 'deactivated')
    assert.ok(rows[0]?.state !== 'ready' || isLost || proofs.every((proof) => proof === 'valid'), `order ${id} is ready and not proven`)
  }
}

async function checkOrders(read: Reader, { applications }: AcmeBook): Promise<void> {
  const rows = await read
    .selectFrom('orders')
    .select(['id', 'domain', 'state', 'certificate_id'])
    .where('acme_account_id', 'is not', null)
    .execute()
  const byName = Map.groupBy(rows, ({ domain }) => domain)
  for (const { domain, orderId, certificateId, ended, cancellation } of applications) {
    const own = byName.get(domain) ?? []
    assert.ok(own.length <= 1, `${domain} has ${own.length} orders`)
    if (orderId === undefined) continue
    const [row] = own
    assert.equal(row?.id, orderId, `the acknowledged ACME order ${orderId} of ${domain} is missing`)
    if (certificateId !== undefined) assert.equal(row.certificate_id, certificateId, `the certificate of ${domain} is missing`)
    if (ended) assert.equal(row.certificate_id, null, `${domain} came to nothing and has a certificate`)
    if (cancellation === 'acknowledged') assert.equal(row.state, 'revoked', `the acknowledged cancellation of ${domain} is missing`)
    if (cancellation === 'none') assert.notEqual(row.state, 'revoked', `${domain} was revoked by nobody`)
  }
  assert.ok(rows.length <= applications.length, 'there are ACME orders that nobody placed')
}

/** An order takes its units once, commits them with its certificate, and gives them back as it fails or is cancelled. */
async function checkUnits(read: Reader): Promise<void> {
  const rows = await read
    .selectFrom('orders as o')
    .innerJoin('ledger_entries as l', 'l.order_id', 'o.id')
    .select(['o.id', 'o.state', 'o.units', 'l.kind', 'l.units as line'])
    .where('o.acme_account_id', 'is not', null)
    .orderBy('l.id')
    .execute()
  for (const [id, own] of Map.groupBy(rows, (row) => row.id)) {
    const [first] = own
    assert.ok(
      own.every(({ units, line }) => line === units),
      `units of order ${id}`,
    )
    const expected: Readonly<Record<string, readonly string[]>> = {
      issued: ['reserve', 'commit'],
      revoked: ['reserve', 'commit', 'refund'],
      failed: ['reserve', 'refund'],
    }
    assert.deepEqual(
      own.map(({ kind }) => kind),
      expected[first?.state ?? ''] ?? ['reserve'],
      `ledger of order ${id}, which is ${first?.state}`,
    )
  }
}

async function checkAccounts(read: Reader, { actors }: AcmeBook): Promise<void> {
  const rows = await read.selectFrom('acme_accounts').select(['id', 'thumbprint', 'status']).execute()
  const byKey = new Map(rows.map((row) => [row.thumbprint, row]))
  for (const { key, accountId, state } of actors) {
    const row = byKey.get(key.thumbprint)
    if (accountId !== undefined) assert.equal(row?.id, accountId, `the acknowledged ACME account ${accountId} is missing`)
    if (state === 'closed') assert.equal(row?.status, 'deactivated', `the ACME account ${accountId} was closed`)
    if (state === 'open' && row !== undefined) assert.equal(row.status, 'valid', `the ACME account ${accountId} was closed by nobody`)
  }
  assert.ok(rows.length <= actors.length, 'there are ACME accounts that nobody made')
}

/** An authorization is chosen once, and comes to one end. */
async function checkProofEvents(read: Reader): Promise<void> {
  const events = await read.selectFrom('events').select(['kind', 'resource']).where('resource', 'like', 'authorization/%').execute()
  const seen = new Set<string>()
  for (const { kind, resource } of events) {
    const fact = `${kind === 'authorization.proven' || kind === 'authorization.failed' ? 'the end' : kind} of ${resource}`
    assert.ok(!seen.has(fact), `${fact} is on record twice`)
    seen.add(fact)
  }
}
