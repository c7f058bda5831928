import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { type AcmeScene, describeAcmeProgram } from './acme/acme-scene.ts'
import { assertGood, assertRevoked } from './acme/check-certificate.ts'
import { makeKeyByCommand } from './acme/make-key-by-command.ts'
import { runProgram } from './acme/run-program.ts'

/** Writes certbot's own configuration file: where it keeps its things, and what it would ask a person. Gives the environment. */
function configure(scene: AcmeScene): Record<string, string> {
  const folder = join(scene.folder, '.config/letsencrypt')
  mkdirSync(folder, { recursive: true })
  const lines = {
    'config-dir': join(scene.folder, 'certbot'),
    'work-dir': join(scene.folder, 'certbot-work'),
    'logs-dir': join(scene.folder, 'certbot-logs'),
    'http-01-address': '127.0.0.1',
    'http-01-port': scene.httpPort,
    'non-interactive': 'true',
    'agree-tos': 'true',
    'no-random-sleep-on-renew': 'true',
    email: 'first@example.com',
  }
  writeFileSync(
    join(folder, 'cli.ini'),
    Object.entries(lines)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  )
  return { REQUESTS_CA_BUNDLE: scene.rootFile }
}

function readLive(scene: AcmeScene, name: string) {
  const read = (file: string) => readFileSync(join(scene.folder, 'certbot/live', name, file), 'utf8')
  return { chain: read('fullchain.pem'), key: read('privkey.pem') }
}

describeAcmeProgram('certbot', (scene) => {
  const certbot = async (...args: string[]) =>
    await runProgram(scene(), 'certbot', [...args, '--server', scene().directory], { env: configure(scene()) })

  it('http-01 by the line that `chancery eab create` prints, renewal, revocation', async () => {
    const name = 'standalone.example.com'
    scene().dns.setAddresses(name, ['127.0.0.1'])
    const { lines, env } = await makeKeyByCommand(scene())
    const line = lines.find((one) => one.startsWith('certbot ')) ?? assert.fail(lines.join('\n'))
    await runProgram(scene(), 'sh', ['-c', line.replace('NAME', name)], { env: { ...env, ...configure(scene()) } })
    const first = await assertGood(scene(), readLive(scene(), name), [name])
    assert.equal(first.publicKey.asymmetricKeyType, 'ec')

    await certbot('renew', '--force-renewal')
    const renewed = readLive(scene(), name)
    const second = await assertGood(scene(), renewed, [name])
    assert.notEqual(second.serialNumber, first.serialNumber)
    assert.ok(!second.publicKey.equals(first.publicKey))

    await certbot('revoke', '--cert-name', name, '--reason', 'superseded')
    await assertRevoked(scene(), renewed.chain, 'Superseded')
  })

  it('dns-01 with hooks for a name and all below it; revocation by the key of the certificate', async () => {
    const names = ['hooks.example.com', '*.hooks.example.com']
    const hook = (command: string) => `${scene().txtHook} ${command} "_acme-challenge.$CERTBOT_DOMAIN" "$CERTBOT_VALIDATION"`
    const manual = ['--manual', '--manual-auth-hook', hook('add'), '--manual-cleanup-hook', hook('remove')]
    const order = ['--key-type', 'rsa', ...names.flatMap((name) => ['-d', name])]
    await certbot('certonly', ...manual, '--preferred-challenges', 'dns', ...order)
    const issued = readLive(scene(), 'hooks.example.com')
    const leaf = await assertGood(scene(), issued, names)
    assert.equal(leaf.publicKey.asymmetricKeyType, 'rsa')

    const live = join(scene().folder, 'certbot/live/hooks.example.com')
    await certbot('revoke', '--cert-path', join(live, 'cert.pem'), '--key-path', join(live, 'privkey.pem'))
    await assertRevoked(scene(), issued.chain, 'Key Compromise')
  })

  it('changes, shows and closes its account', async () => {
    await certbot('update_account', '--email', 'second@example.com')
    assert.match(await certbot('show_account'), /second@example\.com/)
    await certbot('unregister')
    await assert.rejects(certbot('show_account'), /Could not find an existing account/)
  })
})
