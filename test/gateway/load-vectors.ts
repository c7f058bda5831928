import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { AccessKey } from '../../src/gateway/authenticate.ts'

const pair = z.tuple([z.string(), z.string()])
const request = z.object({ method: z.string(), target: z.string(), headers: z.array(pair), bodyBase64: z.string() })

/** A request as it crossed the wire. */
export type WireRequest = z.output<typeof request>

const capturedRequest = request.extend({ path: z.string(), rawQuery: z.string(), query: z.array(pair), form: z.array(pair) })
const captured = z.object({
  id: z.string(),
  scheme: z.string(),
  credentials: z.object({ accessKeyId: z.string(), accessKeySecret: z.string(), securityToken: z.string().optional() }).nullable(),
  capturedAt: z.iso.datetime(),
  request: capturedRequest,
  canonicalQuery: z.string().optional(),
  stringToSign: z.string().optional(),
  expectedSignature: z.string().optional(),
})

/** One request that an official client sent, with what it signed. */
export type CapturedVector = z.output<typeof captured>

const signedFiles = ['node-rpc-v1', 'node-acs3', 'foreign-go-sdk', 'foreign-python-core', 'foreign-python-tea', 'known-answers']

/** Everything captured that names a scheme of signatures, and one bearer token. */
export function loadCapturedVectors(): CapturedVector[] {
  return signedFiles.flatMap(loadCapturedFile)
}

/** Captured requests without a signature, or with one of a scheme that is not served. */
export function loadOtherVectors(): CapturedVector[] {
  return loadCapturedFile('node-other')
}

function loadCapturedFile(name: string): CapturedVector[] {
  return z.object({ vectors: z.array(captured) }).parse(readJson(name)).vectors
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8'))
}

const expectation = z.discriminatedUnion('accept', [
  z.object({ accept: z.literal(true) }),
  z.object({
    accept: z.literal(false),
    confidence: z.string(),
    code: z.string(),
    httpStatus: z.int(),
    acceptAlso: z.array(z.string()).default([]),
    messageContains: z.string().optional(),
  }),
])

const negatives = z.object({
  serverState: z.object({
    now: z.iso.datetime(),
    keys: z.array(
      z.object({
        accessKeyId: z.string(),
        accessKeySecret: z.string(),
        securityToken: z.string().optional(),
        status: z.enum(['Active', 'Inactive']),
        expires: z.iso.datetime().optional(),
      }),
    ),
    versions: z.record(z.string(), z.array(z.string())),
  }),
  vectors: z.array(
    z.object({
      id: z.string(),
      description: z.string(),
      requests: z.array(request),
      serverStringToSign: z.string().optional(),
      expect: expectation,
    }),
  ),
})

/** Requests to refuse or to accept, and the state of the server that does so. */
export function loadNegatives(): z.output<typeof negatives> {
  return negatives.parse(readJson('negatives'))
}

/** The keys that the vectors of the negatives expect, as the gateway takes them. */
export function testKeys(): AccessKey[] {
  return loadNegatives().serverState.keys.map((key) => ({
    accessKeyId: key.accessKeyId,
    secret: key.accessKeySecret,
    status: key.status,
    accountId: 1234567890123456,
    principal: 'acs:ram::1234567890123456:root',
    identity: { kind: 'account' },
    ...(key.securityToken !== undefined && { securityToken: key.securityToken }),
    ...(key.expires !== undefined && { expiresAtMs: Date.parse(key.expires) }),
  }))
}

const sighting = z.object({
  ok: z.boolean(),
  name: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  statusCode: z.number().optional(),
  requestId: z.string().optional(),
  retryAfter: z.number().optional(),
  accessDeniedDetail: z.array(z.string()).nullish(),
  dataKeys: z.array(z.string()).optional(),
})
const clientParsing = z.object({ clients: z.record(z.string(), z.record(z.string(), sighting)) })

/** What each client made of crafted answers: client, answer, sighting. */
export function loadClientParsing(): z.output<typeof clientParsing>['clients'] {
  return clientParsing.parse(readJson('client-error-parsing')).clients
}
