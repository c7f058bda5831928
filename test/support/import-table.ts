/** What a folder of `src/` (or a file beside the folders) may import. Entries name rooms, or single files by their path. */
export interface ImportRule {
  readonly may: readonly string[]
  /** May also import the types in {@link typesForAll}. */
  readonly sharedTypes: boolean
}

const foundation = ['x509', 'storage', 'problem']
const sharedRooms = [...foundation, 'ram', 'plans', 'keys', 'validation', 'ca', 'audit']

/**
 * Who may import whom: each floor only downward (docs/architecture.md). A room may always import its own files. Rooms that are missing here
 * are an error: a new folder gets its row first.
 */
export const importTable = {
  x509: { may: [], sharedTypes: false },
  problem: { may: [], sharedTypes: false },
  storage: { may: ['problem'], sharedTypes: false },
  config: { may: ['problem'], sharedTypes: false },

  ram: { may: foundation, sharedTypes: true },
  plans: { may: foundation, sharedTypes: true },
  keys: { may: foundation, sharedTypes: true },
  validation: { may: foundation, sharedTypes: true },
  ca: { may: foundation, sharedTypes: true },
  audit: { may: foundation, sharedTypes: true },

  // Applicants and companies: what orders take their defaults from.
  contacts: { may: foundation, sharedTypes: true },
  orders: { may: [...sharedRooms, 'contacts'], sharedTypes: true },
  // What an account keeps of certificates, issued to its orders or uploaded.
  certificates: { may: [...sharedRooms, 'orders'], sharedTypes: true },
  // CSRs that an account keeps, with their keys.
  csrs: { may: [...sharedRooms, 'contacts', 'orders', 'certificates'], sharedTypes: true },
  // What an installation is made of: the same floor as orders.
  installation: { may: sharedRooms, sharedTypes: true },
  // Stands in for validation and the clock, in emulator mode alone.
  emulator: { may: ['validation', 'problem'], sharedTypes: true },
  // Watches from outside: it wraps the ports, so that no room knows of it.
  metrics: { may: ['storage', 'ca', 'keys', 'validation', 'gateway'], sharedTypes: true },

  actions: {
    may: ['gateway/action.ts', 'orders', 'contacts', 'certificates', 'csrs', 'ram', 'plans', 'keys', 'audit', 'storage', 'problem'],
    sharedTypes: true,
  },
  gateway: { may: ['ram', 'problem'], sharedTypes: true },
  // What can be read off the list of actions.
  openapi: { may: ['problem'], sharedTypes: true },
  acme: { may: ['orders', 'ram', 'storage', 'problem'], sharedTypes: true },
  // CRLs are due work as orders are, and belong to no order.
  runner: { may: ['orders', 'ram', 'audit', 'storage', 'problem', 'ca/renew-crl.ts'], sharedTypes: true },
  // Doors without accounts: public files of the CA, and the operator's socket.
  pki: { may: foundation, sharedTypes: true },
  admin: { may: ['orders', 'installation', 'ram', 'plans', 'keys', 'audit', 'storage', 'problem'], sharedTypes: true },
} as const satisfies Record<string, ImportRule>

/** What assembles the rooms: may import anything but each other, except along these lines, and is imported by nothing else. */
export const assembly = {
  'open-services': [],
  'open-replay-guards': [],
  app: ['open-services', 'open-replay-guards'],
  main: ['app', 'open-services', 'open-replay-guards'],
  cli: ['main', 'app', 'open-services'],
} as const satisfies Record<string, readonly string[]>

/** Types of the running process's parts. They say what a step uses and pull nothing in. */
export const typesForAll = [
  'services.ts',
  'gateway/caller.ts',
  'gateway/action.ts',
  'gateway/request-facts.ts',
  'config.ts',
  // The ports that services.ts is made of.
  'keys/sealer.ts',
  'keys/key-ring.ts',
  'keys/shared-secrets.ts',
  'ram/access-control.ts',
  'ram/eab/eab-keys.ts',
  'keys/key-pool.ts',
  'emulator/emulator.ts',
  'orders/advancer.ts',
  'orders/acme/challenger-port.ts',
  'ca/certificate-authority.ts',
  'validation/domain-control.ts',
  'plans/products.ts',
]

/** `*.tx.ts`: storage, problem and the pure rules of their own room. A write is SQL and arithmetic. */
export const writesMayImport = ['storage', 'problem']

/** The only files that load a module by a name that is not in the source: the writer's thread is told where the writes are. */
export const mayLoadUnknown = ['storage/sqlite/writer-worker.ts']

const network = ['net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns']
const processes = ['fs', 'child_process', 'worker_threads', 'cluster', 'os', 'repl', 'inspector', 'readline', 'wasi']

/** Node modules (without `node:` and without what follows a slash) that a room may not use. */
export const forbiddenNode = {
  x509: [...network, ...processes, 'timers', 'perf_hooks', 'process', 'sqlite', 'async_hooks'],
  storage: network,
  writes: [...network, ...processes, 'timers', 'sqlite'],
} as const

/** Names of node:crypto that draw randomness. Making key pairs is not among them: only x509 may not do that either. */
export const randomness = /^(random(Bytes|UUID|Int|Fill|FillSync)|getRandomValues|webcrypto|generatePrime(Sync)?)$/
export const keyMaking = /^generateKey(Pair)?(Sync)?$/

/**
 * Words that reach for the clock, randomness or the environment, with the places that may use them: the adapters and what assembles.
 * Places are paths below `src/`, of files or folders.
 */
export const ambientWords = [
  {
    name: 'Date.now',
    pattern: /\bDate\s*\.\s*now\b/,
    allowed: ['main.ts', 'open-services.ts', 'cli/', 'storage/sqlite/', 'storage/postgres/'],
  },
  { name: 'new Date()', pattern: /\bnew\s+Date\s*(\(\s*\)|(?!\s*[(\w.]))|(?<!new\s+)(?<![\w$.])Date\s*\(/, allowed: ['main.ts', 'cli/'] },
  { name: 'Math.random', pattern: /\bMath\s*\.\s*random\b/, allowed: ['main.ts', 'open-services.ts', 'cli/'] },
  { name: 'process.env', pattern: /\bprocess\s*\.\s*env\b/, allowed: ['main.ts', 'config.ts', 'cli/'] },
  {
    name: 'Web Crypto randomness',
    pattern: /\bcrypto\s*\.\s*(getRandomValues|randomUUID)\b/,
    allowed: ['main.ts', 'open-services.ts', 'app.ts', 'cli/'],
  },
] as const

/** Places that may draw randomness from node:crypto themselves. Request ids are the gateway's own. */
export const randomnessAllowed = ['main.ts', 'open-services.ts', 'app.ts', 'cli/', 'gateway/']
