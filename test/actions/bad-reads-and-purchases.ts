import type { BadInput } from './bad-orders.ts'

type Rule = Pick<BadInput, 'change' | 'says'> & Partial<Pick<BadInput, 'code' | 'status'>>

function bad(action: string, title: string, rule: Rule): BadInput {
  return { title, action, code: 'InvalidParameter', status: 400, ...rule }
}

const describeState = (title: string, rule: Rule) => bad('DescribeCertificateState', title, rule)
const describePackage = (title: string, rule: Rule) => bad('DescribePackageState', title, rule)
const purchase = (title: string, rule: Rule) => ({ ...bad('PurchasePackage', title, rule), extension: true as const })
const check = (title: string, rule: Rule) => ({ ...bad('CheckValidation', title, rule), extension: true as const })

const wrongId = (OrderId: string) => ({ change: { OrderId }, says: ['"OrderId"', 'whole number'] })
const noOrder = (OrderId: string) => ({ change: { OrderId }, says: ['order does not exist'], code: 'NotFoundOrder', status: 404 })
const wrongCount = (Count: string) => ({ change: { Count }, says: ['"Count"', 'whole number'] })

/** Readings and purchases that are refused. */
export const badReadsAndPurchases: readonly BadInput[] = [
  describeState('no OrderId', { change: { OrderId: undefined }, says: ['OrderId is mandatory'], code: 'MissingOrderId' }),
  describeState('an empty OrderId', { change: { OrderId: '' }, says: ['OrderId is mandatory'], code: 'MissingOrderId' }),
  describeState('an OrderId of letters', wrongId('abc')),
  describeState('a negative OrderId', wrongId('-1')),
  describeState('an OrderId of zero', wrongId('0')),
  describeState('an OrderId with a fraction', wrongId('1.5')),
  describeState('an OrderId with an exponent', wrongId('1e3')),
  describeState('an OrderId in hexadecimal', wrongId('0x10')),
  describeState('an OrderId with a blank', wrongId(' 1')),
  describeState('an OrderId of 2^53, which numbers of JavaScript cannot tell from its neighbour', wrongId('9007199254740992')),
  describeState('the OrderId of the public sample, beyond 2^53', wrongId('98987582437920968')),
  describeState('an OrderId in digits of another script', wrongId('１')),
  describeState('two OrderIds', { change: { OrderId: undefined, 'OrderId.1': '1', 'OrderId.2': '2' }, says: ['"OrderId"'] }),
  describeState('an OrderId that nobody was given', noOrder('1')),
  describeState('the largest OrderId', noOrder('9007199254740991')),

  describePackage('a ProductCode that nobody sells', { change: { ProductCode: 'x' }, says: ['"ProductCode"', 'No such product'] }),
  describePackage('a ProductCode as a list', { change: { ProductCode: undefined, 'ProductCode.1': 'x' }, says: ['"ProductCode"'] }),
  describePackage('a ProductCode with a blank after it', { change: { ProductCode: 'digicert-free-1-free ' }, says: ['"ProductCode"'] }),

  purchase('no ProductCode', {
    change: { ProductCode: undefined },
    says: ['ProductCode is mandatory'],
    code: 'MissingProductCode',
  }),
  purchase('an empty ProductCode', { change: { ProductCode: '' }, says: ['ProductCode is mandatory'], code: 'MissingProductCode' }),
  purchase('a ProductCode that nobody sells', { change: { ProductCode: 'x' }, says: ['"ProductCode"', 'No such product'] }),
  purchase('no Count', { change: { Count: undefined }, says: ['Count is mandatory'], code: 'MissingCount' }),
  purchase('a Count of zero', wrongCount('0')),
  purchase('a negative Count', wrongCount('-1')),
  purchase('a Count with a fraction', wrongCount('1.5')),
  purchase('a Count of letters', wrongCount('five')),
  purchase('a Count beyond a million', wrongCount('1000001')),
  purchase('a Count of twenty digits', wrongCount('1'.repeat(20))),
  purchase('a ClientToken of 65 characters', { change: { ClientToken: 'a'.repeat(65) }, says: ['"ClientToken"', '64'] }),
  purchase('a parameter that it does not have', { change: { Quantity: '5' }, says: ['"Quantity"', 'no such parameter'] }),
  purchase('a list that it does not have', { change: { 'Tags.1.Key': 'k' }, says: ['"Tags"', 'no such parameter'] }),

  check('no OrderId', { change: { OrderId: undefined }, says: ['OrderId is mandatory'], code: 'MissingOrderId' }),
  check('an OrderId of letters', wrongId('abc')),
  check('an OrderId that nobody was given', noOrder('1')),
  check('a parameter that it does not have', { change: { Domain: 'www.example.com' }, says: ['"Domain"', 'no such parameter'] }),
]
