import { statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { ListenAddress, Settings } from '../config.ts'
import type { DatabaseCheck } from '../installation/check-database.ts'
import { DATABASE_FILE } from '../storage/sqlite/backup-file.ts'
import { createDnsClient } from '../validation/net/dns-client.ts'
import { listSystemResolvers } from '../validation/net/system-resolvers.ts'
import { explainFailure } from './explain-failure.ts'
import type { RunAdminCommand } from './run-admin-command.ts'

/** One thing that was looked at. `bad` has to be mended; `note` is worth knowing. */
export interface Finding {
  readonly grade: 'good' | 'note' | 'bad'
  readonly subject: string
  readonly message: string
}

/** Clocks may differ this much: signed calls are accepted 15 minutes around, leases last 60 s. */
const MOST_CLOCK_DIFFERENCE_MS = 5_000

/** Looks at all that a service needs from its machine. */
export async function examine(settings: Settings, local: RunAdminCommand): Promise<Finding[]> {
  return [
    ...examineFolder(settings),
    ...(await examineDatabase(settings, local)),
    ...(await examinePorts(settings)),
    ...(await examineResolvers(settings)),
  ]
}

function examineFolder({ data, masterKey, masterKeyFile }: Settings): Finding[] {
  const findings: Finding[] = []
  const places = [{ subject: 'data', path: data, most: 0o700 }]
  if (masterKey === undefined) places.push({ subject: 'master key', path: masterKeyFile, most: 0o600 })
  for (const { subject, path, most } of places) {
    const status = statSync(path, { throwIfNoEntry: false })
    if (status === undefined) {
      findings.push({ grade: 'note', subject, message: `${path} does not exist yet: the first start makes it` })
    } else if ((status.mode & 0o777 & ~most) !== 0) {
      findings.push({ grade: 'bad', subject, message: `others on this machine can reach ${path}: chmod ${most.toString(8)} ${path}` })
    } else findings.push({ grade: 'good', subject, message: `${path} is for its owner alone` })
  }
  return findings
}

async function examineDatabase(settings: Settings, local: RunAdminCommand): Promise<Finding[]> {
  const subject = 'database'
  if (settings.databaseUrl === undefined && statSync(join(settings.data, DATABASE_FILE), { throwIfNoEntry: false }) === undefined) {
    return [{ grade: 'note', subject, message: 'there is none yet: the first start makes it' }]
  }
  let check: DatabaseCheck
  try {
    check = (await local('database-check', {})) as DatabaseCheck
  } catch (error) {
    return [{ grade: 'bad', subject, message: explainFailure(error) }]
  }
  return [
    { grade: 'good', subject, message: `${check.engine} answers, and the master key fits` },
    check.planDifferences + check.orderFaults === 0
      ? { grade: 'good', subject: 'quota', message: 'all counters agree with the ledger' }
      : { grade: 'bad', subject: 'quota', message: 'counters differ from the ledger: chancery plan audit tells which' },
    examineClock(check),
    examineRootCrl(check),
    check.pkiUrl === undefined
      ? { grade: 'note', subject: 'CRL', message: 'CHANCERY_PKI_URL was not set when the CA was made: certificates name no CRL address' }
      : { grade: 'good', subject: 'CRL', message: `certificates name ${check.pkiUrl}: make sure that relying parties reach it` },
  ]
}

function examineClock({ clockDifferenceMs, newestEventAt, now }: DatabaseCheck): Finding {
  const subject = 'clock'
  if (Math.abs(clockDifferenceMs) > MOST_CLOCK_DIFFERENCE_MS) {
    const seconds = (clockDifferenceMs / 1000).toFixed(1)
    return { grade: 'bad', subject, message: `this machine is ${seconds} s away from the database server: let both follow NTP` }
  }
  if (newestEventAt !== undefined && newestEventAt > now + MOST_CLOCK_DIFFERENCE_MS) {
    return { grade: 'bad', subject, message: `it was set back: the newest event lies ${Math.round((newestEventAt - now) / 1000)} s ahead` }
  }
  return { grade: 'good', subject, message: `agrees with the database (${clockDifferenceMs} ms apart)` }
}

/** The root's CRL is signed by command, once a year: it is easily forgotten. */
const ROOT_CRL_NOTICE_MS = 30 * 86_400_000

function examineRootCrl({ rootCrlEndsAt, now }: DatabaseCheck): Finding {
  const subject = 'root CRL'
  const left = (rootCrlEndsAt ?? 0) - now
  if (left < 0) return { grade: 'bad', subject, message: 'it has ended: chancery ca root-crl signs the next one' }
  const days = Math.floor(left / 86_400_000)
  if (left < ROOT_CRL_NOTICE_MS)
    return { grade: 'note', subject, message: `it ends in ${days} days: chancery ca root-crl signs the next one` }
  return { grade: 'good', subject, message: `valid for ${days} more days` }
}

async function examinePorts(settings: Settings): Promise<Finding[]> {
  const listeners = { HTTP: settings.httpListen, HTTPS: settings.httpsListen, admin: settings.adminListen }
  const findings: Finding[] = []
  for (const [subject, address] of Object.entries(listeners)) {
    if (address === 'off') continue
    findings.push(await examinePort(subject, address))
  }
  return findings
}

async function examinePort(subject: string, address: ListenAddress): Promise<Finding> {
  const where = `${address.host}:${address.port}`
  const code = await tryToListen(address)
  if (code === undefined) return { grade: 'note', subject, message: `nothing listens on ${where}: the service is not running` }
  if (code !== 'EADDRINUSE') return { grade: 'bad', subject, message: `${where} cannot be listened on (${code})` }
  try {
    const response = await fetch(`${subject === 'HTTPS' ? 'https' : 'http'}://${where}/healthz`, { signal: AbortSignal.timeout(2_000) })
    const text = await response.text()
    if (text.trim() === 'ok') return { grade: 'good', subject, message: `the service answers on ${where}` }
  } catch (error) {
    // The certificate of the own CA is not trusted by this machine; that something speaks TLS there is enough to know.
    if (
      subject === 'HTTPS' &&
      error instanceof Error &&
      error.cause instanceof Error &&
      'code' in error.cause &&
      /CERT|SIGNATURE/.test(String(error.cause.code))
    ) {
      return { grade: 'good', subject, message: `a TLS server answers on ${where}` }
    }
  }
  return { grade: 'bad', subject, message: `another program listens on ${where}: choose another address` }
}

function tryToListen({ host, port }: ListenAddress): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown error'))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
}

async function examineResolvers(settings: Settings): Promise<Finding[]> {
  const resolvers = settings.dnsResolvers.length > 0 ? settings.dnsResolvers : listSystemResolvers()
  const findings: Finding[] = []
  for (const resolver of resolvers) {
    const client = createDnsClient({ resolvers: [resolver], timeoutMs: settings.dnsTimeoutMs, tries: 1, randomBytes })
    const where = `${resolver.address}:${resolver.port}`
    // The zone is signed: a validating resolver says so of its answers.
    const answer = await client.query('com', 'TXT', AbortSignal.timeout(10_000))
    const exchange = answer.exchanges.at(-1)
    if (exchange?.rcode === undefined) {
      findings.push({ grade: 'bad', subject: 'resolver', message: `${where} does not answer: see CHANCERY_DNS_RESOLVERS` })
    } else if (exchange.ad === true) {
      findings.push({ grade: 'good', subject: 'resolver', message: `${where} answers and validates DNSSEC` })
    } else {
      const why = 'it does not validate DNSSEC, or is not on the loopback: run a validating resolver such as unbound on this machine'
      findings.push({ grade: 'note', subject: 'resolver', message: `${where} answers; ${why}` })
    }
  }
  return findings
}
