import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { acs3StringToSign, parseAcs3Authorization, verifyAcs3 } from '../../src/gateway/acs3.ts'
import type { AccessKey } from '../../src/gateway/authenticate.ts'
import { canonicalQuery } from '../../src/gateway/canonical.ts'
import { decodeParameters, nestParameters } from '../../src/gateway/parameters.ts'
import { rpcV1StringToSign, verifyRpcV1 } from '../../src/gateway/rpc-v1.ts'
import { Problem } from '../../src/problem.ts'
import { loadCapturedVectors, loadOtherVectors } from './load-vectors.ts'
import type { CapturedVector } from './load-vectors.ts'
import { echoAction, serveGateway } from './serve-gateway.ts'
import { sendRequest } from './send-request.ts'

const captured = loadCapturedVectors()
const signed = captured.filter((vector) => vector.scheme !== 'BEARER')
const others = [...captured.filter((vector) => vector.scheme === 'BEARER'), ...loadOtherVectors()]

describe('requests that official clients sent', () => {
  it('are all here: 66 of which one is a bearer token, and 9 of other kinds', () => {
    assert.equal(captured.length, 66)
    assert.equal(signed.length, 65)
    assert.equal(others.length, 10)
    assert.deepEqual(new Set(signed.map(({ scheme }) => scheme)), new Set(['RPC-V1', 'ACS3']))
  })

  for (const vector of signed) {
    it(`${vector.id}: canonical text, string to sign and signature are ours too`, () => {
      if (vector.scheme === 'ACS3') assertAcs3(vector)
      else assertRpcV1(vector)
    })
    // The signature check takes any path; the door serves one.
    if (vector.request.path === '/') {
      it(`${vector.id}: is served, and its parameters arrive decoded`, async (t) => assertServed(vector, await serveOne(t, vector)))
    }
  }

  for (const vector of others) {
    it(`${vector.id}: is refused, because it is not signed in a scheme of ours`, async (t) => {
      const answer = await serveOne(t, vector)
      const expected = vector.request.path === '/' ? ['MissingAccessKeyId', 400] : ['InvalidAction.NotFound', 404]
      assert.deepEqual([JSON.parse(answer.body).Code, answer.status], expected)
    })
  }
})

function assertRpcV1({ request, credentials, stringToSign, canonicalQuery: canonical, expectedSignature }: CapturedVector): void {
  const query = decodeParameters(request.rawQuery)
  const form = decodeParameters(formOf(request))
  assert.deepEqual([query, form], [request.query, request.form])
  const parameters = [...query, ...form]
  assert.equal(canonicalQuery(parameters.filter(([name]) => name !== 'Signature')), canonical)
  assert.equal(rpcV1StringToSign(request.method, parameters), stringToSign)
  verifyRpcV1({ method: request.method, query, form }, credentials?.accessKeySecret ?? '', expectedSignature ?? '')
  assert.throws(
    () => verifyRpcV1({ method: request.method, query, form }, 'other', expectedSignature ?? ''),
    signatureDoesNotMatch(stringToSign),
  )
}

function assertAcs3({ request, credentials, stringToSign, canonicalQuery: canonical, expectedSignature }: CapturedVector): void {
  const headers = new Map(request.headers.map(([name, value]) => [name.toLowerCase(), value]))
  const query = decodeParameters(request.rawQuery)
  const call = { method: request.method, path: request.path, headers, query, body: Buffer.from(request.bodyBase64, 'base64') }
  assert.deepEqual(query, request.query)
  assert.equal(canonicalQuery(query), canonical)
  const authorization = parseAcs3Authorization(headers.get('authorization') ?? '')
  assert.equal(authorization.signature, expectedSignature)
  assert.equal(acs3StringToSign(call, authorization, headers.get('x-acs-content-sha256') ?? ''), stringToSign)
  verifyAcs3(call, credentials?.accessKeySecret ?? '', authorization)
  assert.throws(() => verifyAcs3(call, 'other', authorization), signatureDoesNotMatch(stringToSign))
}

function signatureDoesNotMatch(stringToSign: string | undefined) {
  const message = `Specified signature is not matched with our calculation. server string to sign is:${stringToSign}`
  return (error: unknown) => error instanceof Problem && error.code === 'SignatureDoesNotMatch' && error.message === message
}

function formOf(request: CapturedVector['request']): string {
  const type = request.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  return type === 'application/x-www-form-urlencoded' ? Buffer.from(request.bodyBase64, 'base64').toString('latin1') : ''
}

async function serveOne(t: Parameters<typeof serveGateway>[0], vector: CapturedVector) {
  const { request } = vector
  const parameters = [...request.query, ...request.form].map(([name]) => name.split('.')[0] ?? '')
  const { name, version } = actionOf(vector)
  const served = await serveGateway(t, {
    actions: [echoAction(name, version, parameters)],
    clock: () => Date.parse(vector.capturedAt),
    findAccessKey: async (accessKeyId) => keyOf(vector, accessKeyId),
  })
  return await sendRequest(served.port, request)
}

function actionOf({ scheme, request }: CapturedVector): { name: string; version: string } {
  const parameters = new Map([...request.query, ...request.form])
  const headers = new Map(request.headers.map(([name, value]) => [name.toLowerCase(), value]))
  const [name, version] = scheme === 'ACS3' ? [] : [parameters.get('Action'), parameters.get('Version')]
  return { name: name ?? headers.get('x-acs-action') ?? '', version: version ?? headers.get('x-acs-version') ?? '' }
}

function keyOf({ credentials }: CapturedVector, accessKeyId: string): AccessKey | undefined {
  if (accessKeyId !== credentials?.accessKeyId) return undefined
  const { accessKeySecret: secret, securityToken } = credentials
  const account = { accountId: 1234567890123456, principal: 'acs:ram::1234567890123456:root', identity: { kind: 'account' } } as const
  return { accessKeyId, secret, status: 'Active', ...account, ...(securityToken !== undefined && { securityToken }) }
}

function assertServed(vector: CapturedVector, answer: Awaited<ReturnType<typeof sendRequest>>): void {
  assert.equal(answer.status, 200, answer.body)
  const { request } = vector
  const parameters = [...request.query, ...request.form]
  if (parameters.some(([name, value]) => name === 'Format' && value.toUpperCase() === 'XML')) {
    assert.equal(answer.headers['content-type'], 'text/xml;charset=utf-8')
    assert.match(answer.body, /^<\?xml version='1\.0' encoding='UTF-8'\?><\w+Response><RequestId>[0-9A-F-]{36}<\/RequestId>/)
    return
  }
  assert.equal(answer.headers['content-type'], 'application/json;charset=utf-8')
  assert.deepEqual(JSON.parse(answer.body), {
    RequestId: answer.headers['x-acs-request-id'],
    Echo: nestParameters(parameters).input,
  })
}
