import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadNegatives } from './load-vectors.ts'
import { echoAction, serveGateway } from './serve-gateway.ts'
import { sendRequest } from './send-request.ts'

const { serverState, vectors } = loadNegatives()
const actions = Object.entries(serverState.versions).flatMap(([version, names]) =>
  names.map((name) => echoAction(name, version, ['Keyword', 'OrderType'])),
)

describe('unusual and wrong requests', () => {
  it('are all here: 15 to accept and 52 to refuse', () => {
    assert.equal(vectors.filter(({ expect }) => expect.accept).length, 15)
    assert.equal(vectors.filter(({ expect }) => !expect.accept).length, 52)
  })

  for (const { id, description, requests, expect, serverStringToSign } of vectors) {
    it(`${id}: ${description}`, async (t) => {
      const { port } = await serveGateway(t, { actions, clock: () => Date.parse(serverState.now) })
      const answers = []
      for (const request of requests) answers.push(await sendRequest(port, request))
      const last = answers.pop()
      assert.ok(last !== undefined)
      for (const before of answers) assert.equal(before.status, 200, before.body)
      const body = JSON.parse(last.body)
      if (expect.accept) {
        assert.equal(last.status, 200, last.body)
        return
      }
      // An unsure code may be another one, but only one of those that the vector lists.
      assert.ok([expect.code, ...expect.acceptAlso].includes(body.Code), last.body)
      assert.equal(last.status, expect.httpStatus)
      assert.ok(body.Message.includes(expect.messageContains ?? ''))
      if (body.Code === 'SignatureDoesNotMatch') assert.ok(body.Message.endsWith(`string to sign is:${serverStringToSign}`), last.body)
    })
  }
})
