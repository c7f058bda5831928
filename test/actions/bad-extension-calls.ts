import type { BadInput } from './bad-orders.ts'

type Change = BadInput['change']

/** A refusal of one of our own operations. */
function bad(action: string, title: string, change: Change, says: string, code = 'InvalidParameter', status = 400): BadInput {
  return { title, action, extension: true, change, code, status, says: [says] }
}

const missing = (action: string, name: string, change: Change = {}) =>
  bad(action, `no ${name}`, change, `${name} is mandatory`, `Missing${name}`)

const badIds = { letters: 'abc', zero: '0', 'a fraction': '1.5', 'a sign': '-1', '2^53': '9007199254740992' }
const reject = { OrderId: '1', Decision: 'reject', Reason: 'A reason' }
const approve = { OrderId: '1', Decision: 'approve' }
const nginx = { FileFormat: 'nginx' }

/** Operations that take one id, and what else they need. */
const takingIds: readonly (readonly [action: string, id: string, more: Change])[] = [
  ['ExplainOrder', 'OrderId', {}],
  ['SubmitOrder', 'OrderId', {}],
  ['ReviewOrder', 'OrderId', { Decision: 'reject', Reason: 'A reason' }],
  ['DownloadCertificate', 'CertId', nginx],
]

const idRows = takingIds.flatMap(([action, name, more]) => [
  missing(action, name, more),
  ...Object.entries(badIds).map(([what, value]) => bad(action, `a ${name} of ${what}`, { ...more, [name]: value }, `"${name}"`)),
  bad(action, 'a parameter that it does not have', { ...more, [name]: '1', Region: 'x' }, 'no such parameter'),
])

const noOrder = (action: string, change: Change) =>
  bad(action, 'an OrderId that nobody was given', change, 'order does not exist', 'NotFoundOrder', 404)

const listRows = ['ListReviews', 'ListOrders'].flatMap((action) => [
  ...['0', '-1', '1.5', 'all', '101'].map((MaxResults) => bad(action, `a MaxResults of ${MaxResults}`, { MaxResults }, '"MaxResults"')),
  bad(action, 'a NextToken that no answer held', { NextToken: 'x' }, '"NextToken"'),
  bad(action, 'a parameter that it does not have', { CurrentPage: '1' }, 'no such parameter'),
])

/** Calls of our own operations, each refused for one reason. */
export const badExtensionCalls: readonly BadInput[] = [
  ...idRows,
  ...listRows,
  noOrder('ExplainOrder', { OrderId: '1' }),
  noOrder('SubmitOrder', { OrderId: '1' }),
  noOrder('ReviewOrder', reject),

  missing('CheckDomain', 'Domain'),
  bad('CheckDomain', 'a ProductCode that nobody sells', { Domain: 'www.example.com', ProductCode: 'x' }, 'No such product'),
  bad('CheckDomain', 'a ValidateType in lower case', { Domain: 'www.example.com', ValidateType: 'dns' }, '"ValidateType"'),
  bad('CheckDomain', 'a list of names', { 'Domain.1': 'www.example.com' }, '"Domain"'),
  bad('CheckDomain', 'a parameter that it does not have', { Domain: 'www.example.com', Csr: 'x' }, 'no such parameter'),

  missing('ReviewOrder', 'Decision', { OrderId: '1', Reason: 'A reason' }),
  missing('ReviewOrder', 'Reason', { ...reject, Reason: '  ' }),
  bad('ReviewOrder', 'a Decision that is none', { ...reject, Decision: 'maybe' }, '"Decision"'),
  bad('ReviewOrder', 'a Reason of 501 characters', { ...reject, Reason: 'a'.repeat(501) }, '"Reason"'),
  bad('ReviewOrder', 'a check without a result', { ...approve, 'Checks.1.Name': 'country' }, '"Checks.1.Result"'),
  bad(
    'ReviewOrder',
    'a check with a field that it does not have',
    { ...approve, 'Checks.1.Name': 'country', 'Checks.1.Result': 'passed', 'Checks.1.By': 'me' },
    '"Checks.1',
  ),

  missing('DownloadCertificate', 'FileFormat', { CertId: '1' }),
  bad('DownloadCertificate', 'a FileFormat that is none', { CertId: '1', FileFormat: 'iis' }, '"FileFormat"'),
  bad('DownloadCertificate', 'a FileFormat in capitals', { CertId: '1', FileFormat: 'NGINX' }, '"FileFormat"'),
  bad('DownloadCertificate', 'a ResourceId of another form', { ...nginx, ResourceId: 'cas-1' }, '"ResourceId"'),
  bad('DownloadCertificate', 'two certificates', { ...nginx, CertId: '1', ResourceId: 'cas-cert-1' }, '"ResourceId"'),
  bad('DownloadCertificate', 'a CertId that nobody was given', { ...nginx, CertId: '1' }, 'exist', 'NotFound'),
  bad('DownloadCertificate', 'a ResourceId that nobody was given', { ...nginx, ResourceId: 'cas-cert-1' }, 'exist', 'NotFound'),
]
