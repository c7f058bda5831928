// Runs a suite: `node test/run.ts [clients|crash] [files, folders and options of node --test...]`.
// Starts PostgreSQL for it, lists what could not run here, and ends with the runner's own closing lines and exit code.
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import type { TestPostgres } from './support/postgres.ts'

const root = join(import.meta.dirname, '..')
const ownProcessSuites = ['clients', 'crash']

assertNode()
process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const suite = ownProcessSuites.find((name) => name === args[0])
  const rest = suite === undefined ? args : args.slice(1)
  const options = rest.filter((arg) => arg.startsWith('-'))
  const paths = rest.filter((arg) => !arg.startsWith('-'))
  const absent = paths.filter((path) => !existsSync(path))
  const files = absent.length > 0 ? [] : listFiles(suite, paths)
  if (files.length === 0) {
    console.error(
      `There is no test file in ${(absent.length > 0 ? absent : paths.length > 0 ? paths : [join('test', suite ?? '')]).join(', ')}.`,
    )
    return 1
  }

  const notRunFolder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  const notRunFile = join(notRunFolder, 'not-run')
  writeFileSync(notRunFile, '')
  const postgres = await startServer(notRunFile)
  try {
    // Suites that start programs and kill them get a process for each file, one after the other.
    const own = suite !== undefined
    const isolation = own ? ['--test-isolation=process', '--test-concurrency=1'] : ['--test-isolation=none']
    const limits = [`--test-timeout=${own ? 2_700_000 : 120_000}`, '--import', join(root, 'test/support/assert-closed.ts')]
    const { code, closingLines } = await runTests(['--test', '--test-reporter=spec', ...isolation, ...limits, ...options, ...files], {
      CHANCERY_NOT_RUN_FILE: notRunFile,
      ...(postgres === undefined ? {} : { TEST_POSTGRES_URL: postgres.url }),
    })
    printSummary(readFileSync(notRunFile, 'utf8'), closingLines)
    return code
  } finally {
    await postgres?.stop?.()
    rmSync(notRunFolder, { recursive: true, force: true })
  }
}

/** Below 26 the code's own syntax and `node:sqlite` may be missing, and failures would say anything but that. */
function assertNode(): void {
  if (Number(process.versions.node.split('.')[0]) >= 26) return
  console.error(`The tests need Node 26, and this is ${process.version}. Run: npm ci && npm test (npm puts the pinned Node first).`)
  process.exit(1)
}

function listFiles(suite: string | undefined, paths: readonly string[]): string[] {
  if (paths.length > 0) return paths.flatMap((path) => (isFolder(path) ? listTests(path) : path)).sort()
  if (suite !== undefined) return listTests(join(root, 'test', suite)).sort()
  const ofOtherSuites = (file: string) => ownProcessSuites.some((name) => !relative(join(root, 'test', name), file).startsWith('..'))
  return listTests(join(root, 'test'))
    .filter((file) => !ofOtherSuites(file))
    .sort()
}

function listTests(folder: string): string[] {
  return globSync('**/*.test.ts', { cwd: folder }).map((file) => join(folder, file))
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}

/** A server that somebody gave in TEST_POSTGRES_URL, or one of our own. Undefined, and one line saying so, where there is none to start. */
async function startServer(notRunFile: string): Promise<(Pick<TestPostgres, 'url'> & Partial<Pick<TestPostgres, 'stop'>>) | undefined> {
  const given = process.env['TEST_POSTGRES_URL']
  if (given !== undefined && given !== '') return { url: given }
  try {
    const { startPostgres } = await import('./support/postgres.ts')
    const bin = process.env['TEST_POSTGRES_BIN']
    return await startPostgres(bin === undefined || bin === '' ? {} : { bin })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'PostgresMissing') throw error
    writeFileSync(notRunFile, `not-run: storage tests on PostgreSQL: ${error.message}\n`, { flag: 'a' })
    console.log(`Storage tests on PostgreSQL do not run: ${error.message}.`)
    return undefined
  }
}

interface Result {
  readonly code: number
  /** The runner's counts, e.g. `ℹ pass 12`. */
  readonly closingLines: readonly string[]
}

/** Runs the tests and passes their output on. */
async function runTests(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Result> {
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? { FORCE_COLOR: '1' } : {}
  const child = spawn(process.execPath, args, { env: { ...process.env, ...colour, ...env }, stdio: ['inherit', 'pipe', 'inherit'] })
  const stopForwarding = forwardSignals(child)
  const closingLines: string[] = []
  child.stdout.pipe(process.stdout, { end: false })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const plain = stripVTControlCharacters(line)
    if (!/^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/.test(plain)) return
    if (plain.startsWith('ℹ tests')) closingLines.length = 0
    closingLines.push(plain)
  })
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve([code, signal]))
  })
  stopForwarding()
  if (signal !== null) console.error(`The test process was ended by ${signal}.`)
  return { code: code ?? (signal === null ? 1 : 128 + constants.signals[signal]), closingLines }
}

function forwardSignals(child: ChildProcess): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const forward = (signal: NodeJS.Signals) => void child.kill(signal)
  for (const signal of signals) process.on(signal, forward)
  return () => {
    for (const signal of signals) process.off(signal, forward)
  }
}

function printSummary(notRun: string, closingLines: readonly string[]): void {
  const entries = new Set(notRun.split('\n').filter((line) => line.startsWith('not-run: ')))
  console.log('')
  const skipped = Number(/ skipped (\d+)/.exec(closingLines.join('\n'))?.[1] ?? 0)
  if (entries.size === 0 && skipped > 0) entries.add(`not-run: ${skipped} tests marked as skipped above`)
  if (entries.size === 0) console.log('Everything ran.')
  else console.log(['Not run here:', ...[...entries].map((line) => `  ${line.slice('not-run: '.length)}`)].join('\n'))
  // Last, because failures follow the counts in the runner's output and readers look at the end.
  for (const line of closingLines) console.log(line)
}
