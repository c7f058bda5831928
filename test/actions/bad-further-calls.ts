import type { BadInput } from './bad-orders.ts'

type Change = BadInput['change']

function bad(action: string, title: string, change: Change, says: string, code = 'InvalidParameter', status = 400): BadInput {
  return { title, action, change, code, status, says: [says] }
}

/** Operations that take one id, and what else they need. */
const takingIds: readonly (readonly [string, string, Change?])[] = [
  ['CancelOrderRequest', 'OrderId'],
  ['DeleteCertificateRequest', 'OrderId'],
  ['CancelCertificateForPackageRequest', 'OrderId'],
  ['RenewCertificateOrderForPackageRequest', 'OrderId'],
  ['GetCertificateDetail', 'CertificateId'],
  ['DeleteUserCertificate', 'CertId'],
  ['GetContact', 'ContactId'],
  ['UpdateContact', 'ContactId', { Name: 'Tom' }],
  ['DeleteContact', 'ContactId'],
  ['GetCompany', 'CompanyId'],
  ['DeleteCompany', 'CompanyId'],
  ['GetCsrDetail', 'CsrId'],
  ['UpdateCsr', 'CsrId', { Key: 'key' }],
  ['DeleteCsr', 'CsrId'],
]

const badIds = { letters: 'abc', zero: '0', 'a fraction': '1.5', 'a sign': '-1', '2^53': '9007199254740992' }

const badIdRows = takingIds.flatMap(([action, name, more = {}]) => [
  bad(action, `no ${name}`, more, `${name} is mandatory`, `Missing${name}`),
  ...Object.entries(badIds).map(([what, value]) => bad(action, `a ${name} of ${what}`, { ...more, [name]: value }, `"${name}"`)),
])

const orders = [
  'CancelOrderRequest',
  'DeleteCertificateRequest',
  'CancelCertificateForPackageRequest',
  'RenewCertificateOrderForPackageRequest',
]
const noOrderRows = orders.map((action) =>
  bad(action, 'an OrderId that nobody was given', { OrderId: '1' }, 'order does not exist', 'NotFoundOrder', 404),
)

const contact = { Name: 'Tom', Mobile: '13900001234' }
const withCsr = { Username: 'Tom', Phone: '13900001234', Email: 'tom@example.com', ValidateType: 'DNS', Csr: 'no CSR' }
const csr = {
  Algorithm: 'RSA',
  KeySize: '2048',
  CommonName: 'www.example.com',
  CountryCode: 'CN',
  Province: 'Zhejiang',
  Locality: 'Hangzhou',
}
const instance = { ResourceType: 'instance' }
/** Each with all that it needs but `ResourceType`. */
const typed: readonly (readonly [string, Change])[] = [
  ['TagResources', { 'ResourceId.1': 'cas-cert-1', 'Tag.1.Key': 'k' }],
  ['UntagResources', { 'ResourceId.1': 'cas-cert-1', All: 'true' }],
  ['ListTagResources', { 'ResourceId.1': 'cas-cert-1' }],
  ['ListTagKeys', {}],
  ['MoveResourceGroup', { ResourceId: 'cas-cert-1', ResourceGroupId: 'rg-1' }],
]
const left = (all: Change, name: string): Change => ({ ...all, [name]: undefined })

const missingRows = [
  ...Object.keys(withCsr).map((name) => ['CreateCertificateWithCsrRequest', name, withCsr] as const),
  ...Object.keys(contact).map((name) => ['CreateContact', name, contact] as const),
  ...Object.keys(csr).map((name) => ['CreateCsr', name, csr] as const),
  ['UploadCsr', 'Csr', {}] as const,
  ['UploadUserCertificate', 'Name', {}] as const,
  ...typed.map(([action, more]) => [action, 'ResourceType', more] as const),
].map(([action, name, all]) => bad(action, `no ${name}`, left(all, name), `${name} is mandatory`, `Missing${name}`))

/** Calls of the further operations, each refused for one reason. */
export const badFurtherCalls: readonly BadInput[] = [
  ...badIdRows,
  ...noOrderRows,
  ...missingRows,
  bad('CreateCertificateWithCsrRequest', 'a Csr that is none', withCsr, '"Csr"'),
  bad('CreateCertificateWithCsrRequest', 'a ValidateType in lower case', { ...withCsr, ValidateType: 'dns' }, '"ValidateType"'),
  bad('RenewCertificateOrderForPackageRequest', 'a Submit that is neither true nor false', { OrderId: '1', Submit: 'yes' }, '"Submit"'),
  bad('GetUserCertificateDetail', 'a CertFilter that is neither true nor false', { CertId: '1', CertFilter: 'yes' }, '"CertFilter"'),
  bad('GetUserCertificateDetail', 'a ResourceId of another form', { ResourceId: 'cas-1' }, '"ResourceId"'),
  bad('CreateCsr', 'a KeySize of letters', { ...csr, KeySize: 'big' }, '"KeySize"'),
  bad('CreateCsr', 'an Algorithm that is none', { ...csr, Algorithm: 'DSA' }, '"Algorithm"'),
  bad('ListCsr', 'an Algorithm that is none', { Algorithm: 'DSA' }, '"Algorithm"'),
  ...typed.map(([action, more]) =>
    bad(action, 'an empty ResourceType', { ...more, ResourceType: '' }, 'ResourceType is mandatory', 'MissingResourceType'),
  ),
  bad('ListTagResources', 'a ResourceType that is none', { ResourceType: 'host' }, '"ResourceType"'),
  bad('TagResources', 'a ResourceType that is none', { ResourceType: 'host' }, '"ResourceType"'),
  bad('UntagResources', 'an All that is neither true nor false', { ...instance, All: 'yes' }, '"All"'),
  bad('ListTagKeys', 'a MaxResults of letters', { ...instance, MaxResults: 'all' }, '"MaxResults"'),
  bad('MoveResourceGroup', 'no ResourceId', { ...instance, ResourceGroupId: 'rg-1' }, 'ResourceId is mandatory', 'MissingResourceId'),
  ...['ListContact', 'ListCompanies', 'ListCsr'].flatMap((action) => [
    bad(action, 'a page of zero', { CurrentPage: '0' }, '"CurrentPage"'),
    bad(action, 'a page of letters', { CurrentPage: 'one' }, '"CurrentPage"'),
    bad(action, 'a size beyond the limit', { ShowSize: '1001' }, '"ShowSize"'),
  ]),
]
