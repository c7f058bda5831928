import assert from 'node:assert/strict'
import { createPublicKey, createPrivateKey, X509Certificate } from 'node:crypto'
import { it } from 'node:test'
import { makeKey } from '../../certificates/make-certificates.ts'
import { application, describeService, until } from '../../support/service.ts'
import { extension } from '../../support/signed-call.ts'
import { createTenantAccount } from '../../support/tenants.ts'
import { runOpenssl } from '../../x509/openssl.ts'

const proven = { proven: true, message: 'The record is there.', evidence: { method: 'DNS', queries: [] } } as const

describeService(
  'a key that two accounts keep with their CSRs',
  (service) => {
    it('is certified for both, and kept with the first certificate', async () => {
      const shared = await makeKey('ec')
      const keys: unknown[] = []
      for (const name of ['one', 'two']) {
        const { key } = await createTenantAccount(service(), name)
        await service().succeed('PurchasePackage', { ProductCode: 'digicert-free-1-free', Count: '1' }, { ...extension, key })
        const Csr = await runOpenssl(['req', '-new', '-key', '@key', '-subj', `/CN=${name}.example.com`], { key: shared })
        await service().succeed('UploadCsr', { Csr, Key: shared }, { key })
        const { Domain: _, ...applicant } = application
        const { OrderId } = await service().succeed('CreateCertificateWithCsrRequest', { ...applicant, Csr }, { key })
        const state = await until('the certificate', async () => {
          const seen = await service().succeed('DescribeCertificateState', { OrderId: String(OrderId) }, { key })
          return seen['Type'] === 'certificate' ? seen : undefined
        })
        const { publicKey } = new X509Certificate(String(state['Certificate']))
        assert.ok(publicKey.equals(createPublicKey(createPrivateKey(shared))))
        keys.push(typeof state['PrivateKey'])
      }
      assert.deepEqual(keys, ['string', 'undefined'])
    })
  },
  { ports: () => ({ domainControl: { maxConcurrent: 4, check: () => Promise.resolve(proven) } }) },
)
