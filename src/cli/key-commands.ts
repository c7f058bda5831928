import type { Command } from 'commander'
import { parseAccountId } from './account-commands.ts'
import { type Output, table } from './output.ts'
import { membersOf } from './pages.ts'
import type { Remote } from './remote.ts'
import type { RunAdminCommand } from './run-admin-command.ts'
import { showSecret } from './show-secret.ts'

/** `key create | list | disable | enable | delete`. */
export function addKeyCommands(program: Command, remote: () => Remote, local: RunAdminCommand, output: () => Output): void {
  const key = program.command('key').description('access keys')
  key
    .command('create')
    .description('make an access key; its secret is shown this once')
    .option('--user <name>', 'of a RAM user; without it: of an account itself, by local administration')
    .option('--account <id>', 'of this account itself (local; default: the first account)', parseAccountId)
    .action(async ({ user, account }: { user?: string; account?: number }) => {
      const made = user === undefined ? await createLocally(local, account) : await createForUser(remote(), user)
      showSecret(output(), made, [`access key ${made.accessKeyId}`], {
        ALIBABA_CLOUD_ACCESS_KEY_ID: made.accessKeyId,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: made.secret,
      })
    })
  key
    .command('list')
    .description('the access keys of a user, or of the caller')
    .option('--user <name>')
    .action(async ({ user }: { user?: string }) => {
      const keys = membersOf(await remote().ram('ListAccessKeys', ofUser(user)), 'AccessKeys', 'AccessKey')
      const rows = keys.map((one) => [String(one['AccessKeyId']), String(one['Status']), String(one['CreateDate'])])
      output().result(keys, table([['ID', 'STATUS', 'CREATED'], ...rows]))
    })
  for (const [name, Status, done] of [
    ['disable', 'Inactive', 'is off'],
    ['enable', 'Active', 'is on'],
  ] as const) {
    key
      .command(`${name} <accessKeyId>`)
      .description(`switch an access key ${Status === 'Active' ? 'on' : 'off'}`)
      .option('--user <name>')
      .action(async (UserAccessKeyId: string, { user }: { user?: string }) => {
        const answer = await remote().ram('UpdateAccessKey', { ...ofUser(user), UserAccessKeyId, Status })
        output().result(answer, [`access key ${UserAccessKeyId} ${done}`])
      })
  }
  key
    .command('delete <accessKeyId>')
    .description('delete an access key')
    .option('--user <name>')
    .action(async (UserAccessKeyId: string, { user }: { user?: string }) => {
      const answer = await remote().ram('DeleteAccessKey', { ...ofUser(user), UserAccessKeyId })
      output().result(answer, [`access key ${UserAccessKeyId} is deleted`])
    })
}

function ofUser(user: string | undefined): Readonly<Record<string, string>> {
  return user === undefined ? {} : { UserName: user }
}

interface MadeKey {
  readonly accessKeyId: string
  readonly secret: string
}

async function createLocally(local: RunAdminCommand, account: number | undefined): Promise<MadeKey> {
  return (await local('key-create', account === undefined ? {} : { accountId: account })) as MadeKey
}

async function createForUser(remote: Remote, UserName: string): Promise<MadeKey> {
  const { AccessKey } = await remote.ram('CreateAccessKey', { UserName })
  const { AccessKeyId, AccessKeySecret } = AccessKey as Readonly<Record<string, string>>
  return { accessKeyId: AccessKeyId ?? '', secret: AccessKeySecret ?? '' }
}
