import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import core, { $OpenApiUtil } from '@alicloud/openapi-core'
import RPCClient from '@alicloud/pop-core'
import { RuntimeOptions } from '@darabonba/typescript'
import { z } from 'zod'
import { action } from '../../src/gateway/action.ts'
import type { GatewayOptions } from '../../src/gateway/gateway.ts'
import { Problem } from '../../src/problem.ts'
import { loadClientParsing } from './load-vectors.ts'
import { noLimits, serveGateway } from './serve-gateway.ts'

/** What a caller of a client sees of an error; the properties differ between the clients. */
const seenError = z.object({
  name: z.string(),
  code: z.string(),
  message: z.string(),
  statusCode: z.number().optional(),
  requestId: z.string().optional(),
  retryAfter: z.number().optional(),
  accessDeniedDetail: z.record(z.string(), z.string()).nullish(),
  data: z.record(z.string(), z.unknown()),
})
type SeenError = z.output<typeof seenError>

type Call = (port: number, actionName: string, parameters: Record<string, string>, secret?: string) => Promise<Record<string, unknown>>

const clients: Record<string, { call: Call; sightings: string; isPop: boolean }> = {
  'pop-core, GET': { call: callPop('GET'), sightings: 'pop-core', isPop: true },
  'pop-core, POST': { call: callPop('POST'), sightings: 'pop-core', isPop: true },
  'openapi-core, ACS3': { call: callCore(), sightings: 'cas 3.x (openapi-core)', isPop: false },
  'openapi-core, RPC V1': { call: callCore('v2'), sightings: 'cas 3.x v2', isPop: false },
}

function callPop(method: string): Call {
  return async (port, actionName, parameters, accessKeySecret = 'testsecret') => {
    const endpoint = `http://127.0.0.1:${port}`
    const client = new RPCClient({ endpoint, apiVersion: '2020-04-07', accessKeyId: 'testid', accessKeySecret })
    return await client.request(actionName, parameters, { method })
  }
}

function callCore(signatureAlgorithm?: string): Call {
  return async (port, actionName, parameters, accessKeySecret = 'testsecret') => {
    const config = new $OpenApiUtil.Config({ accessKeyId: 'testid', accessKeySecret, endpoint: `127.0.0.1:${port}`, protocol: 'HTTP' })
    if (signatureAlgorithm !== undefined) config.signatureAlgorithm = signatureAlgorithm
    const params = new $OpenApiUtil.Params({
      action: actionName,
      version: '2020-04-07',
      protocol: 'HTTP',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    })
    const request = new $OpenApiUtil.OpenApiRequest({ query: parameters })
    const answer = await new core.default(config).callApi(params, request, new RuntimeOptions({}))
    return z.object({ body: z.record(z.string(), z.unknown()) }).parse(answer).body
  }
}

const listCsr = action({
  name: 'ListCsr',
  version: '2020-04-07',
  access: 'list',
  ramAction: 'yundun-cert:ListCsr',
  summary: 'fails as it is told',
  strict: false,
  input: z.object({ Fail: z.string().optional(), KeyWord: z.string().optional() }),
  output: z.object({ KeyWord: z.string().optional() }),
  problems: [],
  run: async ({ Fail, KeyWord }) => {
    if (Fail === 'busy') throw new Problem('serviceUnavailable')
    if (Fail === 'bug') throw new Error('secret detail')
    if (Fail === 'parameter') throw new Problem('invalidParameter', { P: 'Fail', rule: 'It is told to.' })
    return { KeyWord }
  },
})

const denied = {
  AuthAction: 'yundun-cert:ListCsr',
  AuthPrincipalType: 'SubUser',
  AuthPrincipalOwnerId: '1234567890123456',
  AuthPrincipalDisplayName: '222222222222222222',
  PolicyType: 'AccountLevelIdentityBasedPolicy',
  NoPermissionType: 'ImplicitDeny',
  EncodedDiagnosticMessage: 'AQ==',
}

interface Failure {
  /** The crafted answer of the same kind. */
  readonly answer: string
  readonly code: string
  readonly status: number
  readonly message: string
  readonly action?: string
  readonly fail?: string
  readonly secret?: string
  readonly options?: Partial<GatewayOptions>
}

const failures: Record<string, Failure> = {
  'a wrong parameter': {
    answer: 'json-400',
    code: 'InvalidParameter',
    status: 400,
    message: 'The specified parameter "Fail" is not valid. It is told to.',
    fail: 'parameter',
  },
  'an unknown action': {
    answer: 'json-404',
    code: 'InvalidAction.NotFound',
    status: 404,
    message: 'Specified api is not found, please check your url and method.',
    action: 'NoSuchAction',
  },
  'a refusal of permission': {
    answer: 'json-403-denied',
    code: 'NoPermission',
    status: 403,
    message: 'You are not authorized to do this action.',
    options: { access: { assertAllowed: () => Promise.reject(new Problem('noPermission', denied)) } },
  },
  throttling: {
    answer: 'json-400-throttling-retry-after',
    code: 'Throttling.User',
    status: 400,
    message: 'Request was denied due to user flow control.',
    options: { limits: { ...noLimits, admit: () => 1_000 } },
  },
  'a bug': {
    answer: 'json-500',
    code: 'InternalError',
    status: 500,
    message: 'The request processing has failed due to some unknown error.',
    fail: 'bug',
  },
  'a busy server': {
    answer: 'json-503',
    code: 'ServiceUnavailable',
    status: 503,
    message: 'The request has failed due to a temporary failure of the server.',
    fail: 'busy',
  },
}

describe('official clients', () => {
  const sightings = loadClientParsing()
  for (const [name, { call, sightings: column, isPop }] of Object.entries(clients)) {
    it(`${name}: reads a success, awkward text included`, async (t) => {
      const { port } = await serveGateway(t, { actions: [listCsr], clock: Date.now })
      const text = `*.例子 a+b~!'()&=%20\n"😀"`
      const answer = await call(port, 'ListCsr', { KeyWord: text })
      assert.equal(answer['KeyWord'], text)
      assert.match(String(answer['RequestId']), /^[0-9A-F-]{36}$/)
    })

    for (const [kind, failure] of Object.entries(failures)) {
      it(`${name}: tells its caller of ${kind} as it does with the original`, async (t) => {
        const served = await serveGateway(t, { actions: [listCsr], clock: Date.now, ...failure.options })
        const seen = await seeError(
          call(served.port, failure.action ?? 'ListCsr', failure.fail === undefined ? {} : { Fail: failure.fail }),
        )
        const original = sightings[column]?.[failure.answer]
        assert.ok(original !== undefined)
        assertAlike(seen, original, failure.answer)
        assert.equal(served.facts.length, 1)
        assert.equal(seen.code, failure.code)
        const requestId = String(seen.data['RequestId'])
        if (isPop) assert.ok(seen.message.startsWith(`${failure.message}, URL: http://127.0.0.1:${served.port}/`), seen.message)
        else assert.equal(seen.message, `${failure.code}: code: ${failure.status}, ${failure.message} request id: ${requestId}`)
        if (!isPop) assert.equal(seen.requestId, requestId)
        if (failure.answer === 'json-403-denied')
          assert.deepEqual({ ...z.record(z.string(), z.string()).parse(seen.data['AccessDeniedDetail']) }, denied)
      })
    }

    it(`${name}: finds our string to sign where it looks for it when the secret is wrong`, async (t) => {
      const { port } = await serveGateway(t, { actions: [listCsr], clock: Date.now })
      const seen = await seeError(call(port, 'ListCsr', {}, 'wrong'))
      assert.equal(seen.code, 'SignatureDoesNotMatch')
      const message = z.string().parse(seen.data['Message'])
      const signed = message.slice(message.indexOf(':') + 1)
      assert.match(signed, name.endsWith('ACS3') ? /^ACS3-HMAC-SHA256\n[0-9a-f]{64}$/ : /^(GET|POST)&%2F&AccessKeyId%3Dtestid%26/)
    })

    it(`${name}: reads the refusal of a head that is too large`, async (t) => {
      const { port } = await serveGateway(t, { actions: [listCsr], clock: Date.now })
      // The form of a POST has room for more than a head.
      if (name === 'pop-core, POST') return assert.ok((await call(port, 'ListCsr', { KeyWord: 'x'.repeat(300_000) }))['KeyWord'])
      const seen = await seeError(call(port, 'ListCsr', { KeyWord: 'x'.repeat(300_000) }))
      assert.equal(seen.code, 'RequestHeaderTooLarge')
    })
  }
})

async function seeError(call: Promise<unknown>): Promise<SeenError> {
  try {
    await call
  } catch (error) {
    return seenError.parse(error)
  }
  return assert.fail('the call succeeded')
}

type Sighting = NonNullable<NonNullable<ReturnType<typeof loadClientParsing>[string]>[string]>

function assertAlike(seen: SeenError, original: Sighting, answer: string): void {
  const detail = seen.accessDeniedDetail
  const alike = {
    name: seen.name,
    code: seen.code,
    statusCode: seen.statusCode,
    accessDeniedDetail: detail ? Object.keys(detail) : detail,
    dataKeys: Object.keys(seen.data).filter((key) => key !== 'statusCode'),
  }
  const { name, code, statusCode, accessDeniedDetail, dataKeys } = original
  assert.deepEqual(alike, { name, code, statusCode, accessDeniedDetail, dataKeys }, answer)
  assert.equal(seen.retryAfter !== undefined, original.retryAfter !== undefined)
}
