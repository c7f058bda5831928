import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { type DnsServer, startDnsServer } from '../../../demo/dns-server.ts'
import { reportNotRun } from '../../support/not-run.ts'
import { createTestData } from '../../support/service.ts'
import { type ServiceProcess, spawnService } from '../../support/service-process.ts'
import { callSigned, extension } from '../../support/signed-call.ts'
import { findPorts } from './find-ports.ts'
import { findProgram } from './find-program.ts'
import { startTxtRecords } from './txt-records.ts'

/** A service of its own process behind HTTPS, and the little world in which its ACME clients prove names. */
export interface AcmeScene extends AsyncDisposable {
  /** For what the clients keep; removed with the scene. */
  readonly folder: string
  readonly service: ServiceProcess
  /** `https://localhost:…/acme/directory` */
  readonly directory: string
  /** PEM file of the root that the certificates of the service lead to, also that of its listener. */
  readonly rootFile: string
  /** Where the service looks for `http-01`; nothing listens until a client does. */
  readonly httpPort: number
  /** The same for `tls-alpn-01`. */
  readonly tlsPort: number
  /** The resolver that the service asks. */
  readonly dns: DnsServer
  /** A program for hooks of clients: `… add|remove NAME VALUE` publishes a TXT record, or takes it back. */
  readonly txtHook: string
}

/** What an external account key gives, as clients take it. */
export interface ExternalAccountKey {
  readonly kid: string
  /** base64url */
  readonly hmac: string
}

export async function openAcmeScene(): Promise<AcmeScene> {
  const closing: (() => unknown)[] = []
  const close = async () => {
    for (const step of closing.toReversed()) await step()
  }
  try {
    const data = await createTestData('sqlite')
    closing.push(() => data.remove())
    const dns = await startDnsServer()
    closing.push(() => dns.close())
    const records = await startTxtRecords(dns)
    closing.push(() => records.close())
    const [http = 0, https = 0, httpPort = 0, tlsPort = 0] = await findPorts(4)
    const service = await spawnService(data, {
      CHANCERY_HTTP_LISTEN: `127.0.0.1:${http}`,
      CHANCERY_HTTPS_LISTEN: `127.0.0.1:${https}`,
      CHANCERY_PUBLIC_URL: `https://localhost:${https}`,
      CHANCERY_PKI_URL: `http://127.0.0.1:${http}`,
      CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
      CHANCERY_VALIDATION_HTTP_PORT: String(httpPort),
      CHANCERY_VALIDATION_TLS_ALPN_PORT: String(tlsPort),
      CHANCERY_VALIDATION_ALLOW_CIDRS: '127.0.0.1/32',
    })
    closing.push(() => service.end())
    const rootFile = join(data.folder, 'root.pem')
    writeFileSync(rootFile, await (await fetch(`${service.endpoint}/ca/root.pem`)).text())
    return {
      folder: data.folder,
      service,
      directory: `https://localhost:${https}/acme/directory`,
      rootFile,
      httpPort,
      tlsPort,
      dns,
      txtHook: writeScript(data.folder, 'txt-hook', `TXT_RECORDS='${records.url}' exec '${process.execPath}' '${txtHookFile}' "$@"`),
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const txtHookFile = join(import.meta.dirname, 'txt-hook.ts')

/** Writes a program for the shell and gives its path. */
export function writeScript(folder: string, name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${content}\n`, { mode: 0o755 })
  return path
}

/** Makes a key of the operator's account. */
export async function createExternalAccountKey({ service }: AcmeScene): Promise<ExternalAccountKey> {
  const { status, body, text } = await callSigned(service.endpoint, 'CreateEabKey', { Name: 'for a client' }, extension)
  assert.equal(status, 200, text)
  return { kid: String(body['KeyId']), hmac: String(body['MacKey']) }
}

/** The contacts of the ACME accounts that there are, the newest account first, as their tenant sees them. */
export async function listContacts({ service }: AcmeScene): Promise<unknown[]> {
  const { status, body, text } = await callSigned(service.endpoint, 'ListAcmeAccounts', {}, extension)
  assert.equal(status, 200, text)
  return (body['AcmeAccounts'] as { Contacts: unknown }[]).map(({ Contacts }) => Contacts)
}

/**
 * The tests of one ACME client as it is, on a scene of their own.
 *
 * @param obstacle why it cannot run here: the tests are skipped, and the summary of the run says so
 */
export function describeAcmeClient(name: string, obstacle: string | undefined, body: (scene: () => AcmeScene) => void): void {
  if (obstacle !== undefined) reportNotRun(`ACME with ${name}`, obstacle)
  describe(`ACME with ${name}`, { skip: obstacle !== undefined, timeout: 300_000 }, () => {
    let scene: AcmeScene | undefined
    before(async () => {
      scene = await openAcmeScene()
    })
    after(() => scene?.[Symbol.asyncDispose]())
    body(() => scene ?? assert.fail('the service did not start'))
  })
}

/** The same for a program of Debian's package of that name. */
export function describeAcmeProgram(name: string, body: (scene: () => AcmeScene) => void): void {
  describeAcmeClient(name, findProgram(name) === undefined ? `${name} is not installed` : undefined, body)
}
