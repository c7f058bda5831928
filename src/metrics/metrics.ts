import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { CertificateAuthority } from '../ca/certificate-authority.ts'
import type { RequestFacts } from '../gateway/request-facts.ts'
import type { KeyPool } from '../keys/key-pool.ts'
import type { Database } from '../storage/database.ts'
import { countOpenOrders, oldestDueOrder } from '../storage/orders.ts'
import type { WriteObserver } from '../storage/writer.ts'
import type { DomainControl } from '../validation/domain-control.ts'
import { createDistribution, createPairCounter, type Distribution, type Tally } from './tally.ts'

/**
 * The figures of one process, for Prometheus. Labels are actions, codes, methods, states and names of writes: never an account,
 * a domain, a key or an address.
 */
export interface Metrics {
  readonly contentType: string
  /** The text that a scrape gets. */
  render(): Promise<string>
  onRequest(facts: RequestFacts): void
  readonly writes: WriteObserver
  /** The same domain control, counted. */
  countProofs(control: DomainControl): DomainControl
  /** The same authority, its signatures timed. */
  timeSignatures(authority: CertificateAuthority): CertificateAuthority
  /** Reads the open orders, the runner's lag and the stock of keys at each scrape. */
  watch(services: { readonly db: Pick<Database, 'read' | 'pendingWrites'>; readonly clock: () => number; readonly keyPool: KeyPool }): void
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const GROUP_SIZES = [1, 2, 4, 8, 16, 32, 64]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = createPairCounter({
    name: 'chancery_requests_total',
    help: 'API calls by action and code (OK or the error code).',
    labels: ['action', 'code'],
  })
  const durations = createDistribution(
    { name: 'chancery_request_seconds', help: 'Time from the arrival of an API call to its answer.', labels: ['action'] },
    SECONDS,
  )
  // Seldom counted.
  const ignored = new Counter({
    name: 'chancery_ignored_parameters_total',
    help: 'Parameters that an action does not know and that were ignored.',
    labelNames: ['action'],
    registers,
  })
  const writes = createPairCounter({
    name: 'chancery_writes_total',
    help: 'Writes by name and outcome (done, or the kind of refusal): placeOrder, issueCertificate, failOrder and so on.',
    labels: ['write', 'outcome'],
  })
  const groups = createDistribution({ name: 'chancery_commit_group_size', help: 'Writes that shared a commit.', labels: [] }, GROUP_SIZES)
  const commits = createDistribution({ name: 'chancery_commit_seconds', help: 'Time of one group with its commit.', labels: [] }, SECONDS)
  const proofs = createPairCounter({
    name: 'chancery_validations_total',
    help: 'Looks at proofs of control by method and outcome (proven, or the kind of failure).',
    labels: ['method', 'outcome'],
  })
  const signatures = createDistribution(
    { name: 'chancery_sign_seconds', help: 'Time of one signature of the CA.', labels: ['kind'] },
    SECONDS,
  )
  const tallies: readonly Tally[] = [requests, durations, writes, groups, commits, proofs, signatures]

  return {
    contentType: registry.contentType,
    async render() {
      const others = await registry.metrics()
      return `${others}\n${tallies.map((tally) => tally.render()).join('\n\n')}\n`
    },
    onRequest({ action: called, code, ms, unknownParameters }) {
      const action = called?.name ?? 'none'
      requests.add(action, code)
      durations.observe(action, ms / 1000)
      if (unknownParameters > 0) ignored.inc({ action }, unknownParameters)
    },
    writes: {
      onGroup(size, ms) {
        groups.observe('', size)
        commits.observe('', ms / 1000)
      },
      onWrite: (write, outcome) => writes.add(write, outcome),
    },
    countProofs: (control) => ({
      maxConcurrent: control.maxConcurrent,
      async check(proof, signal) {
        const attempt = await control.check(proof, signal)
        proofs.add(proof.method, attempt.proven ? 'proven' : (attempt.failure ?? 'unknown'))
        return attempt
      },
    }),
    timeSignatures: (authority) => ({
      ...authority,
      sign: (intent) => timed(signatures, 'certificate', () => authority.sign(intent)),
      signCrl: (request) => timed(signatures, 'crl', () => authority.signCrl(request)),
    }),
    watch: (services) => watch(services, registers),
  }
}

async function timed<T>(times: Distribution, kind: string, run: () => Promise<T>): Promise<T> {
  const started = performance.now()
  try {
    return await run()
  } finally {
    times.observe(kind, (performance.now() - started) / 1000)
  }
}

function watch({ db, clock, keyPool }: Parameters<Metrics['watch']>[0], registers: Registry[]): void {
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    // Constructed for its effect: the registry holds it.
    void new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read())
      },
    })
  }
  gauge('chancery_writes_pending', 'Writes that are queued or running.', () => db.pendingWrites())
  gauge('chancery_rsa_keys_ready', 'RSA-2048 key pairs in stock.', () => keyPool.stock())
  gauge('chancery_queue_lag_seconds', 'How long the longest due order has been waiting for the runner.', async () => {
    const due = await oldestDueOrder(db.read)
    return due === undefined ? 0 : Math.max(0, (clock() - due) / 1000)
  })
  void new Gauge({
    name: 'chancery_open_orders',
    help: 'Orders that wait for something, by state.',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset()
      for (const { state, count } of await countOpenOrders(db.read)) this.set({ state }, count)
    },
  })
}
