import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { loadSettings } from '../../src/config.ts'
import { reportNotRun } from '../support/not-run.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const instructions = read('deploy/Dockerfile')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const valuesOf = (name: string) => instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
/** What the image takes from the repository. */
const sources = valuesOf('COPY')
  .filter((value) => !value.startsWith('--from'))
  .flatMap((value) => value.split(' ').slice(0, -1))
const environment = Object.fromEntries(
  valuesOf('ENV').flatMap((value) => value.split(/\s+/).map((pair) => pair.split('=') as [string, string])),
)
const compose = read('deploy/compose.yaml')

describe('the Dockerfile', () => {
  it('copies what exists, and .dockerignore lets it through', () => {
    assert.ok(sources.length > 0)
    const let_through = read('.dockerignore').split('\n')
    for (const source of sources) {
      assert.ok(existsSync(join(root, source)), source)
      assert.ok(let_through.includes(`!${source}`), `.dockerignore keeps ${source} out`)
    }
  })

  it('sets settings that exist, exposes the ports that it listens on, and drops root', () => {
    const settings = loadSettings(environment)
    const ports = [settings.httpListen, settings.httpsListen].map((listen) => (listen === 'off' ? undefined : String(listen.port)))
    assert.deepEqual(valuesOf('EXPOSE')[0]?.split(' '), ports)
    assert.deepEqual(valuesOf('VOLUME'), [environment['CHANCERY_DATA']])
    assert.deepEqual(valuesOf('USER'), ['10001:10001'])
    for (const made of ['groupadd --system --gid 10001 chancery', 'useradd --system --uid 10001 --gid chancery']) {
      assert.ok(
        valuesOf('RUN').some((line) => line.includes(made)),
        made,
      )
    }
    assert.ok(
      instructions.findLastIndex((line) => line.startsWith('USER')) < instructions.findIndex((line) => line.startsWith('ENTRYPOINT')),
    )
    reportNotRun('building and running the image', 'there is no container engine')
  })

  it('starts from what its steps install', { timeout: 240_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
    try {
      for (const source of sources) cpSync(join(root, source), join(folder, source), { recursive: true })
      const install = valuesOf('RUN').find((line) => line.startsWith('npm ci'))
      assert.ok(install !== undefined)
      await promisify(execFile)('sh', ['-c', install], {
        cwd: folder,
        timeout: 200_000,
        env: { ...process.env, npm_config_prefer_offline: 'true' },
      })
      assert.ok(!existsSync(join(folder, 'node_modules/typescript')))
      const service = spawn(join(folder, 'bin/chancery'), ['serve'], {
        cwd: folder,
        env: {
          CHANCERY_DATA: join(folder, 'data'),
          CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
          CHANCERY_HTTPS_LISTEN: 'off',
          CHANCERY_ADMIN_LISTEN: 'off',
          CHANCERY_RSA_POOL: '0',
          PATH: process.env['PATH'],
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const exited = once(service, 'exit')
      try {
        const base = await new Promise<string>((resolve, reject) => {
          let text = ''
          const look = (chunk: Buffer) => {
            text += chunk.toString()
            const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)
            if (found !== null) resolve(found[0])
          }
          service.stdout.on('data', look)
          service.stderr.on('data', look)
          service.once('exit', () => reject(new Error(text)))
        })
        assert.equal((await fetch(`${base}/readyz`)).status, 200)
      } finally {
        service.kill('SIGTERM')
        await exited
      }
      assert.equal(service.exitCode, 0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('the compose file', () => {
  it('names the Dockerfile, the volume and the ports of the image', () => {
    const dockerfile = /dockerfile: (\S+)/.exec(compose)?.[1] ?? ''
    assert.ok(existsSync(join(root, dockerfile)))
    assert.ok(compose.includes(`chancery-data:${environment['CHANCERY_DATA']}\n`))
    const ports = [...compose.matchAll(/- ["']\d+:(\d+)["']/g)].map(([, port]) => port)
    assert.deepEqual(ports, valuesOf('EXPOSE')[0]?.split(' '))
  })

  it('has settings that exist, and no secret', () => {
    const names = [...compose.matchAll(/^ +(?:# )?(CHANCERY_\w+|DATABASE_URL): /gm)].map(([, name]) => name ?? '')
    assert.ok(names.includes('CHANCERY_PKI_URL'), 'what the first start decides on is not named')
    for (const name of names) assert.ok(read('docs/configuration.md').includes(`| \`${name}\` |`), name)
    assert.doesNotMatch(compose, /PASSWORD: |SECRET: |MASTER_KEY: /)
    const declared = [...compose.matchAll(/^ {2}(\S+):\n {4}file:/gm)].map(([, name]) => name)
    const used = [...compose.matchAll(/secrets:\n {6}- (\S+)/g)].map(([, name]) => name)
    assert.deepEqual(used, declared)
  })
})
