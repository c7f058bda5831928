import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { signRpcV1 } from '../gateway/sign-request.ts'
import type { WireRequest } from '../gateway/load-vectors.ts'
import { sendRequest } from '../gateway/send-request.ts'

/** One answer of the service. */
export interface CallAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; empty if it is none. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface SigningKey {
  readonly accessKeyId: string
  readonly secret: string
}

/** The access key that services of tests get by their environment. */
export const rootKey: SigningKey = { accessKeyId: 'testid', secret: 'a-secret-of-the-tests' }

export const casVersion = '2020-04-07'
export const extensionVersion = '2026-12-01'

export interface CallOptions {
  readonly version?: string
  readonly key?: SigningKey
  readonly method?: 'GET' | 'POST'
  /** Where the parameters travel. */
  readonly place?: 'query' | 'form'
  /** The time in the signature, ms. */
  readonly timestampMs?: number
  readonly nonce?: string
}

/** Our own extensions have a version of their own. */
export const extension: CallOptions = { version: extensionVersion }

/** Signs one call as RPC V1 clients do, for sending once or again. */
export function signCall(action: string, parameters: Readonly<Record<string, string>>, options: CallOptions = {}): WireRequest {
  const { key = rootKey, timestampMs = Date.now() } = options
  return signRpcV1(action, parameters, {
    secret: key.secret,
    ...(options.method !== undefined && { method: options.method }),
    ...(options.place !== undefined && { place: options.place }),
    common: {
      AccessKeyId: key.accessKeyId,
      Version: options.version ?? casVersion,
      SignatureNonce: options.nonce ?? randomUUID(),
      Timestamp: `${new Date(timestampMs).toISOString().slice(0, 19)}Z`,
    },
  })
}

/** Sends a signed call to a base address and reads what comes back. */
export async function sendSigned(base: string, signed: WireRequest): Promise<CallAnswer> {
  const { status, headers, body } = await sendRequest(Number(new URL(base).port), signed)
  return { status, headers, text: body, body: readObject(body) }
}

/** Signs and sends one call. */
export async function callSigned(
  base: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
  options: CallOptions = {},
): Promise<CallAnswer> {
  return await sendSigned(base, signCall(action, parameters, options))
}

function readObject(text: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text)
    return typeof content === 'object' && content !== null ? { ...content } : {}
  } catch {
    // XML, or the plain text of another door.
    return {}
  }
}
