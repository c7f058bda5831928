import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { Problem } from '../../problem.ts'
import { type EventPosition, type EventRow, listEvents } from '../../storage/audit.ts'
import { optionalText } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'

const MOST = 100

const instant = optionalText.pipe(
  z
    .string()
    .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/, 'An instant such as 2026-01-15T08:00:00Z is needed.')
    .transform((text) => Date.parse(text))
    .refine((ms) => !Number.isNaN(ms), 'It must be a time that exists.')
    .optional(),
)

/** Looks into the audit trail of the account. */
export const lookupEventsAction = action({
  name: 'LookupEvents',
  version: EXTENSION_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:LookupEvents',
  summary: 'Look into the audit trail of the account, the newest event first.',
  strict: true,
  input: z.object({
    StartTime: instant,
    EndTime: instant,
    EventName: optionalText,
    Kind: optionalText,
    Principal: optionalText,
    ResourceName: optionalText,
    EventRequestId: optionalText,
    FromIp: optionalText,
    Decision: z.enum(['Allow', 'Deny']).optional(),
    ResultCode: optionalText,
    MaxResults: z
      .string()
      .regex(/^[0-9]{1,3}$/, 'A whole number is needed.')
      .transform(Number)
      .refine((n) => n >= 1 && n <= MOST, `1 to ${MOST} are allowed.`)
      .default(50),
    NextToken: optionalText,
  }),
  output: z.object({
    Events: z.array(
      z.object({
        EventId: z.int(),
        EventTime: z.string(),
        Kind: z.string(),
        EventName: z.string().optional(),
        Principal: z.string(),
        SourceIp: z.string().optional(),
        EventRequestId: z.string().optional(),
        ResourceName: z.string(),
        Decision: z.enum(['Allow', 'Deny']).optional(),
        ResultCode: z.string().optional(),
        /** JSON. */
        Detail: z.string(),
        /** Position in the log; absent for the moment until it is sealed. */
        LogIndex: z.int().optional(),
      }),
    ),
    /** There may be more; a page may be empty and have one. */
    NextToken: z.string().optional(),
  }),
  problems: [],
  async run(input, { caller }, { db }) {
    const filter = {
      from: input.StartTime,
      to: input.EndTime,
      action: input.EventName,
      kind: input.Kind,
      principal: input.Principal,
      resource: input.ResourceName,
      requestId: input.EventRequestId,
      sourceIp: input.FromIp,
      decision: input.Decision,
      code: input.ResultCode,
    }
    const page = { before: readPosition(input.NextToken), limit: input.MaxResults }
    const { events, next } = await listEvents(db.read, caller.accountId, filter, page)
    return { Events: events.map(toWire), ...(next !== undefined && { NextToken: `${next.at}.${next.id}` }) }
  },
})

function readPosition(text: string | undefined): EventPosition | undefined {
  if (text === undefined) return undefined
  const [, at, id] = /^([0-9]{1,15})\.([0-9]{1,16})$/.exec(text) ?? []
  if (at === undefined || id === undefined)
    throw new Problem('invalidParameter', { P: 'NextToken', rule: 'It must be one of an earlier answer.' })
  return { at: Number(at), id: Number(id) }
}

function toWire(event: EventRow) {
  return {
    EventId: event.id,
    EventTime: new Date(event.at).toISOString(),
    Kind: event.kind,
    ...(event.action !== null && { EventName: event.action }),
    Principal: event.principal,
    ...(event.source_ip !== null && { SourceIp: event.source_ip }),
    ...(event.request_id !== null && { EventRequestId: event.request_id }),
    ResourceName: event.resource,
    ...(event.decision !== null && { Decision: event.decision }),
    ...(event.code !== null && { ResultCode: event.code }),
    Detail: event.detail,
    ...(event.log_index !== null && { LogIndex: event.log_index }),
  }
}
