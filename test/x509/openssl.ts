import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Runs the openssl command line tool, the oracle of these tests, over files: an argument `@name` stands for the path of
 * `files[name]`. Gives what it wrote on both outputs. Throws if it ends with another status than 0, or is not installed.
 */
export async function runOpenssl(args: readonly string[], files: Readonly<Record<string, Uint8Array | string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-openssl-'))
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
    return await execute(args.map((arg) => (arg.startsWith('@') ? join(folder, arg.slice(1)) : arg)))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function execute(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // UTC and one language, whatever the machine is set to.
    const options = { maxBuffer: 64 * 1024 * 1024, timeout: 60_000, env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } }
    execFile('openssl', args, options, (error, stdout, stderr) => {
      if (error === null) resolve(`${stdout}${stderr}`)
      else if (error.code === 'ENOENT') reject(new Error('these tests need the openssl command line tool: install the package openssl'))
      else reject(new Error(`openssl ${args[0]} refused: ${stdout}${stderr}`))
    })
  })
}
