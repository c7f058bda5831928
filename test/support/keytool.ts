import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { reportNotRun } from './not-run.ts'

/** Whether Java's keytool is here; where not, the summary of the run says so. */
export function canRunKeytool(what: string): boolean {
  const here = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'keytool')))
  if (!here) reportNotRun(what, 'keytool is not installed (package openjdk-17-jre-headless)')
  return here
}

/** Lists a key store with all certificates in PEM, in English. Throws if keytool refuses it. */
export async function listKeyStore(store: Uint8Array, password: string): Promise<string> {
  return await inFolder(store, async (path) => await execute(['-list', '-rfc', '-keystore', path, '-storepass', password]))
}

/** Has keytool read all of a key store, its key too, and write it as PKCS #12. */
export async function importKeyStore(store: Uint8Array, password: string): Promise<Uint8Array> {
  return await inFolder(store, async (path) => {
    const target = ['-destkeystore', `${path}.p12`, '-deststoretype', 'PKCS12', '-deststorepass', password]
    await execute(['-importkeystore', '-noprompt', '-srckeystore', path, '-srcstorepass', password, ...target])
    return await readFile(`${path}.p12`)
  })
}

async function inFolder<T>(store: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-keytool-'))
  try {
    const path = join(folder, 'store')
    await writeFile(path, store)
    return await use(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function execute(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: 60_000, env: { PATH: process.env['PATH'], LC_ALL: 'C' } }
    execFile('keytool', ['-J-Duser.language=en', ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(`${stdout}${stderr}`)
      else reject(new Error(`keytool ${args[0]} refused: ${stdout}${stderr}`))
    })
  })
}
