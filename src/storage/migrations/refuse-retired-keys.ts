import type { ColumnTypes } from './migration.ts'

/**
 * The triggers of a column of sealed values: a value of a retired master key is refused as the constraint `sealed_by_retired_key`. A step that
 * adds such a column runs them too. The id of the key stands in octets 2 to 9 (see the format in `keys/sealer.ts`).
 */
export function refuseRetiredKeys(engine: ColumnTypes['engine'], table: string, column: string): string[] {
  if (engine === 'postgres') {
    return [
      `create trigger ${table}_${column}_retired before insert or update of ${column} on ${table}
         for each row when (is_sealed_by_retired_key(new.${column})) execute function refuse_retired_key()`,
    ]
  }
  return ['insert', `update of ${column}`].map(
    (event) => `create trigger ${table}_${column}_retired_${event.split(' ')[0]} before ${event} on ${table}
       when exists (select 1 from retired_master_keys where id = lower(hex(substr(new.${column}, 2, 8))))
       begin select raise(abort, 'sealed_by_retired_key'); end`,
  )
}
