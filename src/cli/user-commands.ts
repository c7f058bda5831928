import type { Command } from 'commander'
import { type Output, table } from './output.ts'
import { listAll, membersOf } from './pages.ts'
import type { Remote } from './remote.ts'

/** `user create | list | show | delete`. */
export function addUserCommands(program: Command, remote: () => Remote, output: () => Output): void {
  const user = program.command('user').description('RAM users of the account')
  user
    .command('create <name>')
    .description('make a user, who may do nothing yet')
    .option('--display-name <text>', 'a name for people')
    .option('--comments <text>')
    .action(async (UserName: string, { displayName, comments }: { displayName?: string; comments?: string }) => {
      const texts = { ...(displayName && { DisplayName: displayName }), ...(comments && { Comments: comments }) }
      const { User } = await remote().ram('CreateUser', { UserName, ...texts })
      output().result(User, [`user ${UserName}: give it policies (policy attach) and a key (key create --user ${UserName})`])
    })
  user
    .command('list')
    .description('the users of the account')
    .action(async () => {
      const users = await listAll(remote(), 'ListUsers', {}, (answer) => membersOf(answer, 'Users', 'User'))
      const rows = users.map((one) => [
        String(one['UserName']),
        String(one['UserId']),
        String(one['CreateDate']),
        String(one['DisplayName']),
      ])
      output().result(users, table([['NAME', 'ID', 'CREATED', 'DISPLAY NAME'], ...rows]))
    })
  user
    .command('show <name>')
    .description('a user, its groups, policies and keys')
    .action(async (UserName: string) => {
      const { User } = await remote().ram('GetUser', { UserName })
      const groups = membersOf(await remote().ram('ListGroupsForUser', { UserName }), 'Groups', 'Group')
      const policies = membersOf(await remote().ram('ListPoliciesForUser', { UserName }), 'Policies', 'Policy')
      const keys = membersOf(await remote().ram('ListAccessKeys', { UserName }), 'AccessKeys', 'AccessKey')
      const fields = User as Record<string, unknown>
      output().result({ ...fields, Groups: groups, Policies: policies, AccessKeys: keys }, [
        `${UserName} (${String(fields['UserId'])}), since ${String(fields['CreateDate'])}`,
        `  groups    ${groups.map((one) => String(one['GroupName'])).join(', ') || '-'}`,
        `  policies  ${policies.map((one) => String(one['PolicyName'])).join(', ') || '-'}`,
        `  keys      ${keys.map((one) => `${String(one['AccessKeyId'])} (${String(one['Status'])})`).join(', ') || '-'}`,
      ])
    })
  user
    .command('delete <name>')
    .description('delete a user without keys, groups and policies')
    .action(async (UserName: string) => {
      output().result(await remote().ram('DeleteUser', { UserName }), [`user ${UserName} is deleted`])
    })
}
