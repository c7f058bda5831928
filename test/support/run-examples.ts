import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDnsServer } from '../../demo/dns-server.ts'
import { type ApiExample, apiExamples } from '../../src/cli/api-examples.ts'
import type { Action } from '../../src/gateway/action.ts'
import { makeAuthority, makeKey } from '../certificates/make-certificates.ts'
import { runOpenssl } from '../x509/openssl.ts'
import { startIssuer } from './issuer.ts'
import { plantAcmeAccount } from './plant-acme-account.ts'
import { type TestData, type TestService, until, withService } from './service.ts'
import type { CallAnswer } from './signed-call.ts'

/**
 * Calls all examples of the reference one after the other, on a service of their own with a DNS server and an OpenID Connect issuer.
 *
 * @returns the answers of the calls that the reference shows, by version and name, in the order of the calls
 */
export async function runExamples(data: TestData, actions: readonly Action[]): Promise<ReadonlyMap<string, CallAnswer>> {
  const dns = await startDnsServer()
  dns.setAddresses('localhost', ['127.0.0.1'])
  const issuer = await startIssuer()
  const folder = mkdtempSync(join(tmpdir(), 'chancery-examples-'))
  try {
    const caFile = join(folder, 'issuer.pem')
    writeFileSync(caFile, issuer.root.pem)
    const env = {
      CHANCERY_EMULATOR: '1',
      CHANCERY_EMULATOR_PROOFS: 'real',
      CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
      CHANCERY_OIDC_ISSUERS: issuer.url,
      CHANCERY_OIDC_ALLOW_CIDRS: '127.0.0.0/8',
      CHANCERY_OIDC_CA_FILE: caFile,
    }
    const key = await issuer.createKey('the key')
    const CsrKey = await makeKey('ec')
    const { cert, key: certificateKey } = await makeAuthority('elsewhere.example.com')
    const brought = {
      Csr: await runOpenssl(['req', '-new', '-key', '@key', '-subj', '/CN=api.example.com'], { key: CsrKey }),
      CsrKey,
      Certificate: cert,
      CertificateKey: certificateKey,
      IssuerUrl: issuer.url,
      OIDCToken: await key.sign({ aud: 'builds' }),
    }
    return await withService(
      data,
      async (service) => {
        await plantAcmeAccount(service, { accountId: service.accountId, eabKeyId: null })
        return await callAll(service, actions, new Map(Object.entries(brought)))
      },
      env,
    )
  } finally {
    rmSync(folder, { recursive: true })
    await issuer.close()
    await dns.close()
  }
}

async function callAll(
  service: TestService,
  actions: readonly Action[],
  kept: Map<string, string>,
): Promise<ReadonlyMap<string, CallAnswer>> {
  const answers = new Map<string, CallAnswer>()
  for (const example of apiExamples) {
    const version = example.version ?? actions.find(({ name }) => name === example.action)?.version
    assert.ok(version !== undefined, `${example.action} is no action`)
    const answer = await callExample(service, example, version, kept)
    for (const [name, path] of Object.entries(example.keeps ?? {})) {
      const value = valueAt(answer.body, path)
      assert.ok(value !== undefined, `${example.action} does not answer ${path}: ${answer.text}`)
      kept.set(name, value)
    }
    const place = `${version} ${example.action}`
    if (example.aside === undefined && !answers.has(place)) answers.set(place, answer)
  }
  return answers
}

async function callExample(
  service: TestService,
  { action, parameters, by, aside, until: awaited }: ApiExample,
  version: string,
  kept: ReadonlyMap<string, string>,
): Promise<CallAnswer> {
  const fill = (text: string) => text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => kept.get(name) ?? whole)
  const filled = Object.fromEntries(Object.entries(parameters).map(([name, text]) => [name, fill(text)]))
  const key = { accessKeyId: fill('{UserAccessKeyId}'), secret: fill('{UserAccessKeySecret}') }
  const call = () => service.call(action, filled, { version, ...(by !== undefined && { key }) })
  if (awaited !== undefined) {
    return await until(`${action} to show ${JSON.stringify(awaited)}`, async () => {
      const answer = await call()
      const shows = ([path, value]: readonly [string, string]) => {
        const found = valueAt(answer.body, path)
        return value === '' ? found !== undefined : found === value
      }
      return Object.entries(awaited).every(shows) ? answer : undefined
    })
  }
  const answer = await call()
  const refusal = typeof aside === 'object' ? aside.refusedWith : undefined
  assert.equal(answer.status === 200 ? undefined : answer.body['Code'], refusal, `${action}: ${answer.text}`)
  return answer
}

/** The text or number at a path, e.g. `Events.0.EventId`. */
function valueAt(body: unknown, path: string): string | undefined {
  const found = path.split('.').reduce((at: unknown, name) => (at as Record<string, unknown> | undefined)?.[name], body)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined
}
