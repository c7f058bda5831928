import { z } from 'zod'
import type { ExplainedLook } from '../../orders/explain-order.ts'

/** What a look at a name asked and saw. */
export const evidenceFields = {
  Queries: z.array(
    z.object({
      Resolver: z.string(),
      Name: z.string(),
      Type: z.string(),
      Transport: z.string(),
      Milliseconds: z.number(),
      Rcode: z.string().optional(),
      /** The resolver validated the answer by DNSSEC. */
      Authenticated: z.boolean().optional(),
      Answers: z.array(z.object({ Name: z.string(), Type: z.string(), Ttl: z.int(), Value: z.string() })),
      AnswersLeftOut: z.int().optional(),
      Error: z.string().optional(),
      Detail: z.string().optional(),
    }),
  ),
  Requests: z.array(
    z.object({
      Url: z.string(),
      Address: z.string(),
      Milliseconds: z.number(),
      Status: z.int().optional(),
      Location: z.string().optional(),
      Error: z.string().optional(),
      Detail: z.string().optional(),
    }),
  ),
}

export function evidenceToWire({ queries, requests = [] }: ExplainedLook['evidence']) {
  return {
    Queries: queries.map((query) => ({
      Resolver: query.resolver,
      Name: query.name,
      Type: query.type,
      Transport: query.transport,
      Milliseconds: query.ms,
      ...(query.rcode !== undefined && { Rcode: query.rcode }),
      ...(query.ad !== undefined && { Authenticated: query.ad }),
      Answers: query.answers.map(({ name, type, ttlSeconds, value }) => ({ Name: name, Type: type, Ttl: ttlSeconds, Value: value })),
      ...(query.answersLeftOut !== undefined && { AnswersLeftOut: query.answersLeftOut }),
      ...(query.error !== undefined && { Error: query.error }),
      ...(query.detail !== undefined && { Detail: query.detail }),
    })),
    Requests: requests.map((request) => ({
      Url: request.url,
      Address: request.address,
      Milliseconds: request.ms,
      ...(request.status !== undefined && { Status: request.status }),
      ...(request.location !== undefined && { Location: request.location }),
      ...(request.error !== undefined && { Error: request.error }),
      ...(request.detail !== undefined && { Detail: request.detail }),
    })),
  }
}
