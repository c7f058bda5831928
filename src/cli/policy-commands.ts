import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DecodedRefusal } from '../ram/decode-refusal.ts'
import type { Remote } from './remote.ts'
import { type Output, table } from './output.ts'
import { listAll, membersOf } from './pages.ts'
import type { RunAdminCommand } from './run-admin-command.ts'

/** A refused question ends so, as a refused call would. */
const DENIED_STATUS = 1

interface Holder {
  readonly user?: string
  readonly group?: string
  readonly role?: string
}

/** `policy create | list | show | delete | attach | detach | test | decode`. */
export function addPolicyCommands(program: Command, remote: () => Remote, local: RunAdminCommand, output: () => Output): void {
  const policy = program.command('policy').description('policies: who may do what')
  policy
    .command('create <name> <file>')
    .description('make a custom policy of a JSON document')
    .option('--description <text>')
    .action(async (PolicyName: string, file: string, { description }: { description?: string }) => {
      const document = readFileSync(file, 'utf8')
      const { Policy } = await remote().ram('CreatePolicy', {
        PolicyName,
        PolicyDocument: document,
        ...(description && { Description: description }),
      })
      output().result(Policy, [`policy ${PolicyName}`])
    })
  policy
    .command('list')
    .description('all policies, those of the system too')
    .action(async () => {
      const policies = await listAll(remote(), 'ListPolicies', {}, (answer) => membersOf(answer, 'Policies', 'Policy'))
      const rows = policies.map((one) => [String(one['PolicyName']), String(one['PolicyType']), String(one['Description'])])
      output().result(policies, table([['NAME', 'TYPE', 'DESCRIPTION'], ...rows]))
    })
  policy
    .command('show <name>')
    .description('a policy with its document')
    .addOption(typeOption())
    .action(async (PolicyName: string, { type }: { type: string }) => {
      const found = await remote().ram('GetPolicy', { PolicyName, PolicyType: type })
      const version = found['DefaultPolicyVersion'] as Readonly<Record<string, unknown>>
      output().result(found, [`${PolicyName} ${String(version['VersionId'])}`, String(version['PolicyDocument'])])
    })
  policy
    .command('delete <name>')
    .description('delete a custom policy that is attached to nobody')
    .action(async (PolicyName: string) => {
      output().result(await remote().ram('DeletePolicy', { PolicyName }), [`policy ${PolicyName} is deleted`])
    })
  for (const [name, verb, done] of [
    ['attach', 'Attach', 'to'],
    ['detach', 'Detach', 'from'],
  ] as const) {
    policy
      .command(`${name} <policy>`)
      .description(name === 'attach' ? 'give a policy to a user, group or role' : 'take a policy away')
      .addOption(typeOption())
      .option('--user <name>')
      .option('--group <name>')
      .option('--role <name>')
      .action(async (PolicyName: string, { type, ...holder }: { type: string } & Holder) => {
        const [kind, parameters] = readHolder(holder)
        const preposition = verb === 'Attach' ? 'To' : 'From'
        const answer = await remote().ram(`${verb}Policy${preposition}${kind}`, { PolicyName, PolicyType: type, ...parameters })
        output().result(answer, [`${PolicyName} is ${name}ed ${done} ${Object.values(parameters).join('')}`])
      })
  }
  addQuestions(policy, remote, local, output)
}

function addQuestions(policy: Command, remote: () => Remote, local: RunAdminCommand, output: () => Output): void {
  policy
    .command('test')
    .description('ask whether a user or role may do something, and see why (exit status 1: denied)')
    .requiredOption('--principal <name>', 'a user name, role/<name>, or acs:ram::<account>:user/<name>')
    .requiredOption('--action <action>', 'e.g. yundun-cert:CreateCertificateRequest')
    .option('--resource <name>', 'e.g. order/10000001 (default: everything)')
    .option('--context <key=value...>', 'condition keys, e.g. yundun-cert:Domain=www.team.example.com')
    .action(async (question: { principal: string; action: string; resource?: string; context?: readonly string[] }) => {
      const answer = await remote().extension('ExplainPermission', {
        Principal: await fullPrincipal(remote(), question.principal),
        AskedAction: question.action,
        ...(question.resource !== undefined && { Resource: question.resource }),
        ...contextParameters(question.context ?? []),
      })
      output().result(answer, describeAnswer(answer))
      if (answer['Decision'] !== 'Allow') process.exitCode = DENIED_STATUS
    })
  policy
    .command('decode <message>')
    .description('read the EncodedDiagnosticMessage of a refusal of any account (local administration)')
    .action(async (message: string) => {
      const refusal = (await local('policy-decode', { message })) as DecodedRefusal
      const { statement } = refusal
      output().result(refusal, [
        `${refusal.principal} was refused ${refusal.action} on ${refusal.resource}`,
        `  ${refusal.decision} by ${refusal.policyType}`,
        statement === undefined
          ? '  no statement allows it'
          : `  ${statement.policy} ${statement.version}, statement ${statement.index}: ${statement.text ?? '-'}`,
      ])
    })
}

function typeOption(): Option {
  return new Option('--type <type>', 'whose policy it is').choices(['Custom', 'System']).default('Custom')
}

function readHolder({ user, group, role }: Holder): [kind: string, parameters: Readonly<Record<string, string>>] {
  const given = [
    ['User', user],
    ['Group', group],
    ['Role', role],
  ].filter((one): one is [string, string] => one[1] !== undefined)
  const [holder] = given
  if (holder === undefined || given.length > 1) throw new InvalidArgumentError('name one of --user, --group and --role')
  return [holder[0], { [`${holder[0]}Name`]: holder[1] }]
}

async function fullPrincipal(remote: Remote, given: string): Promise<string> {
  if (given.startsWith('acs:')) return given
  const { AccountId } = await remote.sts('GetCallerIdentity', {})
  return `acs:ram::${String(AccountId)}:${/^(user|role)\//.test(given) ? given : `user/${given}`}`
}

function contextParameters(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.flatMap((pair, index) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new InvalidArgumentError(`--context takes key=value, not ${pair}`)
      return [
        [`Context.${index + 1}.Key`, pair.slice(0, at)],
        [`Context.${index + 1}.Value`, pair.slice(at + 1)],
      ]
    }),
  )
}

/** The decision first, then each statement with what of it did not match. */
function describeAnswer(answer: Readonly<Record<string, unknown>>): string[] {
  const { Decision, PolicyType, DecidingStatement, AskedResource, Statements } = answer as {
    readonly Decision: string
    readonly PolicyType?: string
    readonly AskedResource: string
    readonly DecidingStatement?: Readonly<Record<string, unknown>>
    readonly Statements: readonly StatementAnswer[]
  }
  const by = DecidingStatement === undefined ? '' : ` by ${nameOf(DecidingStatement)}`
  return [
    `${Decision}${by}${PolicyType === undefined ? '' : ` (${PolicyType})`}, asked for ${AskedResource}`,
    ...(Statements.length === 0 ? ['  no policy bears on the principal'] : []),
    ...Statements.map((one) => `  ${one.Matched ? '*' : ' '} ${nameOf(one)} ${one.Effect}: ${missing(one)}`),
  ]
}

interface StatementAnswer extends Readonly<Record<string, unknown>> {
  readonly Effect: string
  readonly Matched: boolean
  readonly ActionMatched: boolean
  readonly ResourceMatched: boolean
  readonly Conditions: readonly { readonly Operator: string; readonly Key: string; readonly Matched: boolean }[]
}

function nameOf(statement: Readonly<Record<string, unknown>>): string {
  return `${String(statement['PolicyName'])} ${String(statement['Version'])} #${String(statement['Index'])}`
}

function missing({ Matched, ActionMatched, ResourceMatched, Conditions }: StatementAnswer): string {
  if (Matched) return 'matches'
  const faults = [
    ...(ActionMatched ? [] : ['another action']),
    ...(ResourceMatched ? [] : ['another resource']),
    ...Conditions.filter((condition) => !condition.Matched).map(({ Operator, Key }) => `${Operator} of ${Key} is not met`),
  ]
  return faults.join(', ')
}
