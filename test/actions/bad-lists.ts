import type { BadInput } from './bad-orders.ts'

type Change = BadInput['change']

function bad(action: string, title: string, change: Change, says: string, code = 'InvalidParameter', status = 400): BadInput {
  return { title, action, change, code, status, says: [says] }
}

const paged = ['ListUserCertificateOrder', 'ListCertificates', 'ListCert']
const pageRows = paged.flatMap((action) => [
  ...['0', '-1', 'one', '1.5', '1000001'].map((text) => bad(action, `a page of ${text}`, { CurrentPage: text }, '"CurrentPage"')),
  ...['0', '-1', 'all', '101'].map((text) => bad(action, `a size of ${text}`, { ShowSize: text }, '"ShowSize"')),
])

const words: readonly (readonly [action: string, name: string, wrong: string])[] = [
  ['ListUserCertificateOrder', 'OrderType', 'cpack'],
  ['ListUserCertificateOrder', 'Status', 'issued'],
  ['ListUserCertificateOrder', 'ResourceGroupId', 'web'],
  ['ListCertificates', 'CertificateSource', 'buy'],
  ['ListCertificates', 'CertificateStatus', 'ISSUED'],
  ['ListCertificates', 'ResourceGroupId', 'web'],
  ['ListCert', 'Status', 'ISSUED'],
  ['ListCert', 'SourceType', 'UPLOAD'],
  ['ListCert', 'CertType', 'cert'],
  ['ListCert', 'WarehouseId', 'one'],
  ['ListTrusteeOrder', 'OrderId', 'one'],
  ['ListTrusteeOrder', 'CertificateId', 'one'],
]

/** Calls of the lists, each refused for one reason. */
export const badLists: readonly BadInput[] = [
  ...pageRows,
  ...words.map(([action, name, wrong]) => bad(action, `a ${name} of ${wrong}`, { [name]: wrong }, `"${name}"`)),
  ...['CERT', 'UPLOAD'].flatMap((OrderType) =>
    ['PAYED', 'CHECKING', 'REVOKED'].map((Status) =>
      bad('ListUserCertificateOrder', `a Status of ${Status} with ${OrderType}`, { OrderType, Status }, 'a status of orders'),
    ),
  ),
  bad('ListCert', 'a warehouse', { WarehouseId: '1' }, 'warehouse does not exist', 'NotFound'),
  bad('ListCert', '101 Identifiers', { Identifiers: Array.from({ length: 101 }, (_, i) => i + 1).join(',') }, '"Identifiers"'),

  bad('ListTrusteeOrder', 'neither order nor certificate', {}, 'OrderId is mandatory', 'MissingOrderId'),
  bad('ListTrusteeOrder', 'both', { OrderId: '1', CertificateId: '1' }, '"CertificateId"'),
  bad('ListTrusteeOrder', 'an OrderId that nobody was given', { OrderId: '1' }, 'order does not exist', 'NotFoundOrder', 404),
  bad('ListTrusteeOrder', 'a CertificateId that nobody was given', { CertificateId: '1' }, 'certificate does not exist', 'NotFound'),
  ...['0', '101', 'all'].map((MaxResults) =>
    bad('ListTrusteeOrder', `a MaxResults of ${MaxResults}`, { OrderId: '1', MaxResults }, '"MaxResults"'),
  ),
]
