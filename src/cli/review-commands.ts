import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { formatTime, type Output, table } from './output.ts'
import type { Remote } from './remote.ts'

type Fields = Readonly<Record<string, unknown>>

/** `review list | approve | reject`. */
export function addReviewCommands(program: Command, remote: () => Remote, output: () => Output): void {
  const review = program.command('review').description('decisions about OV and EV orders, for the operator')
  review
    .command('list')
    .description('the orders that wait for a review, the oldest first')
    .action(() => listReviews(remote(), output()))
  review
    .command('approve <orderId> <checksFile>')
    .description(
      'approve an order: the file is a JSON list of {"Name", "Result", "Source", "CollectedAt"}; review list names the checks that are needed',
    )
    .option('--reason <text>', 'a remark')
    .action(async (OrderId: string, file: string, { reason }: { reason?: string }) => {
      const checks = readChecks(readFileSync(file, 'utf8'))
      await decide(remote(), output(), { OrderId, Decision: 'approve', ...(reason !== undefined && { Reason: reason }), ...checks })
    })
  review
    .command('reject <orderId>')
    .description('reject an order; it ends')
    .requiredOption('--reason <text>', 'why, for the applicant')
    .action(async (OrderId: string, { reason }: { reason: string }) => {
      await decide(remote(), output(), { OrderId, Decision: 'reject', Reason: reason })
    })
}

async function listReviews(remote: Remote, output: Output): Promise<void> {
  const reviews: Fields[] = []
  for (let token = ''; ;) {
    const page = await remote.extension('ListReviews', { MaxResults: '50', ...(token !== '' && { NextToken: token }) })
    reviews.push(...(page['Reviews'] as Fields[]))
    if (typeof page['NextToken'] !== 'string') break
    token = page['NextToken']
  }
  const rows = reviews.map((one) => [
    String(one['OrderId']),
    String(one['Level']),
    String((one['Organization'] as Fields)['Name']),
    (one['Names'] as string[]).join(','),
    `${(one['Decisions'] as unknown[]).length} of ${String(one['ApprovalsNeeded'])}`,
    formatTime(Number(one['OpenedAt'])),
    (one['RequiredChecks'] as string[]).join(','),
  ])
  output.result(reviews, table([['ORDER', 'LEVEL', 'ORGANIZATION', 'NAMES', 'APPROVED', 'SINCE (UTC)', 'CHECKS'], ...rows]))
}

async function decide(remote: Remote, output: Output, input: Readonly<Record<string, string>>): Promise<void> {
  const answer = await remote.extension('ReviewOrder', input)
  const words = answer['State'] === 'open' ? 'approved; another person has to approve it too' : String(answer['State'])
  output.result(answer, [`order ${input['OrderId'] ?? ''} is ${words}`])
}

function readChecks(json: string): Record<string, string> {
  const input: Record<string, string> = {}
  const checks: unknown = JSON.parse(json)
  if (!Array.isArray(checks)) throw new Error('the file with the checks holds no JSON list')
  for (const [index, check] of checks.entries()) {
    for (const [field, value] of Object.entries(check as Fields)) input[`Checks.${index + 1}.${field}`] = String(value)
  }
  return input
}
