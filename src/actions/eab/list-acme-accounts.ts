import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { loadEabKey } from '../../ram/eab/load-eab-key.ts'
import { listAcmeAccounts } from '../../storage/list-acme-accounts.ts'
import { optionalText, wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { maxResults } from './max-results.ts'

/** List the accounts that ACME clients made, of the whole account or of one external account key, the newest first. */
export const listAcmeAccountsAction = action({
  name: 'ListAcmeAccounts',
  version: EXTENSION_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListAcmeAccounts',
  summary: 'List the accounts that ACME clients made, of the whole account or of one external account key, the newest first.',
  strict: true,
  input: z.object({
    KeyId: optionalText,
    Status: z.enum(['valid', 'deactivated', 'revoked']).optional(),
    MaxResults: maxResults,
    NextToken: optionalText.pipe(wireId.optional()),
  }),
  output: z.object({
    AcmeAccounts: z.array(
      z.object({
        AcmeAccountId: z.string(),
        /** Absent: it was made without an external account key. */
        KeyId: z.string().optional(),
        Status: z.enum(['valid', 'deactivated', 'revoked']),
        Contacts: z.array(z.string()),
        /** RFC 7638, SHA-256, of the key that signs its requests. */
        Thumbprint: z.string(),
        CreatedAt: z.int(),
        UpdatedAt: z.int(),
      }),
    ),
    NextToken: z.string().optional(),
  }),
  problems: ['entityNotExist'],
  async run({ KeyId, Status, MaxResults, NextToken }, { caller }, services) {
    const { accountId } = caller
    if (KeyId !== undefined) await loadEabKey(services, accountId, KeyId)
    const page = { before: NextToken, limit: MaxResults }
    const rows = await listAcmeAccounts(services.db.read, accountId, { eabKeyId: KeyId, status: Status }, page)
    const last = rows.at(-1)
    return {
      AcmeAccounts: rows.map((row) => ({
        AcmeAccountId: String(row.id),
        ...(row.eab_key_id !== null && { KeyId: row.eab_key_id }),
        Status: row.status,
        // Stored by the service itself.
        Contacts: JSON.parse(row.contacts) as string[],
        Thumbprint: row.thumbprint,
        CreatedAt: row.created_at,
        UpdatedAt: row.updated_at,
      })),
      ...(last !== undefined && rows.length === MaxResults && { NextToken: String(last.id) }),
    }
  },
})
