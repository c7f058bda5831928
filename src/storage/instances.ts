import { type Kysely, sql, type SqlBool } from 'kysely'
import { prepareRead } from './prepared-read.ts'
import type { InstanceTable, Schema } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

/** Of exactly these names; its term has to last longer than until `at`, ms. */
type FreeInstance = Readonly<{ accountId: number; productCode: string; namesSha256: string; at: number }>

/**
 * An instance whose renewals are free and whose term is not over. It counts from its first issuance: an order that came to nothing gave its
 * units back.
 */
export async function findFreeInstance(
  read: Kysely<Schema>,
  wanted: FreeInstance,
): Promise<Pick<InstanceTable, 'id' | 'plan_id'> | undefined> {
  const [row] = await readFreeInstance(read, wanted)
  return row
}

// A revocation that gave the units back ended the term.
const PAYS = `orders.state in ('issued', 'revoked') and orders.units > 0
  and not exists (select 1 from ledger_entries where idempotency_key = 'refund:' || orders.id)`

const readFreeInstance = prepareRead((read, values: FreeInstance) =>
  read
    .selectFrom('instances')
    .select(['id', 'plan_id'])
    .where('account_id', '=', values.accountId)
    .where('product_code', '=', values.productCode)
    .where('names_sha256', '=', values.namesSha256)
    .where('ends_at', '>', values.at)
    .where((is) =>
      is.exists(
        is.selectFrom('orders').select('orders.id').whereRef('orders.instance_id', '=', 'instances.id').where(sql.raw<SqlBool>(PAYS)),
      ),
    )
    .orderBy('ends_at', 'desc')
    .limit(sql.lit(1)),
)

/**
 * Issues the statement that gives a row while an instance of the account pays for free renewals: an order of it was issued, its units have not
 * gone back, and its term lasts longer than an instant. Lock the plan first.
 */
export function selectPayingInstance(
  tx: Tx,
  { instanceId, accountId, at }: { readonly instanceId: number; readonly accountId: number; readonly at: number },
): Promise<StatementResult> {
  return tx.run(
    `select 1 from instances where id = ? and account_id = ? and ends_at > ?
       and exists (select 1 from orders where orders.instance_id = instances.id and ${PAYS})`,
    [instanceId, accountId, at],
  )
}

/** Whether another order of the instance than this one has a certificate that is not revoked. */
export async function hasOtherCertificate(read: Kysely<Schema>, instanceId: number, orderId: number): Promise<boolean> {
  const row = await read
    .selectFrom('orders')
    .select('id')
    .where('instance_id', '=', instanceId)
    .where('id', '!=', orderId)
    .where('state', '=', 'issued')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
