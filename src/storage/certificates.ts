import { type Kysely, type Selectable, sql } from 'kysely'
import { prepareRead } from './prepared-read.ts'
import type { Schema } from './schema.ts'

/** A certificate of the account with its sealed key, if the service still holds it. */
export async function findCertificateWithKey(
  read: Kysely<Schema>,
  accountId: number,
  certificateId: number,
): Promise<
  | { id: number; der: Uint8Array; issuer_id: string; revoked_at: number | null; key_id: number | null; sealed: Uint8Array | null }
  | undefined
> {
  const [row] = await readCertificateWithKey(read, { accountId, certificateId })
  return row
}

const readCertificateWithKey = prepareRead((read, { accountId, certificateId }: { accountId: number; certificateId: number }) =>
  read
    .selectFrom('certificates')
    .leftJoin('keys', 'keys.id', 'certificates.key_id')
    .select([
      'certificates.id',
      'certificates.der',
      'certificates.issuer_id',
      'certificates.revoked_at',
      'certificates.key_id',
      'keys.sealed',
    ])
    .where('certificates.id', '=', certificateId)
    .where('certificates.account_id', '=', accountId),
)

/** Whether the key of some certificate, of whatever account, is or was in custody. */
export async function isKeyKept(read: Kysely<Schema>, spkiSha256: string): Promise<boolean> {
  return (await readKeptKey(read, { spkiSha256 })).length > 0
}

const readKeptKey = prepareRead((read, { spkiSha256 }: { spkiSha256: string }) =>
  read.selectFrom('keys').select('id').where('spki_sha256', '=', spkiSha256).limit(sql.lit(1)),
)

export async function findIssuer(read: Kysely<Schema>, issuerId: string): Promise<Selectable<Schema['issuers']> | undefined> {
  return await read.selectFrom('issuers').selectAll().where('id', '=', issuerId).executeTakeFirst()
}

/** The revoked certificates that a CRL shard has to list: those that have not been expired for more than a day. */
export async function listRevoked(
  read: Kysely<Schema>,
  issuerId: string,
  shard: number,
  now: number,
): Promise<{ serial: string; revoked_at: number | null; revocation_reason: number | null }[]> {
  return await read
    .selectFrom('certificates')
    .select(['serial', 'revoked_at', 'revocation_reason'])
    .where('issuer_id', '=', issuerId)
    .where('crl_shard', '=', shard)
    .where('revoked_at', 'is not', null)
    .where('not_after', '>', now - 86_400_000)
    .orderBy('id')
    .execute()
}

export async function findCrl(read: Kysely<Schema>, issuerId: string, shard: number): Promise<Selectable<Schema['crls']> | undefined> {
  return await read.selectFrom('crls').selectAll().where('issuer_id', '=', issuerId).where('shard', '=', shard).executeTakeFirst()
}

/** CRLs of one issuer that are due, the longest due first. */
export async function listDueCrls(
  read: Kysely<Schema>,
  issuerId: string,
  now: number,
): Promise<{ issuer_id: string; shard: number; number: number; run_at: number | null }[]> {
  return await readDueCrls(read, { issuerId, now })
}

const readDueCrls = prepareRead((read, { issuerId, now }: { issuerId: string; now: number }) =>
  read
    .selectFrom('crls')
    .select(['issuer_id', 'shard', 'number', 'run_at'])
    .where('issuer_id', '=', issuerId)
    .where('run_at', '<=', now)
    .orderBy('run_at')
    .limit(sql.lit(16)),
)

/** When the next CRL of an issuer is due after `now`, ms; undefined if none is planned. */
export async function nextCrlDue(read: Kysely<Schema>, issuerId: string, now: number): Promise<number | undefined> {
  const [row] = await readNextCrl(read, { issuerId, now })
  return row?.run_at ?? undefined
}

const readNextCrl = prepareRead((read, { issuerId, now }: { issuerId: string; now: number }) =>
  read.selectFrom('crls').select('run_at').where('issuer_id', '=', issuerId).where('run_at', '>', now).orderBy('run_at').limit(sql.lit(1)),
)

/** A certificate's row without its octets. */
export async function findCertificate(
  read: Kysely<Schema>,
  certificateId: number,
): Promise<Omit<Selectable<Schema['certificates']>, 'der'> | undefined> {
  return await read
    .selectFrom('certificates')
    .select([
      'id',
      'account_id',
      'order_id',
      'source',
      'issuer_id',
      'serial',
      'not_before',
      'not_after',
      'key_id',
      'crl_shard',
      'revoked_at',
      'revocation_reason',
      'created_at',
    ])
    .where('id', '=', certificateId)
    .executeTakeFirst()
}

/** The newest certificate that the service made for its own listener and that ends after `until`, with its sealed key. */
export async function findServiceCertificate(
  read: Kysely<Schema>,
  issuerId: string,
  until: number,
): Promise<{ der: Uint8Array; not_after: number; key_id: number | null; account_id: number; sealed: Uint8Array | null } | undefined> {
  return await read
    .selectFrom('certificates')
    .innerJoin('keys', 'keys.id', 'certificates.key_id')
    .select(['certificates.der', 'certificates.not_after', 'certificates.key_id', 'certificates.account_id', 'keys.sealed'])
    .where('certificates.source', '=', 'service')
    .where('certificates.issuer_id', '=', issuerId)
    .where('certificates.not_after', '>', until)
    .where('certificates.revoked_at', 'is', null)
    .orderBy('certificates.id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** All CRLs without their octets. */
export async function listCrls(
  read: Kysely<Schema>,
): Promise<{ issuer_id: string; shard: number; number: number; next_update: number | null }[]> {
  return await read
    .selectFrom('crls')
    .select(['issuer_id', 'shard', 'number', 'next_update'])
    .orderBy('issuer_id')
    .orderBy('shard')
    .execute()
}

/** A certificate that an order of the ACME account was issued, also a revoked one. */
export async function findAcmeCertificate(
  read: Kysely<Schema>,
  acmeAccountId: number,
  certificateId: number,
): Promise<{ der: Uint8Array; issuer_id: string } | undefined> {
  const [row] = await readAcmeCertificate(read, { acmeAccountId, certificateId })
  return row
}

const readAcmeCertificate = prepareRead((read, values: { acmeAccountId: number; certificateId: number }) =>
  read
    .selectFrom('certificates as c')
    .innerJoin('orders as o', 'o.id', 'c.order_id')
    .select(['c.der', 'c.issuer_id'])
    .where('c.id', '=', values.certificateId)
    .where('o.acme_account_id', '=', values.acmeAccountId),
)

/** A certificate of an order by its issuing CA and serial number, lower-case hexadecimal, with what its order says. */
export async function findOrderedCertificate(
  read: Kysely<Schema>,
  issuerId: string,
  serial: string,
): Promise<(Selectable<Schema['certificates']> & { acme_account_id: number | null; domain: string; names: string | null }) | undefined> {
  return await read
    .selectFrom('certificates as c')
    .innerJoin('orders as o', 'o.id', 'c.order_id')
    .selectAll('c')
    .select(['o.acme_account_id', 'o.domain', 'o.names'])
    .where('c.issuer_id', '=', issuerId)
    .where('c.serial', '=', serial)
    .executeTakeFirst()
}

/** When a certificate is valid, ms, by its issuing CA and serial number. */
export async function findValidity(
  read: Kysely<Schema>,
  issuerId: string,
  serial: string,
): Promise<{ id: number; not_before: number; not_after: number; revoked_at: number | null } | undefined> {
  return await read
    .selectFrom('certificates')
    .select(['id', 'not_before', 'not_after', 'revoked_at'])
    .where('issuer_id', '=', issuerId)
    .where('serial', '=', serial)
    .executeTakeFirst()
}
