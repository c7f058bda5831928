import type { Command } from 'commander'
import { formatTime, type Output } from './output.ts'
import type { Remote } from './remote.ts'

type Fields = Readonly<Record<string, unknown>>

/** `order explain`. */
export function addExplainCommand(order: Command, remote: () => Remote, output: () => Output): void {
  order
    .command('explain <orderId>')
    .description('what has happened to an order, what every look saw, and what to do next')
    .action(async (OrderId: string) => {
      const explained = await remote().extension('ExplainOrder', { OrderId })
      output().result(explained, explanationLines(OrderId, explained))
    })
}

function explanationLines(orderId: string, explained: Fields): string[] {
  const rows = (name: string) => explained[name] as Fields[]
  const leftOut = Number(explained['LooksLeftOut'])
  return [
    `order ${orderId}: ${String(explained['State'])}, ${(explained['Domains'] as string[]).join(', ')}`,
    'names',
    ...rows('Names').map((one) => `  ${nameWords(one)}`),
    'what happened',
    ...rows('Timeline').map((one) => `  ${formatTime(Number(one['At']))}  ${String(one['What'])}`),
    'looks, the newest first',
    ...rows('Looks').flatMap((one) => [
      `  ${formatTime(Number(one['At']))}  ${String(one['Name'])}  ${String(one['Message'])}`,
      ...(one['Queries'] as Fields[]).map((query) => `    ${String(query['Resolver'])}: ${queryWords(query)}`),
      ...(one['Requests'] as Fields[]).map((request) => `    ${String(request['Address'])}: ${requestWords(request)}`),
    ]),
    ...(leftOut > 0 ? [`  and ${leftOut} older ones`] : []),
    ...(typeof explained['NextAttemptAt'] === 'number' ? [`next look  ${formatTime(explained['NextAttemptAt'])}`] : []),
    'what to do',
    ...(explained['Advice'] as string[]).map((advice) => `  ${advice}`),
  ]
}

function nameWords(one: Fields): string {
  const proven = typeof one['ProvenAt'] === 'number' ? `  proven ${formatTime(one['ProvenAt'])}` : ''
  const delegated = typeof one['PublishAt'] === 'string' ? ` -> ${one['PublishAt']}` : ''
  const place = textOf(one['Uri'], `${String(one['RecordDomain'])}${delegated}`)
  return `${String(one['Name'])}  ${String(one['Method'])}  ${place}  ${String(one['Value'])}${proven}`
}

function queryWords(query: Fields): string {
  const answers = (query['Answers'] as Fields[]).map(
    (one) => `${String(one['Type'])} ${JSON.stringify(one['Value'])} (TTL ${String(one['Ttl'])})`,
  )
  const signed = query['Authenticated'] === true ? ', by DNSSEC' : ''
  return `${String(query['Name'])} ${String(query['Type'])}? ${textOf(query['Rcode'], query['Error'])}${signed}${answers.length > 0 ? `: ${answers.join(', ')}` : ''}`
}

function requestWords(request: Fields): string {
  return `${String(request['Url'])} ${textOf(request['Status'], request['Error'])}`
}

/** What came back, or what stands in its place. */
function textOf(answer: unknown, instead: unknown): string {
  return String(answer === undefined ? instead : answer)
}
