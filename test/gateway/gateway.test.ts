import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { z } from 'zod'
import { action } from '../../src/gateway/action.ts'
import type { Action } from '../../src/gateway/action.ts'
import type { RequestContext } from '../../src/gateway/caller.ts'
import type { GatewayOptions } from '../../src/gateway/gateway.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { NonceUse } from '../../src/ram/replay-guard.ts'
import { Problem } from '../../src/problem.ts'
import type { WireRequest } from './load-vectors.ts'
import { createMemoryReplayGuard } from './memory-replay-guard.ts'
import { echoAction, noLimits, serveGateway, testNow } from './serve-gateway.ts'
import { sendRequest } from './send-request.ts'
import { signAcs3, signRpcV1 } from './sign-request.ts'

const tag = z.object({ Key: z.string().min(1).max(8), Value: z.string().optional() })

/** An action with one of everything; what it ran with is kept by the test. */
function orderAction(strict: boolean, run: (input: unknown, context: RequestContext) => Promise<Record<string, unknown>>): Action {
  return action({
    name: 'PlaceOrder',
    version: '2020-04-07',
    access: 'create',
    ramAction: 'yundun-cert:PlaceOrder',
    target: {
      resources: ({ Tags }) => (Array.isArray(Tags) ? Tags.map((one: { Key?: string }) => `order/${one.Key}`) : []),
      conditions: ({ Tags }) =>
        Array.isArray(Tags) ? Object.fromEntries(Tags.map((one: { Key?: string }) => [`acs:RequestTag/${one.Key}`, ''])) : {},
    },
    summary: 'takes one of everything',
    strict,
    input: z.object({
      Domain: z.string().min(1),
      Count: z.coerce.number().int('It is a whole number').optional(),
      Tags: z.array(tag).optional(),
      Region: z.enum(['a', 'b']).optional(),
    }),
    output: z.object({ OrderId: z.number().optional(), RequestId: z.string().optional(), List: z.array(z.unknown()).optional() }),
    problems: [],
    run: async (input, context) => await run(input, context),
  })
}

interface Outcome {
  readonly status: number
  readonly body: Record<string, unknown>
}

async function call(t: TestContext, request: WireRequest, options: Partial<GatewayOptions> = {}): Promise<Outcome> {
  const served = await serveGateway(t, { actions: [orderAction(false, async () => ({ OrderId: 7 }))], ...options })
  const { status, body } = await sendRequest(served.port, request)
  return { status, body: JSON.parse(body) }
}

const placeOrder = (parameters: Record<string, string>) => signRpcV1('PlaceOrder', parameters)

describe('an answer', () => {
  it('of success has the request id first, the declared fields beside it and nothing that is not declared', async (t) => {
    const actions = [orderAction(false, async () => ({ OrderId: 7, List: undefined, Secret: 's', RequestId: 'mine' }))]
    const { port } = await serveGateway(t, { actions, randomUuid: () => '9b34724d-54b0-4a51-b34d-4512372fe1be' })
    const { status, headers, body } = await sendRequest(port, placeOrder({ Domain: 'a.example' }))
    assert.equal(status, 200)
    assert.equal(body, '{"RequestId":"9B34724D-54B0-4A51-B34D-4512372FE1BE","OrderId":7}')
    assert.equal(headers['content-type'], 'application/json;charset=utf-8')
    assert.equal(headers['content-length'], String(body.length))
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['x-acs-request-id'], '9B34724D-54B0-4A51-B34D-4512372FE1BE')
  })

  it('of failure has the five fields, the called host and a link that carries code, product and request id', async (t) => {
    const { body } = await call(t, placeOrder({}), { randomUuid: () => '9b34724d-54b0-4a51-b34d-4512372fe1be' })
    assert.deepEqual(body, {
      RequestId: '9B34724D-54B0-4A51-B34D-4512372FE1BE',
      HostId: 'cas.example.test:8080',
      Code: 'MissingDomain',
      Message: 'Domain is mandatory for this action.',
      Recommend: 'https://api.aliyun.com/troubleshoot?q=MissingDomain&product=cas&requestId=9B34724D-54B0-4A51-B34D-4512372FE1BE',
    })
  })

  it('repeats no Host header that cannot be a host', async (t) => {
    const request = placeOrder({})
    const { body } = await call(t, { ...request, headers: [['Host', '<script>alert(1)</script>']] })
    assert.equal(body['HostId'], '')
  })

  for (const [format, type] of [
    ['xml', 'text/xml;charset=utf-8'],
    ['Xml', 'text/xml;charset=utf-8'],
    ['json', 'application/json;charset=utf-8'],
    ['', 'application/json;charset=utf-8'],
  ] as const) {
    it(`comes in the format asked for, in any case: ${format || 'JSON if none'}`, async (t) => {
      const { port } = await serveGateway(t, { actions: [orderAction(false, async () => ({ List: ['<a>', { B: 'c&d' }] }))] })
      const good = await sendRequest(port, placeOrder({ Domain: 'a.example', Format: format }))
      const bad = await sendRequest(port, placeOrder({ Domain: '', Format: format }))
      assert.deepEqual([good.headers['content-type'], bad.headers['content-type']], [type, type])
      if (!type.startsWith('text/xml')) return
      const id = String(good.headers['x-acs-request-id'])
      const list = '<List>&lt;a&gt;</List><List><B>c&amp;d</B></List>'
      assert.equal(
        good.body,
        `<?xml version='1.0' encoding='UTF-8'?><PlaceOrderResponse><RequestId>${id}</RequestId>${list}</PlaceOrderResponse>`,
      )
      assert.match(
        bad.body,
        /<Error><RequestId>[0-9A-F-]+<\/RequestId><HostId>cas\.example\.test:8080<\/HostId><Code>MissingDomain<\/Code>/,
      )
      assert.match(bad.body, /<Recommend><!\[CDATA\[https:\/\/api\.aliyun\.com\/troubleshoot\?q=MissingDomain&product=cas&/)
    })
  }

  it('is XML if accept asks for nothing else and there is no Format', async (t) => {
    const { port } = await serveGateway(t, { actions: [echoAction('A', '2020-04-07', [])] })
    for (const [accept, type] of [
      ['text/xml', 'text/xml'],
      ['application/xml; q=1', 'text/xml'],
      ['text/html,application/xml;q=0.9', 'application/json'],
    ]) {
      const request = signRpcV1('A', {})
      const { headers } = await sendRequest(port, { ...request, headers: [...request.headers, ['Accept', accept ?? '']] })
      assert.equal(headers['content-type'], `${type};charset=utf-8`)
    }
  })

  it('in XML is also given to an unknown action', async (t) => {
    const { port } = await serveGateway(t)
    const { body } = await sendRequest(port, signRpcV1('A', { Format: 'XML' }))
    assert.match(body, /<Code>InvalidVersion<\/Code>/)
  })

  it('names an unknown action before a wrong format', async (t) => {
    const { body } = await call(t, signRpcV1('Unknown', { Format: 'YAML' }))
    assert.equal(body['Code'], 'InvalidAction.NotFound')
  })

  it('ends the connection during shutdown', async (t) => {
    const { port } = await serveGateway(t, { actions: [echoAction('A', '2020-04-07', [])], isShuttingDown: () => true })
    const { status, headers } = await sendRequest(port, signRpcV1('A', {}))
    assert.deepEqual([status, headers.connection], [200, 'close'])
  })
})

describe('the door', () => {
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    it(`refuses ${method}`, async (t) => {
      const { status, body } = await call(t, { ...placeOrder({}), method })
      assert.deepEqual([body['Code'], status], ['UnsupportedHTTPMethod', 400])
    })
  }

  for (const target of ['/x', '//', '/?/', '*']) {
    it(`serves / only: ${target}`, async (t) => {
      const { status, body } = await call(t, { ...placeOrder({}), target })
      assert.deepEqual([body['Code'], status], target === '/?/' ? ['MissingAction', 400] : ['InvalidAction.NotFound', 404])
    })
  }

  it('does not let unsigned x-acs headers name the action of an RPC V1 call', async (t) => {
    const request = placeOrder({ Domain: 'a.example' })
    const { status } = await call(t, { ...request, headers: [...request.headers, ['x-acs-action', 'Other'], ['x-acs-version', '1']] })
    assert.equal(status, 200)
  })

  it('does not let parameters name the action of an ACS3 call', async (t) => {
    const request = signAcs3('PlaceOrder', { Action: 'Other', Version: '1', Domain: 'a.example' })
    assert.equal((await call(t, request)).status, 200)
  })

  it('lets the form win over the query', async (t) => {
    const { port } = await serveGateway(t, { actions: [echoAction('A', '2020-04-07', ['X'])] })
    const wire = signRpcV1('A', { X: 'form' }, { place: 'form' })
    // The signature covers all occurrences, the query's first.
    const { body } = await sendRequest(port, { ...wire, target: '/?X=query' })
    assert.equal(JSON.parse(body).Code, 'SignatureDoesNotMatch')
    assert.match(body, /%26X%3Dquery%26X%3Dform/)
    const acs3 = await sendRequest(port, signAcs3('A', { X: 'form' }, { place: 'form' }))
    assert.deepEqual(JSON.parse(acs3.body).Echo, { X: 'form' })
  })

  it('does not read a JSON body as parameters', async (t) => {
    const request = signAcs3('PlaceOrder', { Domain: 'a.example' }, { place: 'form', common: { 'content-type': 'application/json' } })
    assert.equal((await call(t, request)).body['Code'], 'MissingDomain')
  })

  it('refuses a broken escape with a clear word', async (t) => {
    const { status, body } = await call(t, { ...placeOrder({}), target: '/?Action=%zz' })
    assert.deepEqual([body['Code'], status], ['InvalidParameter', 400])
    assert.match(String(body['Message']), /percent escape/)
  })

  it('refuses a Content-MD5 that is not of the body', async (t) => {
    const request = placeOrder({ Domain: 'a.example' })
    const { body } = await call(t, { ...request, headers: [...request.headers, ['Content-MD5', 'AAAAAAAAAAAAAAAAAAAAAA==']] })
    assert.equal(body['Code'], 'ContentMD5NotMatched')
  })

  it('is not built of two actions of one name', () => {
    const actions = [echoAction('A', '1', []), echoAction('A', '1', [])]
    const options = { actions } as unknown as GatewayOptions // it fails before it needs more
    assert.throws(() => createGateway(options), /listed twice/)
  })
})

describe('identity', () => {
  for (const header of ['x-acs-extra', 'content-type']) {
    it(`ACS3: a header that steers the call has to be signed: ${header}`, async (t) => {
      const request = signAcs3('PlaceOrder', { Domain: 'a.example' })
      const { status, body } = await call(t, { ...request, headers: [...request.headers, [header, 'x']] })
      assert.deepEqual([body['Code'], status], ['IncompleteSignature', 400])
    })
  }

  it('ACS3: a repeated header is not the one that was signed', async (t) => {
    const request = signAcs3('PlaceOrder', { Domain: 'a.example' })
    const { status } = await call(t, { ...request, headers: [...request.headers, ['x-acs-action', 'PlaceOrder']] })
    assert.notEqual(status, 200)
  })

  it('ACS3: host may be left unsigned, as one Java client does', async (t) => {
    const request = signAcs3('PlaceOrder', { Domain: 'a.example' }, { common: { host: undefined } })
    assert.equal((await call(t, { ...request, headers: [['Host', 'any'], ...request.headers] })).status, 200)
  })

  const timestamps = [
    '2026-01-15T08:00:00.000Z',
    '2026-01-15T08:00:00+00:00',
    '2026-01-15 08:00:00Z',
    '2026-02-30T08:00:00Z',
    '2026-01-15T24:00:00Z',
    'now',
  ]
  for (const Timestamp of timestamps) {
    it(`a timestamp has one form: ${Timestamp} is refused`, async (t) => {
      assert.equal((await call(t, signRpcV1('PlaceOrder', {}, { common: { Timestamp } }))).body['Code'], 'InvalidTimeStamp.Format')
    })
  }

  for (const [minutes, expected] of [
    [-15, 'MissingDomain'],
    [15, 'MissingDomain'],
    [-15.01, 'InvalidTimeStamp.Expired'],
    [15.01, 'InvalidTimeStamp.Expired'],
  ] as const) {
    it(`a clock that is ${minutes} minutes off: ${expected}`, async (t) => {
      assert.equal((await call(t, placeOrder({}), { clock: () => testNow + minutes * 60_000 })).body['Code'], expected)
    })
  }

  it('asks for no key under an id that cannot be one', async (t) => {
    const findAccessKey = () => assert.fail('asked')
    for (const AccessKeyId of ['a\u0000b', 'é', 'x'.repeat(129), 'a b']) {
      const { body } = await call(t, signRpcV1('PlaceOrder', {}, { common: { AccessKeyId } }), { findAccessKey })
      assert.equal(body['Code'], 'InvalidAccessKeyId.NotFound')
    }
  })

  for (const SignatureNonce of ['a\u0000b', 'x'.repeat(257)]) {
    it(`refuses a nonce that cannot be kept: ${JSON.stringify(SignatureNonce.slice(0, 9))}`, async (t) => {
      assert.equal((await call(t, signRpcV1('PlaceOrder', {}, { common: { SignatureNonce } }))).body['Code'], 'InvalidParameter')
    })
  }

  it('a nonce is consumed only after the signature is right and the key is under its limit', async (t) => {
    const guard = createMemoryReplayGuard()
    const uses: NonceUse[] = []
    const replayGuard = { use: async (entry: NonceUse) => (uses.push(entry), await guard.use(entry)) }
    const common = { SignatureNonce: 'n' }
    await call(t, signRpcV1('PlaceOrder', {}, { common, secret: 'wrong' }), { replayGuard })
    await call(t, signRpcV1('PlaceOrder', {}, { common }), { replayGuard, limits: { ...noLimits, admit: () => 1 } })
    assert.equal(uses.length, 0)
    assert.equal((await call(t, signRpcV1('PlaceOrder', {}, { common }), { replayGuard })).body['Code'], 'MissingDomain')
    assert.equal((await call(t, signRpcV1('PlaceOrder', {}, { common }), { replayGuard })).body['Code'], 'SignatureNonceUsed')
    const [use] = uses
    assert.deepEqual([use?.scope, use?.nonce, use?.timestampMs], ['testid', 'n', testNow])
    assert.ok((use?.expiresAtMs ?? 0) >= testNow + 15 * 60_000)
  })

  it('refuses a request from before the guard can remember', async (t) => {
    const replayGuard = createMemoryReplayGuard(testNow + 1)
    assert.equal((await call(t, placeOrder({}), { replayGuard })).body['Code'], 'InvalidTimeStamp.Expired')
  })

  it('throttles with a code and a time that clients understand', async (t) => {
    const { port } = await serveGateway(t, {
      actions: [orderAction(false, async () => ({}))],
      limits: { ...noLimits, admit: ({ accessKeyId }) => (accessKeyId === 'testid' ? 999.5 : undefined) },
    })
    const { status, headers, body } = await sendRequest(port, placeOrder({ Domain: 'a.example' }))
    assert.deepEqual([status, headers['x-acs-retry-after'], JSON.parse(body).Code], [400, '1000', 'Throttling.User'])
  })

  it('refuses ResourceOwnerAccount of somebody else, and takes the own one', async (t) => {
    const own = { Domain: 'a.example', ResourceOwnerAccount: '1234567890123456' }
    assert.equal((await call(t, placeOrder(own))).status, 200)
    const { status, body } = await call(t, placeOrder({ ...own, ResourceOwnerAccount: '1234567890123457' }))
    assert.deepEqual([body['Code'], status], ['NoPermission', 403])
  })
})

describe('permission', () => {
  it('is asked before the parameters are checked, with the nested input and the caller', async (t) => {
    const asked: unknown[] = []
    const access: GatewayOptions['access'] = {
      assertAllowed: async ({ action, caller, sourceIp }, request) => {
        asked.push([action, caller, request.action, request.resources, request.conditions?.(), sourceIp])
        throw new Problem('noPermission', { AuthAction: request.action, other: 'kept' })
      },
    }
    const { status, body } = await call(t, placeOrder({ 'Tags.3.Key': 'k', RegionId: 'r' }), { access })
    const caller = {
      accountId: 1234567890123456,
      principal: 'acs:ram::1234567890123456:root',
      accessKeyId: 'testid',
      identity: { kind: 'account' },
    }
    assert.deepEqual(asked, [['PlaceOrder', caller, 'yundun-cert:PlaceOrder', ['order/k'], { 'acs:RequestTag/k': '' }, '127.0.0.1']])
    assert.deepEqual([body['Code'], status, body['AccessDeniedDetail']], ['NoPermission', 403, { AuthAction: 'yundun-cert:PlaceOrder' }])
  })
})

describe('parameters of an action', () => {
  const wrong: Record<string, [parameters: Record<string, string>, code: string, message: RegExp]> = {
    'a missing one': [{}, 'MissingDomain', /^Domain is mandatory for this action\.$/],
    'an empty one is missing': [{ Domain: '', Count: 'x' }, 'MissingDomain', /^Domain is mandatory/],
    'what is missing goes before what is wrong': [{ Count: 'x' }, 'MissingDomain', /^Domain is mandatory/],
    'a wrong one, with its rule': [
      { Domain: 'a', Count: '1.5' },
      'InvalidParameter',
      /^The specified parameter "Count" is not valid\. It is a whole number\.$/,
    ],
    'an optional one that is empty and may not be': [{ Domain: 'a', Region: '' }, 'InvalidParameter', /parameter "Region" is not valid/],
    'a wrong one in a list, by its name as sent': [
      { Domain: 'a', 'Tags.4.Key': 'k', 'Tags.9.Key': 'too long a key' },
      'InvalidParameter',
      /parameter "Tags\.9\.Key" is not valid/,
    ],
    'a missing one in a list': [{ Domain: 'a', 'Tags.4.Value': 'v' }, 'InvalidParameter', /parameter "Tags\.4\.Key" is not valid/],
    'a list where a value is due': [{ 'Domain.1': 'a' }, 'InvalidParameter', /parameter "Domain" is not valid/],
    'a value where a list is due': [{ Domain: 'a', Tags: 'x' }, 'InvalidParameter', /parameter "Tags" is not valid/],
    'a name that does not nest': [{ Domain: 'a', 'Tags.0.Key': 'x' }, 'InvalidParameter', /parameter "Tags\.0" is not valid/],
  }
  for (const [name, [parameters, code, message]] of Object.entries(wrong)) {
    it(name, async (t) => {
      const { status, body } = await call(t, placeOrder(parameters))
      assert.deepEqual([body['Code'], status], [code, 400])
      assert.match(String(body['Message']), message)
    })
  }

  const common = { RegionId: 'r', OwnerId: '1', SourceIp: '::1', SecureTransport: 'true', SignatureType: '', Format: 'JSON' }

  it('of an original action may be unknown: they are signed, ignored and counted', async (t) => {
    const ran: unknown[] = []
    const served = await serveGateway(t, { actions: [orderAction(false, async (input) => (ran.push(input), {}))] })
    const request = placeOrder({ ...common, Domain: 'a.example', NotOurs: 'x', 'Others.1.A': 'y', 'Others.2.A': 'z' })
    assert.equal((await sendRequest(served.port, request)).status, 200)
    assert.deepEqual(ran, [{ Domain: 'a.example' }])
    assert.equal(served.facts[0]?.unknownParameters, 2)
  })

  it('of our own actions may not be unknown, but common ones are known to all', async (t) => {
    const actions = [orderAction(true, async () => ({}))]
    assert.equal((await call(t, placeOrder({ ...common, Domain: 'a.example' }), { actions })).status, 200)
    const { status, body } = await call(t, placeOrder({ ...common, Domain: 'a.example', NotOurs: 'x' }), { actions })
    assert.deepEqual([body['Code'], status], ['InvalidParameter', 400])
    assert.match(String(body['Message']), /"NotOurs"/)
  })

  it('may be called as a common one if the action declares it', async (t) => {
    const { port } = await serveGateway(t, { actions: [echoAction('A', '2020-04-07', ['RegionId'])] })
    const { body } = await sendRequest(port, signRpcV1('A', { RegionId: 'r', OwnerId: '1' }))
    assert.deepEqual(JSON.parse(body).Echo, { RegionId: 'r' })
  })
})

describe('faults and logs', () => {
  const secretError = Object.assign(new Error('failed for -----BEGIN PRIVATE KEY-----'), { detail: 'KEYTEXT' })

  it('an unknown error answers with the request id and nothing more, and is logged once without its message', async (t) => {
    const served = await serveGateway(t, { actions: [orderAction(false, () => Promise.reject(secretError))] })
    const { status, body } = await sendRequest(served.port, placeOrder({ Domain: 'a.example' }))
    const fields = JSON.parse(body)
    assert.deepEqual([status, fields.Code], [500, 'InternalError'])
    assert.equal(fields.Message, 'The request processing has failed due to some unknown error.')
    assert.ok(!body.includes('KEY'))
    const errors = served.logLines.map((line) => JSON.parse(line)).filter((line) => line.level === 50)
    assert.equal(errors.length, 1)
    assert.equal(errors[0].requestId, fields.RequestId)
    assert.match(errors[0].error.at, /^at .*gateway\.test\.ts/s)
    assert.ok(!served.logLines.join('').includes('KEY'))
  })

  it('an answer that cannot be written is an unknown error too', async (t) => {
    const actions = [orderAction(false, async () => ({ List: [1n] }))]
    assert.equal((await call(t, placeOrder({ Domain: 'a.example' }), { actions })).body['Code'], 'InternalError')
  })

  it('a failing key look-up is an unknown error, not a wrong key', async (t) => {
    const findAccessKey = () => Promise.reject(new Error('down'))
    assert.equal((await call(t, placeOrder({ Domain: 'a.example' }), { findAccessKey })).body['Code'], 'InternalError')
  })

  it('no log line holds a URL, a parameter, a signature or a string to sign', async (t) => {
    const served = await serveGateway(t, { actions: [orderAction(false, async () => ({ OrderId: 1 }))] })
    const requests = [
      placeOrder({ Domain: 'secret.example' }),
      signRpcV1('PlaceOrder', { Domain: 'secret.example' }, { secret: 'wrong' }),
      signAcs3('PlaceOrder', { Domain: 'secret.example' }, { secret: 'wrong' }),
      signRpcV1('secret', {}),
    ]
    for (const request of requests) await sendRequest(served.port, request)
    assert.equal(served.logLines.length, requests.length)
    const text = served.logLines.join('')
    for (const word of ['secret', 'Signature=', 'Timestamp', '%2F', 'cas.example']) assert.ok(!text.includes(word), text)
    const lines = served.logLines.map((line) => JSON.parse(line))
    assert.deepEqual(
      lines.map((line) => [line.action, line.code, line.status, line.accessKeyId]),
      [
        ['PlaceOrder', 'OK', 200, 'testid'],
        ['PlaceOrder', 'SignatureDoesNotMatch', 400, undefined],
        ['PlaceOrder', 'SignatureDoesNotMatch', 400, undefined],
        [undefined, 'InvalidAction.NotFound', 404, undefined],
      ],
    )
    assert.deepEqual(
      served.facts.map(({ code }) => code),
      lines.map((line) => line.code),
    )
  })
})
