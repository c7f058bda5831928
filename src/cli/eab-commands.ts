import { type Command, InvalidArgumentError } from 'commander'
import { formatTime, type Output, table } from './output.ts'
import type { Remote } from './remote.ts'
import { showSecret } from './show-secret.ts'

type Fields = Readonly<Record<string, unknown>>

interface CreateOptions {
  readonly user?: string
  readonly product?: readonly string[]
  readonly domain?: readonly string[]
  readonly tag?: readonly string[]
  readonly units?: string
  readonly accounts?: string
  readonly days?: string
}

/** `eab create | list | show | disable | enable | delete`. */
export function addEabCommands(program: Command, remote: () => Remote, output: () => Output): void {
  const eab = program.command('eab').description('external account keys: what ACME clients (certbot, lego) order with')
  eab
    .command('create <name>')
    .description('make a key; its MAC key is shown this once')
    .option('--user <name>', 'order by the permissions of this RAM user (default: the caller)')
    .option('--product <codes...>', 'products it may order, the default first (default: chancery-private-mix)')
    .option('--domain <names...>', 'names it is for: www.example.com, or "*.example.com" for all below (default: any)')
    .option('--tag <key=value...>', 'tags of its orders')
    .option('--units <count>', 'units of the plans that its orders may take together')
    .option('--accounts <count>', 'ACME accounts that may be bound to it')
    .option('--days <count>', 'after so many days it ends')
    .action(async (name: string, options: CreateOptions) => {
      const made = await remote().extension('CreateEabKey', toParameters(name, options))
      showSecret(output(), made, describeMade(made), { EAB_KID: String(made['KeyId']), EAB_HMAC_KEY: String(made['MacKey']) })
    })
  eab
    .command('list')
    .description('the keys of the account, the newest first')
    .option('--user <name>', 'of this RAM user')
    .option('--deleted', 'those that were deleted')
    .action(async ({ user, deleted }: { user?: string; deleted?: true }) => {
      const keys = await listKeys(remote(), { ...(user !== undefined && { UserName: user }), ...(deleted && { Status: 'Deleted' }) })
      const rows = keys.map((key) => [
        String(key['KeyId']),
        String(key['Name']),
        userOf(key),
        stateOf(key),
        spentOf(key),
        boundOf(key),
        endOf(key),
      ])
      output().result(keys, table([['ID', 'NAME', 'USER', 'STATUS', 'UNITS', 'ACCOUNTS', 'ENDS (UTC)'], ...rows]))
    })
  eab
    .command('show <keyId>')
    .description('a key and what it was used for')
    .action(async (KeyId: string) => {
      const key = await remote().extension('GetEabKey', { KeyId })
      output().result(key, describeKey(key))
    })
  for (const [name, Status, done] of [
    ['disable', 'Inactive', 'is off'],
    ['enable', 'Active', 'is on'],
  ] as const) {
    eab
      .command(`${name} <keyId>`)
      .description(`switch a key ${Status === 'Active' ? 'on' : 'off'}`)
      .action(async (KeyId: string) => {
        output().result(await remote().extension('UpdateEabKey', { KeyId, Status }), [`external account key ${KeyId} ${done}`])
      })
  }
  eab
    .command('delete <keyId>')
    .description('delete a key for good: its ACME accounts can order no more')
    .action(async (KeyId: string) => {
      output().result(await remote().extension('DeleteEabKey', { KeyId }), [`external account key ${KeyId} is deleted`])
    })
}

function toParameters(Name: string, options: CreateOptions): Record<string, string> {
  const { user, product = [], domain = [], tag = [], units, accounts, days } = options
  const tags = tag.map((text) => {
    const equals = text.indexOf('=')
    if (equals < 1) throw new InvalidArgumentError(`--tag needs the form key=value: ${text}`)
    return { key: text.slice(0, equals), value: text.slice(equals + 1) }
  })
  return {
    Name,
    ...(user !== undefined && { UserName: user }),
    ...(units !== undefined && { UnitLimit: units }),
    ...(accounts !== undefined && { AccountLimit: accounts }),
    ...(days !== undefined && { LifetimeDays: days }),
    ...Object.fromEntries(product.map((code, index) => [`Products.${index + 1}`, code])),
    ...Object.fromEntries(domain.map((name, index) => [`Domains.${index + 1}`, name])),
    ...Object.fromEntries(
      tags.flatMap(({ key, value }, index) => [
        [`Tags.${index + 1}.Key`, key],
        [`Tags.${index + 1}.Value`, value],
      ]),
    ),
  }
}

/** No secret: the commands take it from the environment. */
function describeMade(made: Fields): string[] {
  const kid = String(made['KeyId'])
  const user = made['UserName']
  const url = typeof made['DirectoryUrl'] === 'string' ? made['DirectoryUrl'] : 'https://HOST/acme/directory'
  return [
    `external account key ${kid} ${typeof user === 'string' ? `of the user ${user}` : 'of the account itself'}`,
    'with certbot:',
    `  certbot certonly --standalone --server ${url} --eab-kid ${kid} --eab-hmac-key "$EAB_HMAC_KEY" -d NAME`,
    'with lego:',
    `  lego --server ${url} --eab --kid ${kid} --hmac "$EAB_HMAC_KEY" --email MAIL --accept-tos --http -d NAME run`,
    ...(url.startsWith('https:')
      ? ['a client must trust the root of the service (chancery ca show): certbot by REQUESTS_CA_BUNDLE, lego by LEGO_CA_CERTIFICATES']
      : []),
  ]
}

async function listKeys(remote: Remote, input: Readonly<Record<string, string>>): Promise<readonly Fields[]> {
  const keys: Fields[] = []
  for (let token: string | undefined; ;) {
    const page = await remote.extension('ListEabKeys', { ...input, MaxResults: '100', ...(token !== undefined && { NextToken: token }) })
    keys.push(...(page['EabKeys'] as Fields[]))
    if (typeof page['NextToken'] !== 'string') return keys
    token = page['NextToken']
  }
}

function describeKey(key: Fields): string[] {
  const tags = (key['Tags'] as { Key: string; Value: string }[]).map(({ Key, Value }) => `${Key}=${Value}`)
  return [
    `external account key ${String(key['KeyId'])}: ${String(key['Name'])}`,
    `  user       ${userOf(key)}`,
    `  status     ${stateOf(key)}`,
    `  products   ${(key['Products'] as string[]).join(', ')}`,
    `  domains    ${(key['Domains'] as string[]).join(', ')}`,
    `  tags       ${tags.join(', ') || '-'}`,
    `  units      ${spentOf(key)}`,
    `  accounts   ${boundOf(key)}`,
    `  ends       ${endOf(key)}`,
    `  last used  ${typeof key['LastUsedAt'] === 'number' ? formatTime(key['LastUsedAt']) : 'never'}`,
  ]
}

function userOf({ UserName }: Fields): string {
  if (typeof UserName !== 'string') return 'the account itself'
  return UserName === '' ? 'deleted' : UserName
}

function stateOf({ Status, Usable }: Fields): string {
  return Status === 'Active' && Usable === false ? 'Active (ended)' : String(Status)
}

function spentOf({ UnitsUsed, UnitLimit }: Fields): string {
  return `${Number(UnitsUsed)} of ${UnitLimit === undefined ? 'any' : Number(UnitLimit)}`
}

function boundOf({ AccountsBound, AccountLimit }: Fields): string {
  return `${Number(AccountsBound)} of ${AccountLimit === undefined ? 'any' : Number(AccountLimit)}`
}

function endOf({ ExpiresAt }: Fields): string {
  return typeof ExpiresAt === 'number' ? formatTime(ExpiresAt) : 'never'
}
