import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { actions, emulatorActions } from '../../src/actions/index.ts'
import { renderOpenApi } from '../../src/openapi/openapi.ts'
import { describeService } from '../support/service.ts'

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: unknown }[]
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}
interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, { readonly post: Operation }>>
}
interface Operations {
  readonly post: Operation
}
const firstOf = (paths: Record<string, Operations>) => Object.values(paths)[0] ?? assert.fail('no path')
const parse = (text: string) => JSON.parse(text) as Document

describe('the OpenAPI document', () => {
  const document = parse(JSON.stringify(renderOpenApi(actions)))
  const operations = Object.values(document.paths).map(({ post }) => post)

  it('has one operation for each action, with ids and parameters of their own', () => {
    assert.equal(operations.length, actions.length)
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, actions.length)
    for (const { operationId, parameters } of operations) {
      assert.equal(new Set(parameters.map(({ name }) => name)).size, parameters.length, operationId)
      assert.ok(
        parameters.every((parameter) => parameter.in === 'query' && typeof parameter.schema === 'object'),
        operationId,
      )
    }
  })

  it('shows lists as they are sent, mandatory parameters and the codes of refusals', () => {
    const post = document.paths['/#Action=CreateCertificateRequest&Version=2020-04-07']?.post
    const required = post?.parameters.filter((parameter) => 'required' in parameter && parameter.required).map(({ name }) => name)
    assert.deepEqual(required, ['Action', 'Version', 'Username', 'Phone', 'Email', 'Domain', 'ValidateType'])
    assert.ok(post?.parameters.some(({ name }) => name === 'Tags.1.Key'))
    assert.match(post?.responses['404']?.description ?? '', /NotFoundPackage/)
  })

  it('is valid by the schema of OpenAPI 3.1, in emulator mode too', async () => {
    for (const list of [actions, [...actions, ...emulatorActions]]) {
      const validator = new Validator()
      const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(renderOpenApi(list))) as Record<string, unknown>)
      assert.ok(valid, JSON.stringify(errors, null, 2))
      assert.equal(validator.version, '3.1')
    }
  })

  it('would not pass that schema with a fault', async () => {
    const faults: readonly ((broken: { info?: unknown; paths: Record<string, Operations> }) => unknown)[] = [
      (broken) => delete broken.info,
      (broken) => Object.assign(firstOf(broken.paths).post.parameters[0] ?? {}, { in: 'body' }),
      (broken) => Object.assign(firstOf(broken.paths).post.responses, { 'no status': { description: '' } }),
    ]
    for (const [place, breakIt] of faults.entries()) {
      const broken = JSON.parse(JSON.stringify(renderOpenApi(actions))) as { paths: Record<string, Operations> }
      breakIt(broken)
      assert.equal((await new Validator().validate(broken)).valid, false, `fault ${place}`)
    }
  })

  it('refers to nothing that it does not hold', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, name]) => name)
    assert.deepEqual([...new Set(references)], ['#/components/schemas/Problem'])
  })
})

describeService(
  'GET /openapi.json',
  (service) => {
    it('answers the document to anybody', async () => {
      const answer = await service().get('/openapi.json')
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/json'])
      assert.deepEqual(parse(await answer.text()), parse(JSON.stringify(renderOpenApi(actions))))
    })
  },
  { only: 'sqlite' },
)
