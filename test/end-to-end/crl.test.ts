import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { callAdminSocket } from '../../src/admin/socket.ts'
import { application, itOnBothEngines, type TestService, until, withService } from '../support/service.ts'
import { runOpenssl } from '../x509/openssl.ts'
import { type IssuedCertificate, waitForCertificate } from './verify.ts'

const pkiUrl = 'http://pki.example.com/base'
const env = { CHANCERY_PKI_URL: pkiUrl }
/** Everything is proven at once: CRLs are the subject here. */
const ports = {
  domainControl: {
    maxConcurrent: 4,
    check: () => Promise.resolve({ proven: true, message: 'Proven.', evidence: { method: 'DNS', queries: [] } } as const),
  },
}

async function issue(service: TestService): Promise<IssuedCertificate> {
  const { OrderId } = await service.succeed('CreateCertificateRequest', { ...application, KeyAlgorithm: 'ECC_256' })
  return await waitForCertificate(service, String(OrderId))
}

/** The address of the CRL in the certificate, as openssl reads it. */
async function crlAddress({ leaf }: IssuedCertificate): Promise<string> {
  const text = await runOpenssl(['x509', '-in', '@leaf', '-noout', '-ext', 'crlDistributionPoints'], { leaf: leaf.toString() })
  const [, address] = /URI:(\S+)/.exec(text) ?? []
  return address ?? assert.fail(`no CRL address: ${text}`)
}

interface FetchedCrl {
  readonly der: Buffer
  readonly pem: string
  readonly number: bigint
  readonly text: string
}

/** Fetches a CRL at its address, which leads to the service below the path of CHANCERY_PKI_URL. */
async function fetchCrl(service: TestService, address: string): Promise<FetchedCrl> {
  // The first certificate of a shard opens its CRL, which is signed right after.
  const answer = await until('the CRL', async () => {
    const found = await service.get(address.slice(pkiUrl.length))
    return found.status === 200 ? found : undefined
  })
  assert.equal(answer.headers.get('content-type'), 'application/pkix-crl')
  const der = Buffer.from(await answer.arrayBuffer())
  const text = await runOpenssl(['crl', '-inform', 'DER', '-in', '@crl', '-noout', '-text', '-crlnumber'], { crl: der })
  const [, number] = /^crlNumber=(?:0x)?([0-9A-F]+)$/m.exec(text) ?? []
  return {
    der,
    text,
    number: BigInt(`0x${number ?? assert.fail(text)}`),
    pem: await runOpenssl(['crl', '-inform', 'DER', '-in', '@crl'], { crl: der }),
  }
}

/** What openssl says of the certificate when it also looks at the CRL. */
async function verifyWithCrl(service: TestService, { chain }: IssuedCertificate, crl: FetchedCrl): Promise<string> {
  const [leaf = '', ...issuers] = chain
  const files = { root: await (await service.get('/ca/root.pem')).text(), issuers: issuers.join(''), leaf, crl: crl.pem }
  const args = ['verify', '-crl_check', '-CAfile', '@root', '-untrusted', '@issuers', '-CRLfile', '@crl', '@leaf']
  return await runOpenssl(args, files).catch((error: unknown) => String(error))
}

async function revoke(service: TestService, { certificateId }: IssuedCertificate, reason = 'keyCompromise'): Promise<void> {
  await callAdminSocket(service.data.folder, 'certificate-revoke', { certificateId, reason })
}

const serialOf = ({ leaf }: IssuedCertificate) => leaf.serialNumber

/** Asks for the CRL until it lists the certificate. */
async function waitUntilListed(service: TestService, address: string, issued: IssuedCertificate): Promise<FetchedCrl> {
  return await until(
    'the CRL to list the certificate',
    async () => {
      const crl = await fetchCrl(service, address)
      return crl.text.includes(`Serial Number: ${serialOf(issued)}`) ? crl : undefined
    },
    60_000,
  )
}

function uriTlv(address: string): Buffer {
  return Buffer.concat([Buffer.from([0x86, address.length]), Buffer.from(address)])
}

describe('revocation lists', { concurrency: 4 }, () => {
  itOnBothEngines('a certificate names its CRL by the very octets that the CRL names itself by, and verifies against it', async (data) => {
    await withService(
      data,
      async (service) => {
        const issued = await issue(service)
        const address = await crlAddress(issued)
        assert.match(address, /^http:\/\/pki\.example\.com\/base\/crl\/[0-9a-f]{8}-[0-9]+\.crl$/)
        const crl = await fetchCrl(service, address)
        // RFC 5280 section 5.2.5: the same GeneralName [6] in both.
        assert.ok(issued.leaf.raw.includes(uriTlv(address)), 'the address is in the certificate')
        assert.ok(crl.der.includes(uriTlv(address)), 'the address is in the CRL')
        assert.match(crl.text, /Issuing Distribution Point: critical/)
        assert.match(crl.text, /No Revoked Certificates/)
        assert.match(await verifyWithCrl(service, issued, crl), /leaf: OK/)
        const issuer = await runOpenssl(['x509', '-in', '@leaf', '-noout', '-ext', 'authorityInfoAccess'], { leaf: issued.leaf.toString() })
        const [, issuerAddress] = /CA Issuers - URI:(\S+)/.exec(issuer) ?? []
        const served = await service.get((issuerAddress ?? assert.fail(issuer)).slice(pkiUrl.length))
        assert.deepEqual(Buffer.from(await served.arrayBuffer()), derOf(issued.chain[1] ?? ''))
      },
      env,
      ports,
    )
  })

  itOnBothEngines('a revocation shows in the CRL within a minute, and its number rises over restarts', async (data, context) => {
    const numbers: bigint[] = []
    let first: IssuedCertificate | undefined
    for (const life of ['first', 'second', 'third']) {
      await withService(
        data,
        async (service) => {
          const issued = await issue(service)
          first ??= issued
          const address = await crlAddress(issued)
          numbers.push((await fetchCrl(service, address)).number)
          const started = performance.now()
          await revoke(service, issued)
          const crl = await waitUntilListed(service, address, issued)
          context.diagnostic(`${life} life: the revocation showed after ${Math.round(performance.now() - started)} ms`)
          numbers.push(crl.number)
          assert.match(crl.text, /Key Compromise/)
          assert.ok(crl.text.includes(`Serial Number: ${serialOf(first)}`), 'what was revoked before is still listed')
          assert.match(await verifyWithCrl(service, issued, crl), /certificate revoked/)
          await assert.rejects(revoke(service, issued), /revoked already/)
        },
        env,
        ports,
      )
    }
    const [initial, ...later] = numbers
    assert.ok(initial !== undefined && initial > 0n)
    // A start signs no CRL that is not due, so the number a life begins with is the one that the life before ended with.
    assert.deepEqual(
      later,
      [1n, 1n, 2n, 2n, 3n].map((rise) => initial + rise),
    )
  })

  itOnBothEngines(
    'the root CRL is signed by command only, with the next number, and completes a check of the whole chain',
    async (data) => {
      await withService(
        data,
        async (service) => {
          const issued = await issue(service)
          const root = (await callAdminSocket(data.folder, 'ca-show', {}))?.result as { issuers: { id: string; kind: string }[] }
          const rootId = root.issuers.find(({ kind }) => kind === 'root')?.id
          const address = `${pkiUrl}/crl/${rootId}-0.crl`
          const before = await fetchCrl(service, address)
          await callAdminSocket(data.folder, 'ca-root-crl', {})
          const after = await fetchCrl(service, address)
          assert.equal(after.number, before.number + 1n)
          const crls = [after.pem, (await fetchCrl(service, await crlAddress(issued))).pem].join('')
          const files = { root: await (await service.get('/ca/root.pem')).text(), rest: issued.chain.join(''), crls }
          const args = ['verify', '-crl_check_all', '-CAfile', '@root', '-untrusted', '@rest', '-CRLfile', '@crls', '@rest']
          assert.match(await runOpenssl(args, files), /rest: OK/)
        },
        env,
        ports,
      )
    },
  )

  itOnBothEngines('CHANCERY_PKI_URL cannot change after the first start', async (data) => {
    await withService(data, () => Promise.resolve(), env, ports)
    const other = { CHANCERY_PKI_URL: 'http://other.example.com' }
    await assert.rejects(
      withService(data, () => Promise.resolve(), other, ports),
      /CHANCERY_PKI_URL.*http:\/\/pki\.example\.com\/base/,
    )
    await withService(data, async (service) => void (await crlAddress(await issue(service))), {}, ports)
  })
})

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\n/g, ''), 'base64')
}
