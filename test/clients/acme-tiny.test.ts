import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { AcmeClient, makeKey } from '../acme/acme-client.ts'
import { runOpenssl } from '../x509/openssl.ts'
import { createExternalAccountKey, describeAcmeClient } from './acme/acme-scene.ts'
import { assertGood } from './acme/check-certificate.ts'
import { runProgram } from './acme/run-program.ts'
import { openWebRoot } from './acme/web-root.ts'
import { installPython } from './python/install-python.ts'
import { ClientMissing } from './run-installer.ts'

async function install(): Promise<{ folder?: string; obstacle?: string }> {
  try {
    return { folder: await installPython('acme-tiny', join(import.meta.dirname, 'python/acme-tiny-requirements.txt')) }
  } catch (error) {
    if (!(error instanceof ClientMissing)) throw error
    return { obstacle: error.message }
  }
}

const { folder = '', obstacle } = await install()

describeAcmeClient('acme-tiny', obstacle, (scene) => {
  it('http-01 by files in a folder, renewal with the same CSR', async () => {
    await using web = await openWebRoot(scene())
    // It knows no external account binding: somebody else registers its key, and it finds the account that the key has.
    const accountKey = makeKey('RS256')
    const keyFile = join(scene().folder, 'tiny-account.pem')
    writeFileSync(keyFile, accountKey.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const { kid, hmac } = await createExternalAccountKey(scene())
    const registrar = await AcmeClient.open(scene().service.endpoint, accountKey)
    const registered = await registrar.register({ kid, mac: Buffer.from(hmac, 'base64url') })
    assert.equal(registered.status, 201, registered.text)

    const names = ['tiny.example.com', 'www.tiny.example.com']
    for (const name of names) scene().dns.setAddresses(name, ['127.0.0.1'])
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    const san = `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`
    const csr = await runOpenssl(['req', '-new', '-key', '@key', '-subj', '/', '-addext', san], { key })
    const csrFile = join(scene().folder, 'tiny.csr')
    writeFileSync(csrFile, csr)

    const out = join(scene().folder, 'tiny.pem')
    const obtain = async () => {
      const own = ['--account-key', keyFile, '--csr', csrFile, '--acme-dir', web.folder, '--directory-url', scene().directory]
      const command = [join(folder, 'bin/python'), '-m', 'acme_tiny', ...own, '--disable-check', '--contact', 'mailto:tiny@example.com']
      // Its output is the certificate, and what it tells goes to the other one.
      await runProgram(scene(), 'sh', ['-c', '"$@" > "$0"', out, ...command], { env: { SSL_CERT_FILE: scene().rootFile } })
      return await assertGood(scene(), { chain: readFileSync(out, 'utf8'), key }, names)
    }
    const first = await obtain()
    const second = await obtain()
    assert.notEqual(second.serialNumber, first.serialNumber)
    assert.deepEqual((await registrar.post(registrar.kid ?? '')).body['contact'], ['mailto:tiny@example.com'])
  })
})
