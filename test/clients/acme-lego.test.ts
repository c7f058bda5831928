import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { createExternalAccountKey, describeAcmeProgram, writeScript } from './acme/acme-scene.ts'
import { assertGood, assertRevoked } from './acme/check-certificate.ts'
import { makeKeyByCommand } from './acme/make-key-by-command.ts'
import { runProgram } from './acme/run-program.ts'

describeAcmeProgram('lego', (scene) => {
  /** Where it keeps its things, and whom it trusts. */
  const environment = (folder: string) => ({ LEGO_PATH: join(scene().folder, folder), LEGO_CA_CERTIFICATES: scene().rootFile })

  function read(folder: string, name: string) {
    const path = join(scene().folder, folder, 'certificates', name)
    return { chain: readFileSync(`${path}.crt`, 'utf8'), key: readFileSync(`${path}.key`, 'utf8') }
  }

  async function lego(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    const common = ['--server', scene().directory, '--email', 'lego@example.com', '--accept-tos']
    return await runProgram(scene(), 'lego', [...common, ...args], { env: { ...environment(folder), ...env } })
  }

  async function account(): Promise<string[]> {
    const { kid, hmac } = await createExternalAccountKey(scene())
    return ['--eab', '--kid', kid, '--hmac', hmac]
  }

  it('http-01 by the line that `chancery eab create` prints, renewal, revocation', async () => {
    const name = 'lego-http.example.com'
    scene().dns.setAddresses(name, ['127.0.0.1'])
    const { lines, env } = await makeKeyByCommand(scene())
    const printed = lines.find((line) => line.startsWith('lego ')) ?? assert.fail(lines.join('\n'))
    // The port apart: 80 is not for tests.
    const http = ['--http', '--http.port', `127.0.0.1:${scene().httpPort}`]
    const line = printed.replace('NAME', name).replace('MAIL', 'lego@example.com').replace('--http', http.join(' '))
    await runProgram(scene(), 'sh', ['-c', line], { env: { ...env, ...environment('http') } })
    const first = await assertGood(scene(), read('http', name), [name])

    // This version wants it whenever the directory says that accounts need one, also with an account.
    const eab = ['--eab', '--kid', env['EAB_KID'] ?? '', '--hmac', env['EAB_HMAC_KEY'] ?? '']
    await lego('http', [...eab, ...http, '-d', name, 'renew', '--days', '3650', '--no-random-sleep'])
    const renewed = read('http', name)
    const second = await assertGood(scene(), renewed, [name])
    assert.notEqual(second.serialNumber, first.serialNumber)

    await lego('http', [...eab, '-d', name, 'revoke', '--reason', '5'])
    await assertRevoked(scene(), renewed.chain, 'Cessation Of Operation')
  })

  it('tls-alpn-01', async () => {
    const names = ['lego-tls.example.com', 'www.lego-tls.example.com']
    for (const name of names) scene().dns.setAddresses(name, ['127.0.0.1'])
    const domains = names.flatMap((name) => ['-d', name])
    const tls = ['--tls', '--tls.port', `127.0.0.1:${scene().tlsPort}`]
    await lego('tls', [...(await account()), ...tls, '--key-type', 'rsa2048', ...domains, 'run'])
    const leaf = await assertGood(scene(), read('tls', 'lego-tls.example.com'), names)
    assert.equal(leaf.publicKey.asymmetricKeyType, 'rsa')
  })

  it('dns-01 by exec for a name and all below it', async () => {
    const hook = `[ "$1" = present ] && command=add || command=remove\nexec '${scene().txtHook}' "$command" "$2" "$3"`
    const env = { EXEC_PATH: writeScript(scene().folder, 'lego-hook', hook), EXEC_POLLING_INTERVAL: '1', EXEC_SEQUENCE_INTERVAL: '1' }
    const dns = ['--dns', 'exec', '--dns.disable-cp', '--dns.resolvers', `${scene().dns.address}:${scene().dns.port}`]
    const names = ['*.lego-dns.example.com', 'lego-dns.example.com']
    await lego('dns', [...(await account()), ...dns, '--key-type', 'ec384', ...names.flatMap((name) => ['-d', name]), 'run'], env)
    await assertGood(scene(), read('dns', '_.lego-dns.example.com'), names)
  })
})
