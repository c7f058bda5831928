import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../config.ts'
import { forgetUntoldKey } from '../installation/untold-key-file.ts'
import type { RunningProcess } from '../main.ts'

/**
 * Tells a person where the service is, and at the very first start how to use it. The secret of a new access key goes to a
 * terminal, else into a file of mode 0600 whose path is told: standard output may end up in a log.
 */
export function announce({ addresses, installation, services }: RunningProcess, settings: Settings): void {
  const lines = [
    settings.emulator ? 'Chancery is ready in emulator mode: for tests only, every certificate is marked.' : 'Chancery is ready.',
  ]
  const httpServes = servesSignedCalls(settings) ? 'signed calls, CA and CRLs' : 'CA and CRLs, no calls'
  if (addresses.http) lines.push(`  ${httpServes.padEnd(25)}  ${addresses.http}`)
  if (addresses.https) lines.push(`  calls, CA, CRLs over TLS   ${addresses.https.replace('127.0.0.1', 'localhost')}`)
  if (addresses.admin) lines.push(`  readiness and metrics      ${addresses.admin}/readyz, /metrics`)
  if (settings.databaseUrl !== undefined) lines.push('  database                   PostgreSQL (DATABASE_URL)')
  lines.push(`  data folder                ${settings.data}`)
  if (installation.created !== undefined)
    lines.push('', ...tellFirstStart(installation.created, installation.rootAccountId, settings, addresses))
  if (services.authority.crlUrl(0) === undefined && installation.created !== undefined) {
    lines.push('', 'CHANCERY_PKI_URL is not set: certificates name no CRL address. It can only be set before the first start.')
  }
  process.stdout.write(`${lines.join('\n')}\n`)
  if (installation.created !== undefined) forgetUntoldKey(settings.data)
}

/** Whether the HTTP listener serves signed calls: on the loopback only, see `openListeners` of main.ts. */
function servesSignedCalls({ httpListen, roles }: Settings): boolean {
  if (httpListen === 'off' || !roles.includes('api')) return false
  return httpListen.host === 'localhost' || httpListen.host === '::1' || httpListen.host.startsWith('127.')
}

function tellFirstStart(
  created: NonNullable<RunningProcess['installation']['created']>,
  accountId: number,
  settings: Settings,
  addresses: RunningProcess['addresses'],
): string[] {
  const endpoint = (servesSignedCalls(settings) ? addresses.http : undefined) ?? addresses.https?.replace('127.0.0.1', 'localhost') ?? ''
  const example = [
    `  export CHANCERY_ENDPOINT=${endpoint}`,
    '  bin/chancery plan show digicert-free-1-free',
    '  bin/chancery order create --domain www.example.com',
  ]
  const lines = [
    `First start: account ${accountId}, plans of 20 digicert-free-1-free and 20 chancery-private-mix, access key ${created.accessKeyId}.`,
  ]
  if (created.secretIsGiven) {
    return [
      ...lines,
      'Its secret is the one that the settings gave.',
      '',
      'Try:',
      `  export ALIBABA_CLOUD_ACCESS_KEY_ID=${created.accessKeyId} ALIBABA_CLOUD_ACCESS_KEY_SECRET=…`,
      ...example,
    ]
  }
  if (process.stdout.isTTY) {
    return [
      ...lines,
      `Its secret, shown this once: ${created.secret}`,
      '',
      'Try:',
      `  export ALIBABA_CLOUD_ACCESS_KEY_ID=${created.accessKeyId} ALIBABA_CLOUD_ACCESS_KEY_SECRET=${created.secret}`,
      ...example,
    ]
  }
  const file = join(settings.data, 'root-access-key.env')
  const text = `ALIBABA_CLOUD_ACCESS_KEY_ID=${created.accessKeyId}\nALIBABA_CLOUD_ACCESS_KEY_SECRET=${created.secret}\n`
  writeFileSync(file, text, { mode: 0o600, flush: true })
  return [
    ...lines,
    `Its secret is in ${file} (mode 0600): keep it elsewhere and delete the file.`,
    '',
    'Try:',
    `  set -a; . ${file}; set +a`,
    ...example,
  ]
}
