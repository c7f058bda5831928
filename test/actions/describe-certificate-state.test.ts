import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { it } from 'node:test'
import type { ProofAttempt } from '../../src/validation/proof.ts'
import { application, describeService, type TestService, until } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { setOrderState, writeDirectly } from '../support/stored.ts'

async function place(service: TestService, change: Readonly<Record<string, string>> = {}): Promise<string> {
  const { OrderId } = await service.succeed('CreateCertificateRequest', { ...application, ...change })
  return String(OrderId)
}

/** The state without its RequestId. */
async function describeState(service: TestService, OrderId: string): Promise<Record<string, unknown>> {
  const { RequestId: _, ...fields } = await service.succeed('DescribeCertificateState', { OrderId })
  return fields
}

const notYet: ProofAttempt = {
  proven: false,
  failure: 'noRecord',
  message: 'There is no record.',
  evidence: { method: 'DNS', queries: [] },
}
const tokenForm = /^20[0-9]{6}0000000[a-z0-9]{49}$/

/** Names under proven.example.com are proven, others are not. */
const ports = () => ({
  domainControl: {
    maxConcurrent: 4,
    check: ({ identifier }: { identifier: string }) =>
      Promise.resolve(identifier.endsWith('proven.example.com') ? { ...notYet, proven: true } : notYet),
  },
})

describeService(
  'DescribeCertificateState',
  (service) => {
    it('domain_verify by DNS: the record, in full and as the host, and nothing else', async () => {
      const { RecordValue, ...fields } = await describeState(service(), await place(service(), { Domain: 'shop.www.example.com' }))
      assert.deepEqual(fields, {
        Type: 'domain_verify',
        ValidateType: 'DNS',
        RecordDomain: '_dnsauth.shop.www.example.com',
        RecordHost: '_dnsauth.shop.www',
        RecordType: 'TXT',
        Validations: [
          {
            Domain: 'shop.www.example.com',
            Proven: false,
            ValidateType: 'DNS',
            RecordDomain: '_dnsauth.shop.www.example.com',
            RecordHost: '_dnsauth.shop.www',
            RecordType: 'TXT',
            RecordValue,
          },
        ],
      })
      assert.match(String(RecordValue), tokenForm)
      assert.equal(String(RecordValue).length, 64)
    })

    it('domain_verify by FILE: name, path and content of the file, and nothing else', async () => {
      const { Content, ...fields } = await describeState(service(), await place(service(), { ValidateType: 'FILE' }))
      assert.deepEqual(fields, {
        Type: 'domain_verify',
        ValidateType: 'FILE',
        Domain: 'www.example.com',
        Uri: '/.well-known/pki-validation/fileauth.txt',
        Validations: [
          { Domain: 'www.example.com', Proven: false, ValidateType: 'FILE', Uri: '/.well-known/pki-validation/fileauth.txt', Content },
        ],
      })
      assert.match(String(Content), tokenForm)
    })

    it('domain_verify asks for the same value each time', async () => {
      const order = await place(service())
      assert.deepEqual(await describeState(service(), order), await describeState(service(), order))
    })

    it('shows a name of other scripts as it has to stand in the DNS', async () => {
      const state = await describeState(service(), await place(service(), { Domain: 'bücher.example.com' }))
      assert.equal(state['RecordDomain'], '_dnsauth.xn--bcher-kva.example.com')
    })

    for (const [stored, Type] of [
      ['ready', 'process'],
      ['reviewing', 'process'],
      ['issuing', 'process'],
      ['failed', 'verify_fail'],
      ['withdrawn', 'payed'],
      ['draft', 'payed'],
    ] as const) {
      it(`${Type} has no other field (the order is ${stored})`, async () => {
        const order = await place(service())
        await setOrderState(service(), Number(order), stored)
        assert.deepEqual(await describeState(service(), order), { Type })
      })
    }

    it('verify_fail tells why', async () => {
      const order = await place(service())
      const failure = JSON.stringify({ reason: 'tooManyAttempts', message: 'Not proven.' })
      await writeDirectly(service(), `update orders set state = 'failed', run_at = null, failure = ?, rev = rev + 1 where id = ?`, [
        failure,
        Number(order),
      ])
      assert.deepEqual(await describeState(service(), order), {
        Type: 'verify_fail',
        FailureReason: 'tooManyAttempts',
        FailureMessage: 'Not proven.',
      })
    })

    it('a deleted order is one that does not exist', async () => {
      const order = await place(service())
      await setOrderState(service(), Number(order), 'deleted')
      const { status, body } = await service().call('DescribeCertificateState', { OrderId: order })
      assert.deepEqual({ status, code: body['Code'] }, { status: 404, code: 'NotFoundOrder' })
    })

    for (const [algorithm, label] of [
      ['RSA_2048', 'RSA PRIVATE KEY'],
      ['ECC_256', 'EC PRIVATE KEY'],
    ] as const) {
      it(`certificate has chain, key (${label}), CertId and ResourceId, all of them texts, and nothing else`, async () => {
        const order = await place(service(), { Domain: 'www.proven.example.com', KeyAlgorithm: algorithm })
        const state = await until('the certificate', async () => {
          const seen = await describeState(service(), order)
          assert.ok(seen['Type'] === 'certificate' || seen['Type'] === 'process' || seen['Type'] === 'domain_verify')
          return seen['Type'] === 'certificate' ? seen : undefined
        })
        assert.deepEqual(Object.keys(state), ['Type', 'Certificate', 'PrivateKey', 'CertId', 'ResourceId'])
        assert.equal(state['ResourceId'], `cas-cert-${order}`)
        assert.match(String(state['CertId']), /^[1-9][0-9]*$/)
        assert.equal(typeof state['CertId'], 'string')
        const pem = String(state['Certificate'])
        assert.match(pem, /^(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/]{1,64}={0,2}\n)+-----END CERTIFICATE-----\n){2}$/)
        const key = String(state['PrivateKey'])
        assert.match(key, new RegExp(`^-----BEGIN ${label}-----\n([A-Za-z0-9+/]{1,64}={0,2}\n)+-----END ${label}-----\n$`))
        const leaf = new X509Certificate(pem)
        assert.ok(createPublicKey(createPrivateKey(key)).equals(leaf.publicKey))
        assert.equal(leaf.subjectAltName, 'DNS:www.proven.example.com')
      })
    }

    it('the certificate is the same each time it is asked for, and counts once as issued', async () => {
      const before = await service().succeed('DescribePackageState', {})
      const order = await place(service(), { Domain: 'once.proven.example.com', KeyAlgorithm: 'ECC_256' })
      const first = await until('the certificate', async () => {
        const seen = await describeState(service(), order)
        return seen['Type'] === 'certificate' ? seen : undefined
      })
      assert.deepEqual(await describeState(service(), order), first)
      const after = await service().succeed('DescribePackageState', {})
      assert.equal(after['IssuedCount'], Number(before['IssuedCount']) + 1)
    })

    it('CheckValidation tells of an order what was seen and what comes next', async () => {
      const OrderId = await place(service())
      const check = await service().succeed('CheckValidation', { OrderId }, extension)
      const { RequestId: _, LastAttempt, NextAttemptAt, Validations, ...fields } = check
      assert.deepEqual(Validations, (await describeState(service(), OrderId))['Validations'])
      assert.deepEqual(fields, { Type: 'domain_verify', Attempts: 1, Proven: false })
      const { At, ...seen } = Object(LastAttempt) as Record<string, unknown>
      assert.deepEqual(seen, { Outcome: 'noRecord', Message: 'There is no record.' })
      assert.ok(Math.abs(Date.now() - Number(At)) < 60_000)
      assert.ok(Number(NextAttemptAt) > Number(At))
    })

    it('CheckValidation within the spacing of attempts looks no further', async () => {
      const OrderId = await place(service())
      await service().succeed('CheckValidation', { OrderId }, extension)
      const { Attempts } = await service().succeed('CheckValidation', { OrderId }, extension)
      assert.equal(Attempts, 1)
    })
  },
  { ports },
)

describeService(
  'CHANCERY_RECORD_DOMAIN=host',
  (service) => {
    for (const [Domain, RecordDomain] of [
      ['www.example.com', '_dnsauth.www'],
      ['example.com', '_dnsauth'],
      ['www.example.com.cn', '_dnsauth.www'],
      ['a.b.example.co.uk', '_dnsauth.a.b'],
    ] as const) {
      it(`shows the part below the zone that the public suffix list tells: ${RecordDomain} for ${Domain}`, async () => {
        const state = await describeState(service(), await place(service(), { Domain }))
        assert.deepEqual([state['RecordDomain'], state['RecordHost']], [RecordDomain, RecordDomain])
        assert.deepEqual((state['Validations'] as Record<string, unknown>[])[0]?.['RecordDomain'], `_dnsauth.${Domain}`)
      })
    }
  },
  { env: { CHANCERY_RECORD_DOMAIN: 'host' }, ports, only: 'sqlite' },
)
