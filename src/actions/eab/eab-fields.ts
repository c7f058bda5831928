import { z } from 'zod'
import type { ActionTarget } from '../../gateway/action.ts'
import { Problem } from '../../problem.ts'
import { isUsable, readList, readTags } from '../../ram/eab/eab-key.ts'
import type { Services } from '../../services.ts'
import type { NamedEabKeyRow } from '../../storage/eab-keys.ts'
import { optionalText } from '../fields.ts'

const DAY_MS = 86_400_000

export const keyName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'It has no control characters.')

/** `Products.N`, `Domains.N`. */
export const wireTexts = z.array(z.string().min(1).max(255))

/** A limit: a whole number, or `unlimited` for null. */
export const wireLimit = z
  .string()
  .regex(/^(?:[0-9]{1,9}|unlimited)$/, 'A whole number, or unlimited, is needed.')
  .transform((text) => (text === 'unlimited' ? null : Number(text)))

const wireExpiry = z
  .string()
  .regex(
    /^(?:[0-9]{13,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z|never)$/,
    'An instant such as 2027-01-15T08:00:00Z, in milliseconds since 1970, or never is needed.',
  )
  .transform((text) => (text === 'never' ? null : /^[0-9]+$/.test(text) ? Number(text) : Date.parse(text)))
  .refine((ms) => !Number.isNaN(ms), 'It must be a time that exists.')

/** `ExpiresAt` or `LifetimeDays`. */
export const expiryFields = {
  ExpiresAt: optionalText.pipe(wireExpiry.optional()),
  LifetimeDays: optionalText.pipe(
    z
      .string()
      .regex(/^[0-9]{1,4}$/, 'A whole number is needed.')
      .transform(Number)
      .refine((n) => n >= 1 && n <= 3650, '1 to 3650 are allowed.')
      .optional(),
  ),
}

/** When a key ends, ms; null: never; undefined: the call does not say. @throws Problem invalidParameter */
export function readExpiry(
  { ExpiresAt, LifetimeDays }: { readonly ExpiresAt?: number | null | undefined; readonly LifetimeDays?: number | undefined },
  now: number,
): number | null | undefined {
  if (ExpiresAt !== undefined && LifetimeDays !== undefined) {
    throw new Problem('invalidParameter', { P: 'LifetimeDays', rule: 'ExpiresAt or LifetimeDays may be given, not both.' })
  }
  if (typeof ExpiresAt === 'number' && ExpiresAt <= now)
    throw new Problem('invalidParameter', { P: 'ExpiresAt', rule: 'It must lie ahead.' })
  return LifetimeDays === undefined ? ExpiresAt : now + LifetimeDays * DAY_MS
}

/** The key that a call names. */
export const eabKeyTarget: ActionTarget = {
  resources: ({ KeyId }) => (typeof KeyId === 'string' && KeyId !== '' ? [`eabkey/${KeyId}`] : []),
}

export const eabKeyFields = z.object({
  KeyId: z.string(),
  Name: z.string(),
  /** Absent: the key is the account's own; empty: the user is gone. */
  UserName: z.string().optional(),
  Status: z.enum(['Active', 'Inactive', 'Deleted']),
  /** Active and not expired. */
  Usable: z.boolean(),
  Products: z.array(z.string()),
  /** `*` alone: any name. */
  Domains: z.array(z.string()),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
  /** Absent: as the plans allow. */
  UnitLimit: z.int().optional(),
  UnitsUsed: z.int(),
  AccountLimit: z.int().optional(),
  AccountsBound: z.int(),
  /** ms; absent: never. */
  ExpiresAt: z.int().optional(),
  CreatedAt: z.int(),
  UpdatedAt: z.int(),
})

export function eabKeyToWire(row: NamedEabKeyRow, now: number): z.input<typeof eabKeyFields> {
  return {
    KeyId: row.id,
    Name: row.name,
    ...(row.user_id !== null && { UserName: row.user_name ?? '' }),
    Status: row.status,
    Usable: isUsable(row, now) && (row.user_id === null || row.user_name !== null),
    Products: [...readList(row.products)],
    Domains: row.domains === null ? ['*'] : [...readList(row.domains)],
    Tags: readTags(row.tags).map(({ key, value }) => ({ Key: key, Value: value })),
    ...(row.unit_limit !== null && { UnitLimit: row.unit_limit }),
    UnitsUsed: row.units_used,
    ...(row.account_limit !== null && { AccountLimit: row.account_limit }),
    AccountsBound: row.accounts_bound,
    ...(row.expires_at !== null && { ExpiresAt: row.expires_at }),
    CreatedAt: row.created_at,
    UpdatedAt: row.updated_at,
  }
}

/** Where ACME clients begin; undefined where no listener has a fixed port. */
export function directoryUrl({ publicUrl, endpoint }: Pick<Services['settings'], 'publicUrl' | 'endpoint'>): string | undefined {
  const base = publicUrl ?? endpoint
  return base === undefined ? undefined : `${base.replace(/\/$/, '')}/acme/directory`
}
