import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createMasterKeyFile, loadMasterKeyFile, MasterKeyError } from '../../src/keys/master-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'chancery-master-key-'))
let paths = 0
const newPath = () => join(folder, `master-${paths++}.key`)

describe('master key file', () => {
  after(() => rmSync(folder, { recursive: true }))

  it('is made as one line of base64 with mode 0600 and read back', () => {
    const path = newPath()
    const key = createMasterKeyFile(path, randomBytes)
    assert.equal(key.length, 32)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.match(readFileSync(path, 'latin1'), /^[A-Za-z0-9+/]{43}=\n$/)
    assert.deepEqual(Buffer.from(loadMasterKeyFile(path) ?? []), Buffer.from(key))
  })

  it('has mode 0600 also under a umask that would take rights from its owner', () => {
    const path = newPath()
    const before = process.umask(0o777)
    try {
      createMasterKeyFile(path, randomBytes)
    } finally {
      process.umask(before)
    }
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  it('is not found where there is none', () => {
    assert.equal(loadMasterKeyFile(newPath()), undefined)
    assert.equal(loadMasterKeyFile(join(folder, 'no-folder', 'master.key')), undefined)
  })

  it('never replaces a file, not even a dangling link, and leaves no draft behind', () => {
    const path = newPath()
    createMasterKeyFile(path, randomBytes)
    const before = readFileSync(path)
    assert.throws(() => createMasterKeyFile(path, randomBytes), refusal(/cannot be made: it exists/))
    assert.deepEqual(readFileSync(path), before)

    const link = newPath()
    symlinkSync(join(folder, 'elsewhere'), link)
    assert.throws(() => createMasterKeyFile(link, randomBytes), refusal(/it exists/))
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('.new') || name === 'elsewhere'),
      [],
    )
  })

  it('cannot be made in a folder that does not exist', () => {
    assert.throws(() => createMasterKeyFile(join(folder, 'no-folder', 'master.key'), randomBytes), refusal(/cannot be made: ENOENT/))
  })

  it('is made once by processes that race for it, and the losers read the winner’s key', async () => {
    const path = newPath()
    const script = `
      import { randomBytes } from 'node:crypto'
      import { createMasterKeyFile, loadMasterKeyFile } from ${JSON.stringify(new URL('../../src/keys/master-key.ts', import.meta.url).href)}
      let made = 0
      try { createMasterKeyFile(process.argv[1], randomBytes); made = 1 } catch {}
      console.log(made, Buffer.from(loadMasterKeyFile(process.argv[1])).toString('hex'))`
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, path])
    const lines = (await Promise.all([run(), run(), run()])).map(({ stdout }) => stdout.trim().split(' '))
    assert.equal(lines.filter(([made]) => made === '1').length, 1)
    assert.equal(new Set(lines.map(([, key]) => key)).size, 1)
  })

  it('is refused with a way out if group or others have any right to it', () => {
    const path = newPath()
    createMasterKeyFile(path, randomBytes)
    for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644]) {
      chmodSync(path, mode)
      assert.throws(() => loadMasterKeyFile(path), refusal(new RegExp(`has mode 0${mode.toString(8)}: .* chmod 600`)))
    }
    chmodSync(path, 0o400)
    assert.ok(loadMasterKeyFile(path))
  })

  it('is judged at the end of a link', () => {
    const [path, link] = [newPath(), newPath()]
    createMasterKeyFile(path, randomBytes)
    symlinkSync(path, link)
    assert.ok(loadMasterKeyFile(link))
    chmodSync(path, 0o644)
    assert.throws(() => loadMasterKeyFile(link), refusal(/has mode 0644/))
  })

  it('must hold one line of base64 that gives 32 octets, and its content never enters the message', () => {
    const whole = Buffer.alloc(32, 7).toString('base64')
    const bad = [
      '',
      '\n',
      whole.slice(0, -1),
      `${whole}\n\n`,
      ` ${whole}`,
      `${whole} `,
      whole.replace('H', '-'),
      Buffer.alloc(31).toString('base64'),
    ]
    for (const content of [...bad, Buffer.alloc(33).toString('base64'), `${whole.slice(0, 42)}d=`, Buffer.alloc(32, 7).toString('hex')]) {
      const path = newPath()
      writeFileSync(path, content, { mode: 0o600 })
      assert.throws(
        () => loadMasterKeyFile(path),
        (error) => error instanceof MasterKeyError && /one line of base64/.test(error.message) && !error.message.includes('BwcH'),
        JSON.stringify(content),
      )
    }
    for (const content of [whole, `${whole}\n`, `${whole}\r\n`]) {
      const path = newPath()
      writeFileSync(path, content, { mode: 0o600 })
      assert.deepEqual(loadMasterKeyFile(path), new Uint8Array(32).fill(7))
    }
  })

  it('is refused if the path is a folder', () => {
    const path = newPath()
    mkdirSync(path, { mode: 0o700 })
    assert.throws(() => loadMasterKeyFile(path), refusal(/is not a file/))
  })
})

function refusal(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof MasterKeyError && message.test(error.message)
}
