import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createSocket } from 'node:dgram'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Programs of Debian's packages that these tests start, and the package of each. */
const programs = {
  unbound: { package: 'unbound', places: ['/usr/sbin/unbound', '/usr/local/sbin/unbound'] },
  nsd: { package: 'nsd', places: ['/usr/sbin/nsd', '/usr/local/sbin/nsd'] },
  keygen: { package: 'ldnsutils', places: ['/usr/bin/ldns-keygen', '/usr/local/bin/ldns-keygen'] },
  signzone: { package: 'ldnsutils', places: ['/usr/bin/ldns-signzone', '/usr/local/bin/ldns-signzone'] },
} as const

/** The packages that are missing here; empty if all programs are there. */
export function missingPackages(): string[] {
  return [...new Set(Object.values(programs).flatMap((program) => (findProgram(program.places) === undefined ? [program.package] : [])))]
}

function findProgram(places: readonly string[]): string | undefined {
  return places.find((place) => existsSync(place))
}

function pathOf(name: keyof typeof programs): string {
  const path = findProgram(programs[name].places)
  if (path === undefined) throw new Error(`${name} is not installed`)
  return path
}

/** One zone to serve. */
export interface TestZone {
  readonly name: string
  /** TXT records by full name. */
  readonly txt: Readonly<Record<string, string>>
  /** `tampered`: signed with other values, which are then replaced by these behind the signatures. */
  readonly kind: 'signed' | 'unsigned' | 'tampered'
}

/** unbound on a port that was chosen before, and nsd behind it. */
export interface DnsServers {
  close(): Promise<void>
}

/** A port that is free for UDP and TCP for now. */
export async function chooseUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

/**
 * Starts nsd as the authority of the zones, and unbound as a validating resolver that asks only nsd. unbound knows the keys of the signed
 * zones as a chain of trust from a parent would give them.
 */
export async function startDnsServers(resolverPort: number, zones: readonly TestZone[]): Promise<DnsServers> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-dns-'))
  const servers: RunningServer[] = []
  const close = async (): Promise<void> => {
    for (const server of servers) await end(server)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const anchors: string[] = []
    for (const zone of zones) anchors.push(...(await writeZone(folder, zone)))
    const authorityPort = await chooseUdpPort()
    writeFileSync(join(folder, 'nsd.conf'), nsdConfiguration(folder, authorityPort, zones))
    servers.push(start(pathOf('nsd'), ['-d', '-c', join(folder, 'nsd.conf')]))
    writeFileSync(join(folder, 'unbound.conf'), unboundConfiguration(folder, { resolverPort, authorityPort, zones, anchors }))
    servers.push(start(pathOf('unbound'), ['-d', '-c', join(folder, 'unbound.conf')]))
    return { close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Writes the zone's file, signs it if it is to be, and returns its trust anchors. */
async function writeZone(folder: string, { name, txt, kind }: TestZone): Promise<string[]> {
  const file = join(folder, `${name}.zone`)
  const records = Object.entries(txt).map(([owner, value]) => `${owner}. 60 IN TXT "${kind === 'tampered' ? `before ${value}` : value}"`)
  const head = [`$ORIGIN ${name}.`, '$TTL 60', `@ IN SOA ns.${name}. hostmaster.${name}. 1 3600 600 86400 60`, `@ IN NS ns.${name}.`]
  writeFileSync(file, [...head, 'ns IN A 127.0.0.1', ...records, ''].join('\n'))
  if (kind === 'unsigned') return []
  const { stdout } = await run(pathOf('keygen'), ['-k', '-a', 'ECDSAP256SHA256', name], { cwd: folder })
  const key = join(folder, stdout.trim())
  await run(pathOf('signzone'), ['-n', '-f', `${file}.signed`, file, key], { cwd: folder })
  const signed = readFileSync(`${file}.signed`, 'utf8')
  writeFileSync(file, kind === 'tampered' ? signed.replaceAll('"before ', '"') : signed)
  return [readFileSync(`${key}.ds`, 'utf8').trim()]
}

function nsdConfiguration(folder: string, port: number, zones: readonly TestZone[]): string {
  const server = ['server:', `  ip-address: 127.0.0.1@${port}`, '  username: ""', '  chroot: ""', '  database: ""', '  server-count: 1']
  const files = [`  pidfile: "${folder}/nsd.pid"`, `  xfrdfile: "${folder}/xfrd.state"`, `  zonelistfile: "${folder}/zone.list"`]
  const rest = [`  zonesdir: "${folder}"`, `  xfrdir: "${folder}"`, '  rrl-ratelimit: 0', 'remote-control:', '  control-enable: no']
  const lists = zones.flatMap(({ name }) => ['zone:', `  name: "${name}"`, `  zonefile: "${name}.zone"`])
  return [...server, ...files, ...rest, ...lists, ''].join('\n')
}

interface ResolverPlace {
  readonly resolverPort: number
  readonly authorityPort: number
  readonly zones: readonly TestZone[]
  readonly anchors: readonly string[]
}

function unboundConfiguration(folder: string, { resolverPort, authorityPort, zones, anchors }: ResolverPlace): string {
  const place = ['server:', '  interface: 127.0.0.1', `  port: ${resolverPort}`, '  access-control: 127.0.0.0/8 allow', '  do-ip6: no']
  const user = ['  username: ""', '  chroot: ""', `  directory: "${folder}"`, `  pidfile: "${folder}/unbound.pid"`, '  use-syslog: no']
  const rest = ['  do-not-query-localhost: no', '  module-config: "validator iterator"', '  num-threads: 1', '  verbosity: 0']
  const trust = anchors.map((anchor) => `  trust-anchor: "${anchor.replaceAll('\t', ' ')}"`)
  const stubs = zones.flatMap(({ name }) => ['stub-zone:', `  name: "${name}"`, `  stub-addr: 127.0.0.1@${authorityPort}`])
  return [...place, ...user, ...rest, ...trust, 'remote-control:', '  control-enable: no', ...stubs, ''].join('\n')
}

interface RunningServer {
  readonly child: ChildProcess
  readonly log: () => string
}

function start(command: string, args: readonly string[]): RunningServer {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  return { child, log: () => log }
}

async function end({ child, log }: RunningServer): Promise<void> {
  // Nobody else ends it: it did not start, and its own words say why.
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${child.spawnfile} ended by itself:\n${log()}`)
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exited
  clearTimeout(late)
}
