import type { Binding } from '../keys/sealer.ts'
import type { Schema } from '../storage/schema.ts'

type Row = Readonly<Record<string, unknown>>

/** A column whose octets the master key sealed. */
export interface SealedColumn {
  readonly table: keyof Schema
  readonly column: string
  /** The columns of the primary key. */
  readonly key: readonly string[]
  /** Further columns that the binding needs. */
  readonly about: readonly string[]
  readonly bind: (row: Row) => Binding
}

/** Every sealed value of the database: what a new master key has to seal again. A test holds the list against the schema. */
export const sealedColumns: readonly SealedColumn[] = [
  {
    table: 'access_keys',
    column: 'secret_sealed',
    key: ['id'],
    about: ['account_id'],
    bind: (row) => ({ purpose: 'accessKey', accountId: Number(row['account_id']), id: String(row['id']) }),
  },
  {
    table: 'keys',
    column: 'sealed',
    key: ['id'],
    about: ['account_id'],
    bind: (row) => ({ purpose: 'certificateKey', accountId: Number(row['account_id']), id: String(row['id']) }),
  },
  {
    table: 'issuers',
    column: 'key_sealed',
    key: ['id'],
    about: [],
    bind: (row) => ({ purpose: 'issuerKey', accountId: 0, id: String(row['id']) }),
  },
  {
    table: 'shared_secrets',
    column: 'sealed',
    key: ['purpose', 'version'],
    about: [],
    bind: (row) => ({ purpose: 'secret', accountId: 0, id: `${String(row['purpose'])}/${String(row['version'])}` }),
  },
  {
    table: 'audit_log',
    column: 'key_sealed',
    key: ['id'],
    about: [],
    bind: () => ({ purpose: 'secret', accountId: 0, id: 'audit-log' }),
  },
  {
    table: 'uploaded_certificates',
    column: 'key_sealed',
    key: ['id'],
    about: ['account_id'],
    bind: (row) => ({ purpose: 'certificateKey', accountId: Number(row['account_id']), id: `upload-${String(row['id'])}` }),
  },
  {
    table: 'uploaded_certificates',
    column: 'encrypt_key_sealed',
    key: ['id'],
    about: ['account_id'],
    bind: (row) => ({ purpose: 'certificateKey', accountId: Number(row['account_id']), id: `upload-${String(row['id'])}-encrypt` }),
  },
  {
    table: 'csrs',
    column: 'key_sealed',
    key: ['id'],
    about: ['account_id'],
    bind: (row) => ({ purpose: 'certificateKey', accountId: Number(row['account_id']), id: `csr-${String(row['id'])}` }),
  },
  {
    table: 'contacts',
    column: 'id_card_sealed',
    key: ['id'],
    about: ['account_id'],
    bind: (row) => ({ purpose: 'secret', accountId: Number(row['account_id']), id: `contact-${String(row['id'])}` }),
  },
  {
    table: 'eab_keys',
    column: 'mac_sealed',
    key: ['id'],
    about: ['account_id'],
    bind: (row) => ({ purpose: 'accessKey', accountId: Number(row['account_id']), id: `eab-${String(row['id'])}` }),
  },
]
