/** One input that has to be refused. */
export interface BadInput {
  readonly title: string
  readonly action: string
  /** Ours, or the original's if absent. */
  readonly extension?: true
  /** What differs from a good call; undefined leaves a parameter out. */
  readonly change: Readonly<Record<string, string | undefined>>
  readonly code: string
  readonly status: number
  /** What the message has to hold, the name of the parameter first. */
  readonly says: readonly string[]
}

type Change = BadInput['change']

const wildcardProduct = { ProductCode: 'geotrust-dv-w-starter' }
const long = (length: number) => 'a'.repeat(length)
/** A name of so many characters, of labels that are not too long. */
const longName = (length: number) => `${`${long(49)}.`.repeat(4)}${long(length - 204)}.com`

function order(title: string, change: Change, says: string | readonly string[], answer: { code?: string; status?: number } = {}): BadInput {
  const { code = 'InvalidParameter', status = 400 } = answer
  return { title, action: 'CreateCertificateRequest', change, code, status, says: typeof says === 'string' ? [says] : says }
}

function missing(title: string, change: Change, name: string): BadInput {
  return order(title, change, `${name} is mandatory for this action.`, { code: `Missing${name}` })
}

const domain = (title: string, Domain: string, rule: string, more: Change = {}) => order(title, { ...more, Domain }, ['"Domain"', rule])
const email = (title: string, Email: string, rule = 'name@example.com') => order(title, { Email }, ['"Email"', rule])
const phone = (title: string, Phone: string, rule: string) => order(title, { Phone }, ['"Phone"', rule])
const tag = (title: string, change: Change, name: string, rule: string) => order(title, change, [`"${name}"`, rule])
const manyTags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`Tags.${i + 1}.Key`, `key-${i}`]))

/** Applications that are refused, each by the one rule that it breaks. */
export const badOrders: readonly BadInput[] = [
  missing('no Domain', { Domain: undefined }, 'Domain'),
  missing('an empty Domain', { Domain: '' }, 'Domain'),
  missing('no Username', { Username: undefined }, 'Username'),
  missing('a Username of blanks', { Username: '  ' }, 'Username'),
  missing('no Phone', { Phone: undefined }, 'Phone'),
  missing('an empty Phone', { Phone: '' }, 'Phone'),
  missing('no Email', { Email: undefined }, 'Email'),
  missing('an Email of blanks', { Email: ' ' }, 'Email'),
  missing('no ValidateType', { ValidateType: undefined }, 'ValidateType'),
  missing('an empty ValidateType', { ValidateType: '' }, 'ValidateType'),
  missing('something missing and something wrong', { Email: undefined, Domain: 'not a name' }, 'Email'),

  order('a ValidateType in lower case', { ValidateType: 'dns' }, '"ValidateType"'),
  order('the ValidateType of the newer operations', { ValidateType: 'HTTP' }, '"ValidateType"'),
  order('FILE for a wildcard', { ...wildcardProduct, Domain: '*.example.com', ValidateType: 'FILE' }, ['"ValidateType"', 'wildcard']),
  order('a ProductCode that nobody sells', { ProductCode: 'digicert-free-2-free' }, ['"ProductCode"', 'No such product']),
  order('a ProductCode in capitals', { ProductCode: 'DIGICERT-FREE-1-FREE' }, '"ProductCode"'),
  order('a ProductCode with a name that every object has', { ProductCode: '__proto__' }, '"ProductCode"'),
  order('a ProductCode as a list', { ProductCode: undefined, 'ProductCode.1': 'digicert-free-1-free' }, '"ProductCode"'),
  order('an OV product', { ProductCode: 'symantec-ov-1-personal' }, ['symantec-ov-1-personal', 'OV'], {
    code: 'OperationDenied.ProductLevel',
  }),
  order('an OV product whose code says EV', { ProductCode: 'cfca-ev-w-advanced' }, ['cfca-ev-w-advanced', 'OV'], {
    code: 'OperationDenied.ProductLevel',
  }),
  order('an EV product', { ProductCode: 'symantec-ev-1-premium' }, ['symantec-ev-1-premium', 'EV'], {
    code: 'OperationDenied.ProductLevel',
  }),
  order('a product that was never bought', { ProductCode: 'globalsign-dv-1-personal' }, 'globalsign-dv-1-personal', {
    code: 'NotFoundPackage',
    status: 404,
  }),
  order('a KeyAlgorithm that is too weak', { KeyAlgorithm: 'RSA_1024' }, ['"KeyAlgorithm"', 'RSA_2048']),
  order('a KeyAlgorithm that is not made here', { KeyAlgorithm: 'SM2' }, ['"KeyAlgorithm"', 'ECC_256']),
  order('a ClientToken of 65 characters', { ClientToken: long(65) }, ['"ClientToken"', '64']),
  order('a ClientToken with a blank', { ClientToken: 'a b' }, '"ClientToken"'),
  order('a ClientToken beyond ASCII', { ClientToken: 'jeton-é' }, '"ClientToken"'),

  domain('a wildcard for a product of single names', '*.example.com', 'single name'),
  domain('a single name for a wildcard product', 'www.example.com', 'wildcard name', wildcardProduct),
  domain('two wildcard labels', '*.*.example.com', 'exactly one "*"', wildcardProduct),
  domain('a wildcard in the middle', 'www.*.example.com', 'exactly one "*"', wildcardProduct),
  domain('a part of a label as wildcard', 'www*.example.com', 'exactly one "*"', wildcardProduct),
  domain('a wildcard over a public suffix', '*.co.uk', 'public suffix', wildcardProduct),
  domain('a public suffix', 'co.uk', 'public suffix'),
  domain('a top-level domain', 'com', 'public suffix'),
  domain('a host name without a domain', 'webserver', 'two labels'),
  domain('a name outside the public DNS', 'db.corp', 'top-level domain'),
  domain('an onion name', 'example.onion', '.onion'),
  domain('a name of the reverse tree', '1.2.0.192.in-addr.arpa', 'in-addr.arpa'),
  domain('an IPv4 address', '192.0.2.1', 'IP addresses'),
  domain('an IPv6 address', '2001:db8::1', 'IP addresses'),
  domain('an IPv6 address in brackets', '[2001:db8::1]', 'IP addresses'),
  domain('an IPv4 address in short form', '127.1', 'IP addresses'),
  domain('an IPv4 address in hexadecimal', '0x7f.0x0.0x0.0x1', 'IP addresses'),
  domain('a URL', 'https://www.example.com', 'scheme'),
  domain('a name with a path', 'www.example.com/index.html', 'path'),
  domain('a name with a port', 'www.example.com:443', 'port'),
  domain('a mail address', 'hostmaster@example.com', 'mail address'),
  domain('two names', 'www.example.com,example.com', 'exactly one name'),
  domain('two names with a semicolon', 'www.example.com;example.com', 'exactly one name'),
  domain('a blank in the name', 'www example.com', 'blanks'),
  domain('a line break after the name', 'www.example.com\n', 'control characters'),
  domain('a NUL in the name', 'www.example.com\0.example.net', 'NUL'),
  domain('an empty label', 'www..example.com', 'empty labels'),
  domain('a leading dot', '.example.com', 'empty labels'),
  domain('two trailing dots', 'www.example.com..', 'empty labels'),
  domain('a label of 64 characters', `${long(64)}.example.com`, '63 characters'),
  domain('a name of 254 characters', longName(254), '253 characters'),
  domain('a name too long for a record below it', longName(245), 'too long for a DNS record'),
  domain('an underscore', '_dmarc.example.com', 'underscore'),
  domain('a label that begins with a hyphen', '-www.example.com', 'begins nor ends'),
  domain('a label that ends with a hyphen', 'www-.example.com', 'begins nor ends'),
  domain('a reserved kind of label', 'ab--cd.example.com', 'third and fourth'),
  domain('an A-label of nothing', 'xn--0.example.com', 'xn--'),
  domain('a character that IDNA forbids', 'www\u202e.example.com', 'IDNA'),

  email('an Email without @', 'applicant'),
  email('an Email without a domain', 'applicant@'),
  email('an Email without a name', '@example.com'),
  email('an Email at a host without a domain', 'applicant@localhost'),
  email('an Email with a blank', 'an applicant@example.com'),
  email('an Email at an address', 'applicant@192.0.2.1'),
  email('two Emails', 'a@example.com,b@example.com'),
  email('an Email with a line break', 'a@example.com\r\nBcc: b@example.com'),
  email('an Email whose name is too long', `${long(65)}@example.com`),
  email('an Email of 255 characters', `a@${long(60)}.${long(60)}.${long(60)}.${long(63)}.example`, '254 characters'),
  phone('a Phone of four digits', '1234', '5 to 32'),
  phone('a Phone of 33 digits', '1'.repeat(33), '5 to 32'),
  phone('a Phone of letters', 'call me', 'digits'),
  phone('a Phone without a digit', '-----', 'digits'),
  phone('a Phone of digits of another script', '１３９０００', 'digits'),
  order('a Username of 65 characters', { Username: long(65) }, ['"Username"', '64 characters']),
  order('a Username with a line break', { Username: 'Tom\nTom' }, ['"Username"', 'control characters']),
  order('a Username with a mark that turns the writing', { Username: 'Tom\u202eTom' }, ['"Username"', 'control characters']),

  tag('21 tags', manyTags(21), 'Tags', 'At most 20'),
  order('a tag without a key', { 'Tags.1.Value': 'v' }, 'Tags.1.Key is mandatory', { code: 'MissingTags.1.Key' }),
  order('a tag with an empty key', { 'Tags.1.Key': '' }, 'Tags.1.Key is mandatory', { code: 'MissingTags.1.Key' }),
  tag('a tag key of 65 characters', { 'Tags.1.Key': long(65) }, 'Tags.1.Key', '64 characters'),
  tag('a tag key that begins with a digit', { 'Tags.1.Key': '1st' }, 'Tags.1.Key', 'begins with a letter'),
  tag('a tag key with a blank', { 'Tags.1.Key': 'a key' }, 'Tags.1.Key', 'consists of'),
  tag('a tag key in another script', { 'Tags.1.Key': 'k密钥' }, 'Tags.1.Key', 'consists of'),
  tag('a tag key that begins with aliyun', { 'Tags.1.Key': 'aliyun-x' }, 'Tags.1.Key', 'aliyun'),
  tag('a tag key that begins with ALIYUN', { 'Tags.1.Key': 'ALIYUN.x' }, 'Tags.1.Key', 'aliyun'),
  tag("a system's tag key", { 'Tags.1.Key': 'acs:rm:rgId' }, 'Tags.1.Key', 'acs:'),
  tag('a tag key with a web address', { 'Tags.1.Key': 'x-http://y' }, 'Tags.1.Key', 'http://'),
  tag('a tag value of 129 characters', { 'Tags.1.Key': 'k', 'Tags.1.Value': long(129) }, 'Tags.1.Value', '128 characters'),
  tag('a tag value with a blank', { 'Tags.1.Key': 'k', 'Tags.1.Value': 'a b' }, 'Tags.1.Value', 'consists of'),
  tag('a tag value that begins with acs:', { 'Tags.1.Key': 'k', 'Tags.1.Value': 'acs:x' }, 'Tags.1.Value', 'acs:'),
  tag('a tag value with a web address', { 'Tags.1.Key': 'k', 'Tags.1.Value': 'https://x' }, 'Tags.1.Value', 'https://'),
  tag('a tag key twice', { 'Tags.1.Key': 'k', 'Tags.2.Key': 'k' }, 'Tags.2.Key', 'once'),
  tag('tags as a text', { Tags: 'k=v' }, 'Tags', 'array'),
  tag('a tag as a text', { 'Tags.1': 'k' }, 'Tags.1', 'object'),
  tag('tags as text and list', { 'Tags.1': 'k', 'Tags.1.Key': 'k' }, 'Tags.1.Key', 'value and as a list'),
  tag('tags at place 0', { 'Tags.0.Key': 'k' }, 'Tags.0', '1 to 1000'),
  tag('tags at place 1001', { 'Tags.1001.Key': 'k' }, 'Tags.1001', '1 to 1000'),
  tag('a tag at a name', { 'Tags.1.Key': 'k', 'Tags.Key': 'k' }, 'Tags', 'at once'),
  tag('a list as tag key', { 'Tags.1.Key.1': 'k' }, 'Tags.1.Key', 'string'),
  tag('a tag below too many parts', { 'Tags.1.Key.1.1': 'k' }, 'Tags.1.Key.1.1', 'at most 4'),
  tag('a tag at the name of a prototype', { 'Tags.__proto__.Key': 'k' }, 'Tags.__proto__.Key', 'not allowed'),
]
