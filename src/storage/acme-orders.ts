import { type Kysely, type Selectable, sql, type SqlBool } from 'kysely'
import { NOT_GIVEN_UP } from './authorizations.ts'
import { prepareRead } from './prepared-read.ts'
import type { AcmeOrderTable, AuthorizationMethod, AuthorizationTable, OrderTable, Schema } from './schema.ts'

export type AuthorizationRow = Selectable<AuthorizationTable>

/** An authorization with the order that it was made for: until it is valid no other one needs it. */
export type OrderAuthorizationRow = AuthorizationRow & { readonly order_id: number }

/** An order of the ACME door with what it has beside every order. */
export type AcmeOrderRow = Pick<
  Selectable<OrderTable>,
  | 'id'
  | 'account_id'
  | 'instance_id'
  | 'product_code'
  | 'state'
  | 'rev'
  | 'validation_ends_at'
  | 'certificate_id'
  | 'domain'
  | 'names'
  | 'units'
> &
  Omit<Selectable<AcmeOrderTable>, 'order_id'>

function selectOrders(read: Kysely<Schema>) {
  return read
    .selectFrom('acme_orders as m')
    .innerJoin('orders as o', 'o.id', 'm.order_id')
    .select([
      'o.id',
      'o.instance_id',
      'o.product_code',
      'o.state',
      'o.rev',
      'o.validation_ends_at',
      'o.certificate_id',
      'o.domain',
      'o.names',
      'o.units',
      'm.account_id',
      'm.acme_account_id',
      'm.identifiers',
      'm.profile',
      'm.not_before',
      'm.not_after',
      'm.replaces',
      'm.replaces_certificate_id',
      'm.error',
    ])
}

/** An order of the ACME account; undefined for another's. */
export async function findAcmeOrder(read: Kysely<Schema>, acmeAccountId: number, orderId: number): Promise<AcmeOrderRow | undefined> {
  const [row] = await readAcmeOrder(read, { acmeAccountId, orderId })
  return row
}

const readAcmeOrder = prepareRead((read, { acmeAccountId, orderId }: { acmeAccountId: number; orderId: number }) =>
  selectOrders(read).where('m.order_id', '=', orderId).where('m.acme_account_id', '=', acmeAccountId),
)

/** An order of the ACME door with what its issuance asks for: the plan that pays, and whether the key must not be certified again (1). */
export type OrderToFinalizeRow = AcmeOrderRow &
  Pick<Selectable<OrderTable>, 'level' | 'applied_by' | 'key_algorithm' | 'csr' | 'organization' | 'lineage_id' | 'resource_group'> & {
    readonly plan_id: number
    readonly key_blocked: number
  }

/**
 * As {@link findAcmeOrder}, with what its issuance asks for: a read of its own for each part would cost more than the part.
 *
 * @param values `spkiSha256`: hex SHA-256 of the key that is to be certified
 */
export async function findOrderToFinalize(
  read: Kysely<Schema>,
  values: { acmeAccountId: number; orderId: number; spkiSha256: string },
): Promise<OrderToFinalizeRow | undefined> {
  const [row] = await readOrderToFinalize(read, values)
  return row
}

const readOrderToFinalize = prepareRead((read, values: { acmeAccountId: number; orderId: number; spkiSha256: string }) =>
  selectOrders(read)
    .innerJoin('instances as i', 'i.id', 'o.instance_id')
    .select(['o.level', 'o.applied_by', 'o.key_algorithm', 'o.csr', 'o.organization', 'o.lineage_id', 'o.resource_group', 'i.plan_id'])
    .select(
      sql<number>`case when exists (select 1 from blocked_keys where spki_sha256 = ${values.spkiSha256}) then 1 else 0 end`.as(
        'key_blocked',
      ),
    )
    .where('m.order_id', '=', values.orderId)
    .where('m.acme_account_id', '=', values.acmeAccountId),
)

/** The ACME account's open order for a wish. */
export async function findOpenOrderOfWish(read: Kysely<Schema>, acmeAccountId: number, wishSha256: string): Promise<number | undefined> {
  const [row] = await readOpenOrderOfWish(read, { acmeAccountId, wishSha256 })
  return row?.id
}

const readOpenOrderOfWish = prepareRead((read, values: { acmeAccountId: number; wishSha256: string }) =>
  read
    .selectFrom('orders')
    .select('id')
    .where('acme_account_id', '=', values.acmeAccountId)
    .where('wish_sha256', '=', values.wishSha256)
    .where(sql<SqlBool>`state in ('validating', 'ready')`),
)

/** Ids of the ACME account's orders that came to something or still may, newest first. */
export async function listAcmeOrderIds(
  read: Kysely<Schema>,
  acmeAccountId: number,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<number[]> {
  const rows = await read
    .selectFrom('acme_orders as m')
    .innerJoin('orders as o', 'o.id', 'm.order_id')
    .select('m.order_id')
    .where('m.acme_account_id', '=', acmeAccountId)
    .where('m.order_id', '<', before ?? Number.MAX_SAFE_INTEGER)
    .where('o.state', 'in', ['validating', 'ready', 'reviewing', 'issuing', 'issued', 'revoked'])
    .orderBy('m.order_id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ order_id }) => order_id)
}

/** How many orders a principal has open at the ACME door: little more than its limit at most. */
export async function countOpenOfPrincipal(read: Kysely<Schema>, accountId: number, principal: string): Promise<number> {
  const [row] = await readOpenOfPrincipal(read, { accountId, principal })
  return row?.count ?? 0
}

const readOpenOfPrincipal = prepareRead((read, { accountId, principal }: { accountId: number; principal: string }) =>
  read
    .selectFrom('orders')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('principal', '=', principal)
    .where('acme_account_id', 'is not', null)
    // Literals, as the index has them.
    .where(sql<SqlBool>`state in ('validating', 'ready')`),
)

/** An authorization of the ACME account. */
export async function findAuthorization(
  read: Kysely<Schema>,
  acmeAccountId: number,
  authorizationId: number,
): Promise<OrderAuthorizationRow | undefined> {
  const [row] = await readAuthorization(read, { acmeAccountId, authorizationId })
  return row
}

function selectAuthorization(read: Kysely<Schema>) {
  return read
    .selectFrom('authorizations as a')
    .selectAll('a')
    .select(sql<number>`(select min(order_id) from order_authorizations where authorization_id = a.id)`.as('order_id'))
}

const readAuthorization = prepareRead((read, values: { acmeAccountId: number; authorizationId: number }) =>
  selectAuthorization(read).where('a.id', '=', values.authorizationId).where('a.acme_account_id', '=', values.acmeAccountId),
)

/** An authorization whoever owns it: for the runner, never for a door. */
export async function findAuthorizationOfAny(read: Kysely<Schema>, authorizationId: number): Promise<OrderAuthorizationRow | undefined> {
  const [row] = await readAuthorizationOfAny(read, { authorizationId })
  return row
}

const readAuthorizationOfAny = prepareRead((read, { authorizationId }: { authorizationId: number }) =>
  selectAuthorization(read).where('a.id', '=', authorizationId),
)

/** Open orders that need an authorization; those that are over need it no more, and may be many. */
export async function listOpenOrdersOfAuthorization(read: Kysely<Schema>, authorizationId: number): Promise<number[]> {
  const rows = await read
    .selectFrom('order_authorizations')
    .innerJoin('orders', 'orders.id', 'order_authorizations.order_id')
    .select('orders.id')
    .where('order_authorizations.authorization_id', '=', authorizationId)
    .where('orders.state', 'in', ['validating', 'ready'])
    .execute()
  return rows.map(({ id }) => id)
}

/** Challenges whose next look is due. */
export async function listDueChallenges(read: Kysely<Schema>, now: number, limit: number): Promise<number[]> {
  const rows = await readDueChallenges(read, { now })
  return rows.slice(0, limit).map(({ id }) => id)
}

/** More than the runner takes at once, or has taken. */
const MOST_DUE = 256

const readDueChallenges = prepareRead((read, { now }: { now: number }) =>
  read.selectFrom('authorizations').select('id').where('run_at', '<=', now).orderBy('run_at').limit(sql.lit(MOST_DUE)),
)

/** When the next challenge is due after `now`, ms. */
export async function nextChallengeDue(read: Kysely<Schema>, now: number): Promise<number | undefined> {
  const [row] = await readNextDue(read, { now })
  return row?.run_at ?? undefined
}

const readNextDue = prepareRead((read, { now }: { now: number }) =>
  read.selectFrom('authorizations').select('run_at').where('run_at', '>', now).orderBy('run_at').limit(sql.lit(1)),
)

/** A proof that an account gave for a name. */
export interface Proof {
  readonly id: number
  readonly identifier: string
  readonly method: AuthorizationMethod
  readonly validatedAt: number
  readonly acmeAccountId: number | null
  readonly expiresAt: number
}

/** Of one identifier so many proofs are read: orders that rest on an earlier proof have one each, all of the same day. */
const MOST_PROOFS = 8

/**
 * Proofs of an account for any of these identifiers since an instant, newest first: the newest ones of each. With an ACME account those that
 * it gave up are left out, also where somebody else took them over before.
 */
export async function listProofs(
  read: Kysely<Schema>,
  accountId: number,
  identifiers: readonly string[],
  since: number,
  acmeAccountId: number | undefined,
): Promise<readonly Proof[]> {
  const values = { accountId, since, acmeAccountId: acmeAccountId ?? NO_ACME_ACCOUNT }
  const rows = await readProofsOf(identifiers.length)(read, { ...values, ...Object.fromEntries(identifiers.entries()) })
  return rows
    .flatMap(({ id, identifier, method, validated_at, acme_account_id, expires_at }) =>
      method === null ? [] : [{ id, identifier, method, validatedAt: validated_at, acmeAccountId: acme_account_id, expiresAt: expires_at }],
    )
    .sort((a, b) => b.validatedAt - a.validatedAt)
}

/** An id that no ACME account has. */
const NO_ACME_ACCOUNT = 0

type ReadProofs = (read: Kysely<Schema>, values: Readonly<Record<string | number, string | number>>) => Promise<ProofRow[]>

const [beforeId = '', afterId = ''] = NOT_GIVEN_UP.split('?')

/** By the number of identifiers, which are the values `0`, `1` and so on. */
const proofReads = new Map<number, ReadProofs>()

function readProofsOf(count: number): ReadProofs {
  let known = proofReads.get(count)
  if (known === undefined) {
    known = prepareRead((read, values: Readonly<Record<string | number, string | number>>) => {
      const newest = Array.from(
        { length: count },
        (_, index) => sql`select * from (
          select id, identifier, method, validated_at, acme_account_id, expires_at from authorizations as a
           where account_id = ${values['accountId']} and identifier = ${values[index]} and state = 'valid' and validated_at > ${values['since']}
             and ${sql.raw(beforeId)}${values['acmeAccountId']}${sql.raw(afterId)}
           order by validated_at desc limit ${sql.lit(MOST_PROOFS)}) as newest`,
      )
      const query = sql<ProofRow>`${sql.join(newest, sql` union all `)}`
      return { compile: () => query.compile(read) }
    })
    proofReads.set(count, known)
  }
  return known
}

type ProofRow = Pick<AuthorizationRow, 'id' | 'identifier' | 'method' | 'acme_account_id' | 'expires_at'> & {
  readonly validated_at: number
}

/** A certificate that an order of the ACME account was issued. */
export async function findCertificateOfAcmeAccount(
  read: Kysely<Schema>,
  acmeAccountId: number,
  issuerId: string,
  serial: string,
): Promise<{ id: number; domain: string; names: string | null } | undefined> {
  return await read
    .selectFrom('certificates as c')
    .innerJoin('orders as o', 'o.id', 'c.order_id')
    .select(['c.id', 'o.domain', 'o.names'])
    .where('c.issuer_id', '=', issuerId)
    .where('c.serial', '=', serial)
    .where('o.acme_account_id', '=', acmeAccountId)
    .executeTakeFirst()
}

/** Whether an order that came to something, or still may, replaces the certificate. */
export async function isReplaced(read: Kysely<Schema>, certificateId: number): Promise<boolean> {
  const row = await read
    .selectFrom('acme_orders')
    .select('order_id')
    .where('replaces_certificate_id', '=', certificateId)
    .executeTakeFirst()
  return row !== undefined
}

/** The thumbprint of an ACME account's key. */
export async function findThumbprint(read: Kysely<Schema>, acmeAccountId: number): Promise<string | undefined> {
  const row = await read.selectFrom('acme_accounts').select('thumbprint').where('id', '=', acmeAccountId).executeTakeFirst()
  return row?.thumbprint
}

/** Which of the identifiers the ACME account may speak for: those it has proven, and whose authorization counts still. */
export async function listHeldIdentifiers(
  read: Kysely<Schema>,
  { accountId, acmeAccountId, identifiers, now }: { accountId: number; acmeAccountId: number; identifiers: readonly string[]; now: number },
): Promise<ReadonlySet<string>> {
  const rows = await read
    .selectFrom('authorizations')
    .select('identifier')
    .distinct()
    .where('account_id', '=', accountId)
    .where('identifier', 'in', identifiers)
    .where('state', '=', 'valid')
    .where('acme_account_id', '=', acmeAccountId)
    .where('expires_at', '>', now)
    .execute()
  return new Set(rows.map(({ identifier }) => identifier))
}
