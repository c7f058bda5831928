import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { sealedColumns } from '../../src/installation/sealed-columns.ts'
import { itOnBothEngines, withService } from '../support/service.ts'
import { listGuards, listOctetColumns, nameOf } from './sealed-values.ts'

/** Octets that are public, or hide by themselves. */
const notSealed = [
  'issuers.certificate',
  'issuance_intents.tbs',
  'certificates.der',
  'crls.der',
  'orders.csr',
  'events.source_salt',
  'audit_tiles.hashes',
  'keyword_blocks.grams',
]

describe('the list of sealed columns', () => {
  itOnBothEngines('names every column of octets that is sealed, and the database guards each', async (data) => {
    await withService(data, async ({ services: { db } }) => {
      const listed = sealedColumns.map(nameOf)
      const columns = await listOctetColumns(db)
      assert.deepEqual(columns.toSorted(), [...listed, ...notSealed].toSorted(), 'a column of octets is sealed, or said not to be')
      const guards = await listGuards(db)
      const unguarded = listed.flatMap((name) => [`${name} insert`, `${name} update`]).filter((one) => !guards.has(one))
      assert.deepEqual(unguarded, [], 'a migration that adds a sealed column runs refuseRetiredKeys for it')
    })
  })
})
