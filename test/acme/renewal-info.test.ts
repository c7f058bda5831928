import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { renewalInfo } from '../../src/acme/renewal-info.ts'
import { revokeCert } from '../../src/acme/revoke-cert.ts'
import { formatAriId } from '../../src/orders/acme/ari-id.ts'
import { parseCertificate } from '../../src/x509/certificate.ts'
import { oids } from '../../src/x509/oid.ts'
import { findExtension, readAuthorityKeyIdentifier } from '../../src/x509/read-extensions.ts'
import { dayMs, onBothEngines, type TestServices } from '../orders/open-test-services.ts'
import { ask, type IssuedCertificate, issueFor, makeAcmeCaller } from './issued-certificates.ts'

/** The identifier as a client makes it, of the certificate alone. */
function ariIdOf({ der }: Pick<IssuedCertificate, 'der'>): string {
  const { extensions, serial } = parseCertificate(der)
  const keyIdentifier =
    findExtension(extensions, oids.authorityKeyIdentifier, readAuthorityKeyIdentifier) ?? assert.fail('no key identifier')
  return formatAriId({ keyIdentifier, serial })
}

async function windowOf(test: TestServices, id: string): Promise<{ start: string; end: string }> {
  const reply = await ask(test, renewalInfo, { signer: undefined, params: [id] })
  assert.equal(reply.status, 200)
  assert.equal(reply.headers?.['Content-Type'], 'application/json')
  assert.equal(reply.headers['Retry-After'], '21600')
  const { suggestedWindow, ...others } = JSON.parse(String(reply.body)) as { suggestedWindow: { start: string; end: string } }
  assert.deepEqual(others, {})
  return suggestedWindow
}

void describe('renewal information', () => {
  onBothEngines('87. and 88. tells anybody a window in RFC 3339, the same at each look (RFC 9773 4.2)', async (test) => {
    const issued = await issueFor(test, await makeAcmeCaller(test))
    const { notBefore, notAfter } = parseCertificate(issued.der)
    const { start, end } = await windowOf(test, ariIdOf(issued))
    for (const text of [start, end]) assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert(Date.parse(start) >= notBefore + ((notAfter - notBefore) * 2) / 3 - 1000)
    assert(Date.parse(end) > Date.parse(start) && Date.parse(end) < notAfter)
    assert.deepEqual(await windowOf(test, ariIdOf(issued)), { start, end })
  })

  onBothEngines('89. of a revoked certificate lies in the past (RFC 9773 4.2)', async (test) => {
    const owner = await makeAcmeCaller(test)
    const issued = await issueFor(test, owner)
    test.clock.now += dayMs
    await ask(test, revokeCert, { signer: owner, payload: { certificate: Buffer.from(issued.der).toString('base64url') } })
    const { start, end } = await windowOf(test, ariIdOf(issued))
    assert(Date.parse(start) < Date.parse(end) && Date.parse(end) < test.clock.now)
  })

  onBothEngines('88. unknown identifiers are not found, malformed ones refused (RFC 9773 4.2)', async (test) => {
    const issued = await issueFor(test, null)
    await windowOf(test, ariIdOf(issued))
    const [key = '', serial = ''] = ariIdOf(issued).split('.')
    const foreignKey = Buffer.alloc(20, 7).toString('base64url')
    for (const id of [`${foreignKey}.${serial}`, `${key}.AQAB`, 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE']) {
      await assert.rejects(ask(test, renewalInfo, { signer: undefined, params: [id] }), { problem: 'notFoundCertificate' }, id)
    }
    for (const id of ['', key, `${key}.${serial}=`, `${key}.${serial}.${serial}`, `${key}.AA${serial}`, `${key}.%00`]) {
      await assert.rejects(ask(test, renewalInfo, { signer: undefined, params: [id] }), { problem: 'acmeMalformed' }, id)
    }
  })
})
