import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type Output, table } from './output.ts'
import { listAll, membersOf } from './pages.ts'
import type { Remote } from './remote.ts'
import { showSecret } from './show-secret.ts'

/** `role create | list | show | delete | assume`. */
export function addRoleCommands(program: Command, remote: () => Remote, output: () => Output): void {
  const role = program.command('role').description('roles: permissions for a time, taken on by users and workloads')
  role
    .command('create <name> <trustFile>')
    .description('make a role of a JSON trust policy, which says who may assume it')
    .option('--description <text>')
    .option('--max-session-seconds <seconds>', '3600 to 43200')
    .action(
      async (RoleName: string, file: string, { description, maxSessionSeconds }: { description?: string; maxSessionSeconds?: string }) => {
        const { Role } = await remote().ram('CreateRole', {
          RoleName,
          AssumeRolePolicyDocument: readFileSync(file, 'utf8'),
          ...(description && { Description: description }),
          ...(maxSessionSeconds && { MaxSessionDuration: maxSessionSeconds }),
        })
        output().result(Role, [String((Role as Readonly<Record<string, unknown>>)['Arn'])])
      },
    )
  role
    .command('list')
    .description('the roles of the account')
    .action(async () => {
      const roles = await listAll(remote(), 'ListRoles', {}, (answer) => membersOf(answer, 'Roles', 'Role'))
      output().result(roles, table([['NAME', 'RESOURCE NAME'], ...roles.map((one) => [String(one['RoleName']), String(one['Arn'])])]))
    })
  role
    .command('show <name>')
    .description('a role with its trust policy and its policies')
    .action(async (RoleName: string) => {
      const { Role } = await remote().ram('GetRole', { RoleName })
      const policies = membersOf(await remote().ram('ListPoliciesForRole', { RoleName }), 'Policies', 'Policy')
      const fields = Role as Readonly<Record<string, unknown>>
      output().result({ ...fields, Policies: policies }, [
        String(fields['Arn']),
        `  policies  ${policies.map((one) => String(one['PolicyName'])).join(', ') || '-'}`,
        String(fields['AssumeRolePolicyDocument']),
      ])
    })
  role
    .command('delete <name>')
    .description('delete a role without policies; its sessions end')
    .action(async (RoleName: string) => {
      output().result(await remote().ram('DeleteRole', { RoleName }), [`role ${RoleName} is deleted`])
    })
  role
    .command('assume <arn>')
    .description('get a temporary key of a role')
    .option('--session-name <name>', 'told in the audit trail', 'chancery-cli')
    .option('--seconds <count>', '900 up to what the role allows', '3600')
    .action(async (RoleArn: string, { sessionName, seconds }: { sessionName: string; seconds: string }) => {
      const answer = await remote().sts('AssumeRole', { RoleArn, RoleSessionName: sessionName, DurationSeconds: seconds })
      const {
        AccessKeyId = '',
        AccessKeySecret = '',
        SecurityToken = '',
        Expiration = '',
      } = answer['Credentials'] as Readonly<Record<string, string>>
      showSecret(output(), answer, [`until ${Expiration}`], {
        ALIBABA_CLOUD_ACCESS_KEY_ID: AccessKeyId,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: AccessKeySecret,
        ALIBABA_CLOUD_SECURITY_TOKEN: SecurityToken,
      })
    })
}
