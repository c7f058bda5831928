import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { startDnsServer } from '../../demo/dns-server.ts'
import { openDomainControl } from '../../src/validation/domain-control.ts'
import { createDnsClient } from '../../src/validation/net/dns-client.ts'

const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA'
const keyAuthorization = `${token}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`
const expected = createHash('sha256').update(keyAuthorization).digest('base64url')
const record = '_acme-challenge.example.com'
const never = new AbortController().signal

async function check(
  txt: Readonly<Record<string, readonly string[]>>,
  cnames: Readonly<Record<string, string>> = {},
  identifier = 'example.com',
) {
  const server = await startDnsServer({ txt })
  for (const [name, target] of Object.entries(cnames)) server.setCname(name, target)
  const client = createDnsClient({ resolvers: [server], timeoutMs: 500, tries: 1, randomBytes })
  try {
    return await openDomainControl({ client }).check({ method: 'dns-01', identifier, token, keyAuthorization, accountId: 1 }, never)
  } finally {
    await server.close()
  }
}

describe('a dns-01 challenge', () => {
  it('62. holds for the digest of the key authorization at _acme-challenge, and keeps what was asked (RFC 8555 8.4)', async () => {
    const attempt = await check({ [record]: [expected] })
    assert.equal(attempt.proven, true)
    assert.match(attempt.message, /^Asked for TXT at _acme-challenge\.example\.com of 127\.0\.0\.1:\d+: the expected value is there\.$/)
    assert.equal(attempt.evidence.method, 'dns-01')
    assert.deepEqual(
      attempt.evidence.queries.map(({ name, type, rcode }) => ({ name, type, rcode })),
      [{ name: record, type: 'TXT', rcode: 'NOERROR' }],
    )
    assert.deepEqual(JSON.parse(JSON.stringify(attempt.evidence)), attempt.evidence)
  })

  it('62. holds beside other values, as those of a name and of its wildcard are at one place (RFC 8555 8.4)', async () => {
    assert.equal((await check({ [record]: ['another', expected, 'v=spf1 -all'] })).proven, true)
  })

  it('62. holds at the end of CNAMEs (BR 3.2.2.4.7)', async () => {
    const attempt = await check(
      { 'there.example.net': [expected] },
      { [record]: 'here.example.net', 'here.example.net': 'there.example.net' },
    )
    assert.equal(attempt.proven, true)
    assert.match(attempt.message, /through the CNAME to "here\.example\.net", "there\.example\.net"/)
  })

  it('62. does not hold for the key authorization itself, its other encodings or another digest, and shows the records (RFC 8555 8.4)', async () => {
    const digest = createHash('sha256').update(keyAuthorization).digest()
    const tokenAlone = createHash('sha256').update(token).digest('base64url')
    for (const value of [
      keyAuthorization,
      token,
      digest.toString('hex'),
      `${expected}=`,
      ` ${expected}`,
      expected.toLowerCase(),
      tokenAlone,
    ]) {
      const attempt = await check({ [record]: [value] })
      assert.deepEqual([attempt.proven, attempt.failure], [false, 'wrongValue'], value)
      assert.ok(attempt.message.includes(`seen "${value}"`), attempt.message)
    }
  })

  it('is not looked for where DNS proofs of the other door are', async () => {
    const attempt = await check({ '_dnsauth.example.com': [expected], 'example.com': [expected] })
    assert.deepEqual([attempt.proven, attempt.failure], [false, 'nxdomain'])
  })

  it('86. never proves an address (RFC 8738 7)', async () => {
    const attempt = await check({ '_acme-challenge.127.0.0.1': [expected] }, {}, '127.0.0.1')
    assert.deepEqual([attempt.proven, attempt.evidence.queries], [false, []])
  })
})
