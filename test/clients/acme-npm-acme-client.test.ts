import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { it } from 'node:test'
import { createSecureContext, createServer, type SecureContext } from 'node:tls'
import acme, { type ClientAutoOptions } from 'acme-client'
import { type AcmeScene, createExternalAccountKey, describeAcmeClient } from './acme/acme-scene.ts'
import { assertGood, assertRevoked } from './acme/check-certificate.ts'
import { openWebRoot } from './acme/web-root.ts'

type Prove = Pick<ClientAutoOptions, 'challengeCreateFn' | 'challengeRemoveFn' | 'challengePriority'>

async function connect(scene: AcmeScene): Promise<acme.Client> {
  acme.axios.defaults.httpsAgent = new Agent({ ca: readFileSync(scene.rootFile) })
  const { kid, hmac } = await createExternalAccountKey(scene)
  const client = new acme.Client({
    directoryUrl: scene.directory,
    accountKey: await acme.crypto.createPrivateEcdsaKey(),
    externalAccountBinding: { kid, hmacKey: hmac },
    backoffMin: 200,
  })
  await client.createAccount({ termsOfServiceAgreed: true, contact: ['mailto:npm@example.com'] })
  return client
}

/** The client's way from the order to the chain. It would look at ports 80 and 443 itself before it asks the service to. */
async function obtain(client: acme.Client, altNames: string[], prove: Prove) {
  const [key, csr] = await acme.crypto.createCsr({ altNames }, await acme.crypto.createPrivateEcdsaKey())
  return { chain: await client.auto({ csr, skipChallengeVerification: true, ...prove }), key: key.toString() }
}

function byFiles(folder: string): Prove {
  return {
    challengePriority: ['http-01'],
    challengeCreateFn: (_authorization, { token }, content) => Promise.resolve(writeFileSync(join(folder, token), content)),
    challengeRemoveFn: (_authorization, { token }) => Promise.resolve(rmSync(join(folder, token))),
  }
}

function byDns({ dns }: AcmeScene): Prove {
  const values = new Map<string, string[]>()
  return {
    challengePriority: ['dns-01'],
    challengeCreateFn({ identifier }, _challenge, value) {
      const name = `_acme-challenge.${identifier.value}`
      values.set(name, [...(values.get(name) ?? []), value])
      return Promise.resolve(dns.setTxt(name, values.get(name) ?? []))
    },
    challengeRemoveFn: () => Promise.resolve(),
  }
}

/** One TLS server that shows, for each name, the certificate that the client made (RFC 8737). */
async function openTlsServer({ tlsPort }: AcmeScene) {
  const shown = new Map<string, SecureContext>()
  const server = createServer({
    ALPNProtocols: ['acme-tls/1'],
    SNICallback: (name, done) => done(null, shown.get(name)),
  })
  server.listen(tlsPort, '127.0.0.1')
  await once(server, 'listening')
  const prove: Prove = {
    challengePriority: ['tls-alpn-01'],
    async challengeCreateFn(authorization, _challenge, keyAuthorization) {
      const [key, cert] = await acme.crypto.createAlpnCertificate(authorization, keyAuthorization)
      shown.set(authorization.identifier.value, createSecureContext({ key, cert }))
    },
    challengeRemoveFn: ({ identifier }) => Promise.resolve(void shown.delete(identifier.value)),
  }
  return { prove, [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')) }
}

describeAcmeClient('the npm package acme-client', undefined, (scene) => {
  it('http-01, key rollover, renewal by the new key, revocation', async () => {
    await using web = await openWebRoot(scene())
    const client = await connect(scene())
    const names = ['npm.example.com', 'www.npm.example.com']
    for (const name of names) scene().dns.setAddresses(name, ['127.0.0.1'])
    const first = await assertGood(scene(), await obtain(client, names, byFiles(web.folder)), names)

    const accountUrl = client.getAccountUrl()
    await client.updateAccountKey(await acme.crypto.createPrivateRsaKey())
    assert.equal(client.getAccountUrl(), accountUrl)
    const renewed = await obtain(client, names, byFiles(web.folder))
    const second = await assertGood(scene(), renewed, names)
    assert.notEqual(second.serialNumber, first.serialNumber)
    await client.revokeCertificate(renewed.chain, { reason: 1 })
    await assertRevoked(scene(), renewed.chain, 'Key Compromise')
    await assert.rejects(client.revokeCertificate(renewed.chain), /revoked/)
  })

  it('dns-01 for a name and all below it', async () => {
    const names = ['npm-dns.example.com', '*.npm-dns.example.com']
    await assertGood(scene(), await obtain(await connect(scene()), names, byDns(scene())), names)
  })

  it('tls-alpn-01', async () => {
    await using server = await openTlsServer(scene())
    const names = ['npm-tls.example.com', 'www.npm-tls.example.com']
    for (const name of names) scene().dns.setAddresses(name, ['127.0.0.1'])
    await assertGood(scene(), await obtain(await connect(scene()), names, server.prove), names)
  })

  it('sees why a proof failed, gives up an authorization, closes its account', async () => {
    const client = await connect(scene())
    scene().dns.setAddresses('nobody.example.com', ['127.0.0.1'])
    const nothing = { challengeCreateFn: () => Promise.resolve(), challengeRemoveFn: () => Promise.resolve() }
    await assert.rejects(obtain(client, ['nobody.example.com'], { ...nothing, challengePriority: ['http-01'] }), /nobody\.example\.com/)

    const order = await client.createOrder({ identifiers: [{ type: 'dns', value: 'given-up.example.com' }] })
    const [authorization = assert.fail()] = await client.getAuthorizations(order)
    assert.equal((await client.deactivateAuthorization(authorization)).status, 'deactivated')
    assert.equal((await client.getOrder(order)).status, 'invalid')
    assert.equal((await client.updateAccount({ status: 'deactivated' })).status, 'deactivated')
    await assert.rejects(client.createOrder({ identifiers: [{ type: 'dns', value: 'late.example.com' }] }), /deactivated/)
  })
})
