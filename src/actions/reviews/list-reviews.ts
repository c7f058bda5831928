import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import type { Applicant } from '../../orders/applicant.ts'
import { namesOf } from '../../orders/order-names.ts'
import type { Organization } from '../../orders/organization.ts'
import { readRecordedChecks, requiredChecks } from '../../orders/review-checks.ts'
import { assertOperator } from '../../ram/accounts/operator.ts'
import { listDecisions, listOpenReviews, listProofs, type OpenReviewRow, type ReviewDecisionRow } from '../../storage/reviews.ts'
import { wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'

const MOST = 50

/** Lists what waits for a reviewer. */
export const listReviewsAction = action({
  name: 'ListReviews',
  version: EXTENSION_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListReviews',
  summary: 'List the OV and EV orders of all accounts that wait for a review, the oldest first; for the operator.',
  strict: true,
  input: z.object({
    MaxResults: z
      .string()
      .regex(/^[0-9]{1,2}$/, 'A whole number is needed.')
      .transform(Number)
      .refine((n) => n >= 1 && n <= MOST, `1 to ${MOST} are allowed.`)
      .optional(),
    NextToken: wireId.optional(),
  }),
  output: z.object({
    Reviews: z.array(
      z.object({
        OrderId: z.int(),
        AccountId: z.int(),
        Level: z.enum(['OV', 'EV']),
        ProductCode: z.string(),
        OpenedAt: z.int(),
        ApprovalsNeeded: z.int(),
        /** What the next approval has to record. */
        RequiredChecks: z.array(z.string()),
        Names: z.array(z.string()),
        Applicant: z.object({ Principal: z.string(), Username: z.string(), Phone: z.string(), Email: z.string() }),
        Organization: z.object({
          Name: z.string(),
          Code: z.string(),
          Type: z.int(),
          CountryCode: z.string(),
          Province: z.string(),
          City: z.string(),
          Address: z.string(),
          PostCode: z.string(),
          Phone: z.string(),
          Department: z.string(),
        }),
        Proofs: z.array(z.object({ Name: z.string(), Method: z.enum(['DNS', 'FILE']), ProvenAt: z.int().optional() })),
        Decisions: z.array(
          z.object({
            At: z.int(),
            Reviewer: z.string(),
            Decision: z.enum(['approve', 'reject']),
            Reason: z.string(),
            Checks: z.array(z.object({ Name: z.string(), Result: z.string(), Source: z.string(), CollectedAt: z.string() })),
          }),
        ),
      }),
    ),
    NextToken: z.string().optional(),
  }),
  problems: [],
  async run({ MaxResults = 20, NextToken = 0 }, context, services) {
    assertOperator(services, context)
    const { read } = services.db
    const rows = await listOpenReviews(read, NextToken, MaxResults)
    const ids = rows.map(({ order_id }) => order_id)
    const [proofs, decisions] = await Promise.all([listProofs(read, ids), listDecisions(read, ids)])
    const last = rows.at(-1)
    return {
      Reviews: rows.map((row) => ({
        ...toWire(row),
        ...progressOf(
          row,
          decisions.filter(({ order_id }) => order_id === row.order_id),
        ),
        Proofs: proofs
          .filter(({ order_id }) => order_id === row.order_id)
          .map(({ identifier, method, validated_at: at }) => ({
            Name: identifier,
            Method: method === 'FILE' ? ('FILE' as const) : ('DNS' as const),
            ...(at !== null && { ProvenAt: at }),
          })),
      })),
      ...(last !== undefined && rows.length === MaxResults && { NextToken: String(last.order_id) }),
    }
  },
})

function toWire(row: OpenReviewRow) {
  // Stored by the service itself; an order of these levels has an organization.
  const { username, phone, email } = JSON.parse(row.applicant) as Applicant
  const organization = JSON.parse(row.organization ?? '{}') as Organization
  return {
    OrderId: row.order_id,
    AccountId: row.account_id,
    Level: row.level,
    ProductCode: row.product_code,
    OpenedAt: row.opened_at,
    ApprovalsNeeded: row.approvals_needed,
    Names: [...namesOf(row)],
    Applicant: { Principal: row.principal, Username: username, Phone: phone, Email: email },
    Organization: {
      Name: organization.name,
      Code: organization.code,
      Type: organization.kind,
      CountryCode: organization.country,
      Province: organization.province,
      City: organization.city,
      Address: organization.address,
      PostCode: organization.postCode,
      Phone: organization.phone,
      Department: organization.department,
    },
  }
}

function progressOf(row: OpenReviewRow, decisions: readonly ReviewDecisionRow[]) {
  return {
    RequiredChecks: [...requiredChecks(row.level, decisions.length + 1 >= row.approvals_needed)],
    Decisions: decisions.map((row) => {
      const { principal, checks } = readRecordedChecks(row)
      return {
        At: row.at,
        Reviewer: principal,
        Decision: row.decision,
        Reason: row.reason,
        Checks: checks.map(({ name, result, source, collectedAt }) => ({
          Name: name,
          Result: result,
          Source: source,
          CollectedAt: collectedAt,
        })),
      }
    }),
  }
}
