import { makeCsr } from '../orders/make-csr.ts'
import { runOpenssl } from '../x509/openssl.ts'
import type { BadInput } from './bad-orders.ts'

type Change = BadInput['change']

const applicant = { Username: 'An Applicant', Phone: '13900001234', Email: 'applicant@example.com' }
const single = { ...applicant, ProductCode: 'geotrust-dv-1-starter' }
const wildcard = { ...applicant, ProductCode: 'geotrust-dv-w-starter' }
const organization = { ...applicant, ProductCode: 'symantec-ov-1-personal', Domain: 'www.example.com' }
const names = (count: number, prefix = 'n') => Array.from({ length: count }, (_, n) => `${prefix}${n}.example.com`).join(',')
const shortKey = await runOpenssl(['req', '-new', '-newkey', 'rsa:1024', '-nodes', '-keyout', '/dev/null', '-subj', '/CN=www.example.com'])
const good = { ...single, Domain: 'www.example.com' }

function bad(title: string, change: Change, says: string | readonly string[], code = 'InvalidParameter', status = 400): BadInput {
  return { title, action: 'CreateCertificateForPackageRequest', change, code, status, says: typeof says === 'string' ? [says] : says }
}

const domain = (title: string, change: Change, rule: string) => bad(title, change, ['"Domain"', rule])
const csr = (title: string, Csr: string, rule: string, more: Change = single) => bad(title, { ...more, Csr }, ['"Csr"', rule])

/** Applications of several names, of any product, with or without a CSR, that are refused. */
export const badPlacing: readonly BadInput[] = [
  bad('neither names nor a CSR', single, 'Domain is mandatory', 'MissingDomain'),
  domain('six names', { ...single, Domain: names(6) }, 'at most 5 names'),
  domain('six wildcard names', { ...wildcard, Domain: names(6, '*.n') }, 'at most 5 names'),
  domain('two names for a product of one', { ...applicant, Domain: names(2) }, 'at most 1 name'),
  domain('a wildcard among single names', { ...single, Domain: `${names(2)},*.example.com` }, 'single name'),
  domain('a single name among wildcards', { ...wildcard, Domain: '*.a.example.com,www.example.com' }, 'wildcard name'),
  domain('nothing between two commas', { ...single, Domain: 'a.example.com,,b.example.com' }, 'two commas'),
  domain('a comma at the end', { ...single, Domain: 'a.example.com,' }, 'two commas'),
  domain('names with a semicolon', { ...single, Domain: 'a.example.com;b.example.com' }, 'exactly one name'),
  domain('a wrong name among good ones', { ...single, Domain: 'a.example.com,b_c.example.com' }, 'underscore'),
  domain('a public suffix among good names', { ...single, Domain: 'a.example.com,co.uk' }, 'public suffix'),
  bad('FILE for wildcard names', { ...wildcard, Domain: '*.a.example.com,*.b.example.com', ValidateType: 'FILE' }, [
    '"ValidateType"',
    'wildcard',
  ]),
  bad('a ValidateType in lower case', { ...good, ValidateType: 'dns' }, '"ValidateType"'),
  bad('a ProductCode that nobody sells', { ...good, ProductCode: 'geotrust-dv-9-starter' }, ['"ProductCode"', 'No such product']),
  bad(
    'a product that was never bought',
    { ...good, ProductCode: 'globalsign-dv-1-personal' },
    'globalsign-dv-1-personal',
    'NotFoundPackage',
    404,
  ),
  bad('an OV order where there is no company', organization, ['"CompanyName"', 'CreateCompany']),
  bad('an OV order of a company that nobody made', { ...organization, CompanyName: 'Nobody Ltd' }, ['"CompanyName"', 'No company']),
  bad('an EV order where there is no company', { ...organization, ProductCode: 'symantec-ev-1-premium' }, '"CompanyName"'),
  csr('a Csr that is none', 'no CSR', 'PKCS #10'),
  csr('a Csr without a CN', makeCsr(undefined), 'exactly one CN'),
  csr('a Csr of a key that is too short', shortKey, 'cannot be certified'),
  csr('a Csr whose CN is no name', makeCsr('my server'), 'blanks'),
  csr('a Csr of a wildcard for single names', makeCsr('*.example.com'), 'single name'),
  csr('a Csr of a single name for wildcards', makeCsr('www.example.com'), 'wildcard name', wildcard),
  csr('two CSRs', makeCsr('a.example.com') + makeCsr('b.example.com'), 'one PEM block'),
  bad('a KeyAlgorithm beside a Csr', { ...single, Csr: makeCsr('www.example.com'), KeyAlgorithm: 'ECC_256' }, '"KeyAlgorithm"'),
  bad('a KeyAlgorithm that is not made here', { ...good, KeyAlgorithm: 'SM2' }, '"KeyAlgorithm"'),
  bad('no Username where there is no contact', { ...good, Username: undefined }, 'Username is mandatory', 'MissingUsername'),
  bad('no Phone where there is no contact', { ...good, Phone: '' }, 'Phone is mandatory', 'MissingPhone'),
  bad('no Email where there is no contact', { ...good, Email: undefined }, 'Email is mandatory', 'MissingEmail'),
  bad('an Email without a domain', { ...good, Email: 'applicant@' }, '"Email"'),
  bad('a tag key of 65 characters without a Csr', { ...good, 'Tags.1.Key': 'k'.repeat(65) }, ['"Tags.1.Key"', '64 characters']),
  bad('a ClientToken with a blank', { ...good, ClientToken: 'a b' }, '"ClientToken"'),
]
