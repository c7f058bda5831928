import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AccountRow } from '../storage/accounts.ts'
import { formatTime, type Output, table } from './output.ts'
import type { RunAdminCommand } from './run-admin-command.ts'
import { showSecret } from './show-secret.ts'

/** `account create | list | show | set | suspend | resume`: local administration. */
export function addAccountCommands(program: Command, local: RunAdminCommand, output: () => Output): void {
  const account = program.command('account').description('accounts: the tenants of this installation (local administration)')
  account
    .command('create <name>')
    .description('make an account with a first access key of its own; the secret is shown this once')
    .action(async (name: string) => {
      const made = (await local('account-create', { name })) as { accountId: number; accessKeyId: string; secret: string }
      showSecret(output(), made, [`account ${made.accountId}, access key ${made.accessKeyId}`], {
        ALIBABA_CLOUD_ACCESS_KEY_ID: made.accessKeyId,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: made.secret,
      })
    })
  account
    .command('list')
    .description('all accounts')
    .action(async () => {
      const all: AccountRow[] = []
      for (let page: AccountRow[]; (page = (await local('account-list', { after: all.at(-1)?.id ?? 0 })) as AccountRow[]).length > 0;) {
        all.push(...page)
      }
      output().result(
        all,
        table([
          ['ID', 'STATUS', 'CREATED', 'NAME'],
          ...all.map((one) => [String(one.id), one.status, formatTime(one.created_at), one.name]),
        ]),
      )
    })
  account
    .command('show')
    .argument('<accountId>', '16 digits', parseAccountId)
    .description('an account and its rules')
    .action(async (accountId: number) => show(output(), (await local('account-show', { accountId })) as AccountRow))
  account
    .command('set')
    .argument('<accountId>', '16 digits', parseAccountId)
    .description('change the name or the rules of an account')
    .option('--name <text>')
    .addOption(new Option('--keys <rule>', 'whether reading private keys is a permission of its own').choices(['original', 'separate']))
    .addOption(new Option('--set-operators <switch>', 'whether policies may use …IfExists and ForAny/ForAllValues').choices(['on', 'off']))
    .action(async (accountId: number, { name, keys, setOperators }: { name?: string; keys?: string; setOperators?: string }) => {
      const changes = {
        ...(name !== undefined && { name }),
        ...(keys !== undefined && { keyReading: keys }),
        ...(setOperators !== undefined && { setOperators: setOperators === 'on' }),
      }
      show(output(), (await local('account-update', { accountId, ...changes })) as AccountRow)
    })
  for (const [name, status] of [
    ['suspend', 'suspended'],
    ['resume', 'active'],
  ] as const) {
    account
      .command(name)
      .argument('<accountId>', '16 digits', parseAccountId)
      .description(status === 'active' ? 'let the account call again' : 'stop all keys, users and sessions of the account at once')
      .action(async (accountId: number) => show(output(), (await local('account-update', { accountId, status })) as AccountRow))
  }
}

/** An account's id on the command line. */
export function parseAccountId(text: string): number {
  const id = Number(text)
  if (!/^[1-9][0-9]{15}$/.test(text) || !Number.isSafeInteger(id)) throw new InvalidArgumentError('The id of an account has 16 digits.')
  return id
}

function show(output: Output, account: AccountRow): void {
  output.result(account, [
    `${account.id} ${account.name}: ${account.status}, since ${formatTime(account.created_at)}`,
    `  keys ${account.key_reading ?? 'as the mode says'}, set operators ${account.set_operators === 1 ? 'on' : 'off'}`,
  ])
}
