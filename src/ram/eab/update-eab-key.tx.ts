import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite, type SqlValue } from '../../storage/write.ts'

/** What of a key changes; what is absent stays. */
export interface EabKeyChanges {
  readonly name?: string | undefined
  readonly status?: 'Active' | 'Inactive' | undefined
  readonly products?: readonly string[] | undefined
  /** Null: any. */
  readonly domains?: readonly string[] | null | undefined
  /** Null: as the plans allow. */
  readonly unitLimit?: number | null | undefined
  /** Null: any number. */
  readonly accountLimit?: number | null | undefined
  /** ms; null: never. */
  readonly expiresAt?: number | null | undefined
}

export interface UpdateEabKeyInput extends RamChange {
  readonly keyId: string
  readonly changes: EabKeyChanges
}

/**
 * Changes a key that is not deleted. Refuses with `entityNotExist`, `invalidParameter` (a limit below what is used already) or
 * `callerInactive`.
 */
export const updateEabKey = defineWrite({
  async run(tx, input: UpdateEabKeyInput): Promise<void> {
    const { keyId, changes, now } = input
    const { accountId } = input.caller
    tx.notify('acme')
    const columns = Object.entries(columnsOf(changes)).filter(([, value]) => value !== undefined)
    const [, changed, used] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(
        `update eab_keys set ${columns.map(([column]) => `${column} = ?, `).join('')}updated_at = ?
          where id = ? and account_id = ? and status <> 'Deleted' and units_used <= ? and accounts_bound <= ?`,
        [
          ...columns.map(([, value]) => value ?? null),
          now,
          keyId,
          accountId,
          changes.unitLimit ?? Number.MAX_SAFE_INTEGER,
          changes.accountLimit ?? Number.MAX_SAFE_INTEGER,
        ],
      ),
      tx.run(`select units_used, accounts_bound from eab_keys where id = ? and account_id = ? and status <> 'Deleted'`, [keyId, accountId]),
      recordRamChange(tx, input, { kind: 'eabKey.updated', resource: `eabkey/${keyId}`, detail: tell(changes) }),
    ])
    const [key] = used.rows
    if (key === undefined) throw new Problem('entityNotExist', { P: 'EabKey', what: 'external account key' })
    if (changed.changes > 0) return
    const units = Number(key['units_used'])
    if (units > (changes.unitLimit ?? units)) throw tooLow('UnitLimit', `${units} units are used already`)
    throw tooLow('AccountLimit', `${Number(key['accounts_bound'])} ACME accounts are bound already`)
  },
})

/** Undefined: stays as it is. */
function columnsOf({
  name,
  status,
  products,
  domains,
  unitLimit,
  accountLimit,
  expiresAt,
}: EabKeyChanges): Record<string, SqlValue | undefined> {
  return {
    name,
    status,
    products: products && JSON.stringify(products),
    domains: domains && JSON.stringify(domains),
    unit_limit: unitLimit,
    account_limit: accountLimit,
    expires_at: expiresAt,
  }
}

function tell({ products, domains, ...rest }: EabKeyChanges): Record<string, string | number | null> {
  const told = Object.entries({ ...rest, products: products?.join(','), domains: domains === null ? '*' : domains?.join(',') })
  return Object.fromEntries(told.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

function tooLow(P: string, what: string): Problem {
  return new Problem('invalidParameter', { P, rule: `${what}.` })
}
