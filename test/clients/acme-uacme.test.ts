import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { createExternalAccountKey, describeAcmeProgram, listContacts, writeScript } from './acme/acme-scene.ts'
import { assertGood, assertRevoked } from './acme/check-certificate.ts'
import { runProgram } from './acme/run-program.ts'
import { openWebRoot } from './acme/web-root.ts'

describeAcmeProgram('uacme', (scene) => {
  const folder = () => join(scene().folder, 'uacme')

  /** Over plain HTTP on the loopback: it trusts the roots of the machine and no others. */
  async function uacme(...args: string[]): Promise<string> {
    mkdirSync(folder(), { recursive: true })
    const directory = `${scene().service.endpoint}/acme/directory`
    return await runProgram(scene(), 'uacme', ['--acme-url', directory, '--confdir', folder(), '--yes', '-v', ...args])
  }

  function read(name: string) {
    return {
      chain: readFileSync(join(folder(), name, 'cert.pem'), 'utf8'),
      key: readFileSync(join(folder(), 'private', name, 'key.pem'), 'utf8'),
    }
  }

  /** `http-01` for names with `http` in them and for addresses, `dns-01` for the others. */
  const writeHook = (wellKnown: string) =>
    writeScript(
      scene().folder,
      'uacme-hook',
      `case "$1 $2 $3" in
  'begin http-01 '*http*|'begin http-01 127.'*) printf %s "$5" > '${wellKnown}'/"$4" ;;
  'begin dns-01 '*) exec '${scene().txtHook}' add "_acme-challenge.$3" "$5" ;;
  'begin '*) exit 1 ;;
  *' http-01 '*) rm '${wellKnown}'/"$4" ;;
  *' dns-01 '*) exec '${scene().txtHook}' remove "_acme-challenge.$3" "$5" ;;
esac`,
    )

  it('http-01 by a hook, key rollover, renewal, revocation', async () => {
    await using web = await openWebRoot(scene())
    const hook = writeHook(web.folder)
    const { kid, hmac } = await createExternalAccountKey(scene())
    await uacme('--type', 'EC', '--eab', `${kid}:${hmac}`, 'new', 'uacme@example.com')
    await uacme('update', 'other@example.com')
    assert.deepEqual(await listContacts(scene()), [['mailto:other@example.com']])

    const name = 'uacme-http.example.com'
    scene().dns.setAddresses(name, ['127.0.0.1'])
    await uacme('--hook', hook, 'issue', name)
    const first = await assertGood(scene(), read(name), [name])

    const accountKey = () => readFileSync(join(folder(), 'private/key.pem'), 'utf8')
    const oldKey = accountKey()
    await uacme('--type', 'EC', 'newkey')
    assert.notEqual(accountKey(), oldKey)

    await uacme('--hook', hook, '--force', 'issue', name)
    const renewed = read(name)
    const second = await assertGood(scene(), renewed, [name])
    assert.notEqual(second.serialNumber, first.serialNumber)
    await uacme('--reason', '4', 'revoke', join(folder(), name, 'cert.pem'))
    await assertRevoked(scene(), renewed.chain, 'Superseded')
  })

  it('dns-01 by a hook for a name and all below it, http-01 for an address, the other chain', async () => {
    await using web = await openWebRoot(scene())
    const hook = writeHook(web.folder)
    const names = ['*.uacme.example.com', 'uacme.example.com']
    await uacme('--hook', hook, '--type', 'EC', 'issue', ...names)
    await assertGood(scene(), read('uacme.example.com'), names)

    await uacme('--hook', hook, '--type', 'EC', 'issue', '127.0.0.1')
    await assertGood(scene(), read('127.0.0.1'), ['127.0.0.1'])

    await uacme('--hook', hook, '--force', '--alternate', '1', 'issue', '127.0.0.1')
    assert.ok(read('127.0.0.1').chain.endsWith(readFileSync(scene().rootFile, 'utf8').trimEnd() + '\n'), 'it goes up to the root')
  })

  it('closes its account', async () => {
    await uacme('deactivate')
    await assert.rejects(uacme('update', 'late@example.com'), /deactivated/)
  })
})
