import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { type AcmeScene, createExternalAccountKey, describeAcmeProgram, listContacts, writeScript } from './acme/acme-scene.ts'
import { assertGood, assertRevoked } from './acme/check-certificate.ts'
import { runProgram } from './acme/run-program.ts'
import { openWebRoot } from './acme/web-root.ts'

/** Its configuration file, a shell script. */
async function configure(scene: AcmeScene, wellKnown: string): Promise<string> {
  const { kid, hmac } = await createExternalAccountKey(scene)
  const hook = `case "$1" in
  deploy_challenge) exec '${scene.txtHook}' add "_acme-challenge.$2" "$4" ;;
  clean_challenge) exec '${scene.txtHook}' remove "_acme-challenge.$2" "$4" ;;
esac`
  const settings = {
    CA: scene.directory,
    CURL_OPTS: `--cacert ${scene.rootFile}`,
    BASEDIR: join(scene.folder, 'dehydrated'),
    WELLKNOWN: wellKnown,
    HOOK: writeScript(scene.folder, 'dehydrated-hook', hook),
    EAB_KID: kid,
    EAB_HMAC_KEY: hmac,
    CONTACT_EMAIL: 'dehydrated@example.com',
    // By default it takes its time over keys of 4096 bits.
    ACCOUNT_KEYSIZE: '2048',
    KEYSIZE: '2048',
  }
  mkdirSync(settings.BASEDIR)
  const file = join(scene.folder, 'dehydrated.conf')
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
  )
  return file
}

describeAcmeProgram('dehydrated', (scene) => {
  function read(name: string) {
    const path = (file: string) => readFileSync(join(scene().folder, 'dehydrated/certs', name, file), 'utf8')
    return { chain: path('fullchain.pem'), key: path('privkey.pem') }
  }

  it('http-01 by files in a folder, dns-01 by a hook, renewal, revocation', async () => {
    await using web = await openWebRoot(scene())
    const config = await configure(scene(), web.folder)
    const dehydrated = async (...args: string[]) => await runProgram(scene(), 'dehydrated', ['--config', config, ...args])
    const names = ['dehydrated.example.com', 'www.dehydrated.example.com']
    for (const name of names) scene().dns.setAddresses(name, ['127.0.0.1'])
    await dehydrated('--register', '--accept-terms')

    const domains = names.flatMap((name) => ['--domain', name])
    await dehydrated('--cron', ...domains)
    const first = await assertGood(scene(), read('dehydrated.example.com'), names)
    assert.match(await dehydrated('--cron', ...domains), /Skipping renew/)
    await dehydrated('--cron', '--force', ...domains)
    const renewed = read('dehydrated.example.com')
    const second = await assertGood(scene(), renewed, names)
    assert.notEqual(second.serialNumber, first.serialNumber)
    await dehydrated('--revoke', join(scene().folder, 'dehydrated/certs/dehydrated.example.com/cert.pem'))
    await assertRevoked(scene(), renewed.chain, undefined)

    const wildcard = ['--challenge', 'dns-01', '--domain', '*.wild.example.com', '--alias', 'wild', '--algo', 'rsa']
    await dehydrated('--cron', ...wildcard)
    await assertGood(scene(), read('wild'), ['*.wild.example.com'])
  })

  it('changes its contact', async () => {
    const config = join(scene().folder, 'dehydrated.conf')
    writeFileSync(config, readFileSync(config, 'utf8').replace('dehydrated@example.com', 'other@example.com'))
    await runProgram(scene(), 'dehydrated', ['--config', config, '--account'])
    assert.deepEqual(await listContacts(scene()), [['mailto:other@example.com']])
  })
})
