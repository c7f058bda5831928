import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe } from 'node:test'
import { certificate } from '../../src/acme/certificate.ts'
import { onBothEngines, type TestServices } from '../orders/open-test-services.ts'
import { ask, base, issueFor, makeAcmeCaller } from './issued-certificates.ts'

/** The certificates of a chain, which has to be nothing but PEM with LF. */
function chainOf(body: string | Uint8Array | undefined): X509Certificate[] {
  assert(typeof body === 'string')
  assert.match(body, /^(?:-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/]{1,64}={0,2}\n)+-----END CERTIFICATE-----\n)+$/)
  return (body.match(/-----BEGIN[^]+?-----END CERTIFICATE-----\n/g) ?? []).map((pem) => new X509Certificate(pem))
}

async function refusal(test: TestServices, request: Parameters<typeof ask>[2]): Promise<void> {
  await assert.rejects(ask(test, certificate, request), { problem: 'notFoundCertificate' })
}

void describe('the certificate resource', () => {
  onBothEngines('67. gives leaf and issuing CA as PEM with LF, without the root (7.4.2)', async (test) => {
    const owner = await makeAcmeCaller(test)
    const issued = await issueFor(test, owner)
    const reply = await ask(test, certificate, { signer: owner, params: [String(issued.id)] })
    assert.equal(reply.status, 200)
    assert.equal(reply.headers?.['Content-Type'], 'application/pem-certificate-chain')
    const [leaf, issuer, ...others] = chainOf(reply.body)
    assert(leaf !== undefined && issuer !== undefined && others.length === 0)
    assert.deepEqual(Buffer.from(issued.der), leaf.raw)
    assert(leaf.verify(issuer.publicKey) && leaf.checkIssued(issuer))
    assert.notEqual(issuer.subject, issuer.issuer)
  })

  onBothEngines('68. names each other chain as alternate, and each is there (7.4.2)', async (test) => {
    const owner = await makeAcmeCaller(test)
    const { id } = await issueFor(test, owner)
    const first = await ask(test, certificate, { signer: owner, params: [String(id)] })
    assert.deepEqual(first.headers?.['Link'], [`<${base}/acme/certificate/${id}/1>;rel="alternate"`])
    const second = await ask(test, certificate, { signer: owner, params: [String(id), '1'] })
    assert.deepEqual(second.headers?.['Link'], [`<${base}/acme/certificate/${id}>;rel="alternate"`])
    const [leaf, issuer, root] = chainOf(second.body)
    assert(leaf !== undefined && issuer !== undefined && root !== undefined)
    assert(leaf.verify(issuer.publicKey) && issuer.verify(root.publicKey) && root.verify(root.publicKey))
    assert.deepEqual(root.raw, Buffer.from(test.services.authority.rootDer))
  })

  onBothEngines('14. of another account, of the RPC door, or not there at all, is not found (6.3, 10.5)', async (test) => {
    const [owner, stranger] = [await makeAcmeCaller(test), await makeAcmeCaller(test)]
    const { id } = await issueFor(test, owner)
    const { id: ofRpc } = await issueFor(test, null, 'rpc.example.com')
    await refusal(test, { signer: stranger, params: [String(id)] })
    await refusal(test, { signer: stranger, params: [String(id), '1'] })
    await refusal(test, { signer: owner, params: [String(ofRpc)] })
    for (const params of [['999999999'], [`0${id}`], ['-1'], ['x'], ['1e3'], [`${id}`, '0'], [`${id}`, '2'], [`${id}`, '01']]) {
      await refusal(test, { signer: owner, params })
    }
  })

  onBothEngines('69. stays the same after its revocation (7.4.2)', async (test) => {
    const owner = await makeAcmeCaller(test)
    const { id } = await issueFor(test, owner)
    const before = await ask(test, certificate, { signer: owner, params: [String(id)] })
    await test.services.db.write.revokeCertificate({
      certificateId: id,
      orderId: null,
      accountId: test.caller.accountId,
      issuerId: test.services.authority.issuerId,
      crlShard: 0,
      eventId: await test.services.db.nextId('events'),
      now: test.clock.now,
      reason: 4,
      destroyKeyAt: test.clock.now,
      origin: { principal: 'service', action: null, sourceIp: null, requestId: null },
      caller: null,
      refund: null,
    })
    assert.deepEqual((await ask(test, certificate, { signer: owner, params: [String(id)] })).body, before.body)
  })
})
