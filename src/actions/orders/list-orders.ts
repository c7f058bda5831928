import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listOrders } from '../../storage/orders.ts'
import { optionalText } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'

const MOST = 100
const DEFAULT = 20

/** Lists an account's orders, newest first, in pages that stay put while orders come in. */
export const listOrdersAction = action({
  name: 'ListOrders',
  version: EXTENSION_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListOrders',
  summary: 'List the orders of the account, newest first.',
  strict: true,
  input: z.object({
    MaxResults: z
      .string()
      .regex(/^[0-9]{1,3}$/, 'A whole number is needed.')
      .transform(Number)
      .refine((n) => n >= 1 && n <= MOST, `1 to ${MOST} are allowed.`)
      .optional(),
    NextToken: optionalText.pipe(
      z
        .string()
        .regex(/^[0-9]{1,16}$/, 'It must be a NextToken of an earlier answer.')
        .transform(Number)
        .optional(),
    ),
  }),
  output: z.object({
    Orders: z.array(
      z.object({
        OrderId: z.int(),
        Domain: z.string(),
        ProductCode: z.string(),
        ValidateType: z.enum(['DNS', 'FILE']),
        State: z.string(),
        CreatedAt: z.int(),
        CertId: z.string().optional(),
      }),
    ),
    NextToken: z.string().optional(),
  }),
  problems: [],
  async run({ MaxResults = DEFAULT, NextToken }, { caller }, { db }) {
    const rows = await listOrders(db.read, caller.accountId, NextToken, MaxResults)
    const last = rows.at(-1)
    return {
      Orders: rows.map((row) => ({
        OrderId: row.id,
        Domain: row.domain,
        ProductCode: row.product_code,
        ValidateType: row.method,
        State: row.state,
        CreatedAt: row.created_at,
        ...(row.certificate_id !== null && { CertId: String(row.certificate_id) }),
      })),
      ...(last !== undefined && rows.length === MaxResults && { NextToken: String(last.id) }),
    }
  },
})
