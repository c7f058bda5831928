import type { Kysely } from 'kysely'
import type { Schema } from '../../src/storage/schema.ts'
import { makeAuthority } from '../certificates/make-certificates.ts'
import { makeCsr } from '../orders/make-csr.ts'
import { company } from '../support/action-recipes.ts'
import { generateTestKey } from '../x509/keys.ts'
import type { Thing } from './book.ts'
import { EXTENSIONS } from './client-steps.ts'

const RAM = '2015-05-01'
const IMS = '2019-08-15'
const CAS = '2020-04-07'

/** The mail address of what was changed. */
const changed = 'changed@example.com'

type Call = readonly [action: string, input: Readonly<Record<string, string>>]

/** A kind of thing that one call makes, another one deletes, and a third one may change. */
export interface Kind {
  readonly version: string
  readonly create: (name: string) => Call
  readonly remove: (thing: Thing) => Call
  readonly change?: (thing: Thing) => Call
  /** Where the answer names it by an id; absent: the name names it, and is its only one. */
  readonly id?: string
  /** The names of all that exist; of what has a change, whether it is made. */
  readonly list: (db: Kysely<Schema>) => Promise<readonly { readonly name: string; readonly changed?: boolean }[]>
}

const document = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'oss:Get*', Resource: '*' }] })
const trust = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: ['acs:ram::1234567890123456:root'] } }],
})
const uploaded = await makeAuthority('things.example.com')
const csrKey = generateTestKey('P-256')
const csrKeyPem = csrKey.privateKey.export({ type: 'pkcs8', format: 'pem' })
const listCsrs: Kind['list'] = async (db) =>
  (await db.selectFrom('csrs').select(['name', 'key_sealed']).execute()).map(({ name, key_sealed: key }) => ({
    name,
    changed: key !== null,
  }))

/** Things by kind. */
export const kinds: Readonly<Record<string, Kind>> = {
  user: {
    version: RAM,
    create: (UserName) => ['CreateUser', { UserName }],
    remove: ({ name }) => ['DeleteUser', { UserName: name }],
    list: (db) => db.selectFrom('ram_users').select('name').execute(),
  },
  group: {
    version: RAM,
    create: (GroupName) => ['CreateGroup', { GroupName }],
    remove: ({ name }) => ['DeleteGroup', { GroupName: name }],
    list: (db) => db.selectFrom('ram_groups').select('name').execute(),
  },
  role: {
    version: RAM,
    create: (RoleName) => ['CreateRole', { RoleName, AssumeRolePolicyDocument: trust }],
    remove: ({ name }) => ['DeleteRole', { RoleName: name }],
    list: (db) => db.selectFrom('ram_roles').select('name').execute(),
  },
  policy: {
    version: RAM,
    create: (PolicyName) => ['CreatePolicy', { PolicyName, PolicyDocument: document }],
    remove: ({ name }) => ['DeletePolicy', { PolicyName: name }],
    list: (db) => db.selectFrom('ram_policies').select('name').execute(),
  },
  provider: {
    version: IMS,
    create: (OIDCProviderName) => ['CreateOIDCProvider', { OIDCProviderName, IssuerUrl: `https://${OIDCProviderName}.example` }],
    remove: ({ name }) => ['DeleteOIDCProvider', { OIDCProviderName: name }],
    list: (db) => db.selectFrom('oidc_providers').select('name').execute(),
  },
  contact: {
    version: CAS,
    create: (Name) => ['CreateContact', { Name, Mobile: '13900001234' }],
    remove: ({ id }) => ['DeleteContact', { ContactId: id ?? '' }],
    change: ({ id }) => ['UpdateContact', { ContactId: id ?? '', Email: changed }],
    id: 'ContactId',
    list: async (db) =>
      (await db.selectFrom('contacts').select(['name', 'email']).execute()).map(({ name, email }) => ({
        name,
        changed: email === changed,
      })),
  },
  company: {
    version: CAS,
    create: (CompanyName) => ['CreateCompany', { ...company, CompanyName }],
    remove: ({ id }) => ['DeleteCompany', { CompanyId: id ?? '' }],
    change: ({ id, name }) => ['UpdateCompany', { ...company, CompanyId: id ?? '', CompanyName: name, CompanyEmail: changed }],
    id: 'CompanyId',
    list: async (db) =>
      (await db.selectFrom('companies').select(['name', 'email']).execute()).map(({ name, email }) => ({
        name,
        changed: email === changed,
      })),
  },
  upload: {
    version: CAS,
    create: (Name) => ['UploadUserCertificate', { Name, Cert: uploaded.cert, Key: uploaded.key }],
    remove: ({ id }) => ['DeleteUserCertificate', { CertId: id ?? '' }],
    id: 'CertId',
    list: (db) =>
      db.selectFrom('certificate_cards').select('name').where('source', '=', 'upload').where('deleted_at', 'is', null).execute(),
  },
  eabKey: {
    version: EXTENSIONS,
    create: (Name) => ['CreateEabKey', { Name, 'Products.1': 'crash-acme' }],
    remove: ({ id }) => ['DeleteEabKey', { KeyId: id ?? '' }],
    id: 'KeyId',
    list: (db) => db.selectFrom('eab_keys').select('name').where('status', '!=', 'Deleted').execute(),
  },
  csr: {
    version: CAS,
    create: (Name) => [
      'CreateCsr',
      { Name, Algorithm: 'ECC', KeySize: '256', CommonName: 'csr.example.com', CountryCode: 'GB', Province: 'London', Locality: 'London' },
    ],
    remove: ({ id }) => ['DeleteCsr', { CsrId: id ?? '' }],
    id: 'CsrId',
    list: listCsrs,
  },
  uploadedCsr: {
    version: CAS,
    create: (Name) => ['UploadCsr', { Name, Csr: makeCsr('csr.example.com', csrKey) }],
    remove: ({ id }) => ['DeleteCsr', { CsrId: id ?? '' }],
    change: ({ id }) => ['UpdateCsr', { CsrId: id ?? '', Key: csrKeyPem }],
    id: 'CsrId',
    list: listCsrs,
  },
}
