import type { Action } from '../gateway/action.ts'
import { type ProblemName, problems } from '../problem.ts'
import { flatFields, inputSchema, outputSchema } from './parameters.ts'

/**
 * The OpenAPI 3.1 document of a list of actions.
 *
 * All of them are `POST /`: the query tells them apart. A path of OpenAPI is unique, so each has a fragment
 * (`/#Action=CreateUser&Version=2015-05-01`), which a client does not send.
 */
export function renderOpenApi(actions: readonly Action[]): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Chancery',
      version: '0.1.0',
      description:
        'Every operation is `POST /`, signed (RPC V1 or ACS3-HMAC-SHA256). The fragments of the paths only keep them apart. ' +
        'A parameter that holds `.1` is the first place of a list; further ones have 2, 3 and so on.',
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(actions.map((action) => [pathOf(action), { post: operation(action) }])),
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        rpcV1: {
          type: 'apiKey',
          in: 'query',
          name: 'Signature',
          description: 'HMAC over the parameters, beside AccessKeyId, Timestamp and SignatureNonce.',
        },
        acs3: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'ACS3-HMAC-SHA256.' },
      },
    },
  }
}

const problemSchema = {
  type: 'object',
  properties: { RequestId: { type: 'string' }, HostId: { type: 'string' }, Code: { type: 'string' }, Message: { type: 'string' } },
  required: ['RequestId', 'Code', 'Message'],
}

function pathOf({ name, version }: Action): string {
  return `/#Action=${name}&Version=${version}`
}

function operation(action: Action): object {
  const { name, version } = action
  const fixed = Object.entries({ Action: name, Version: version }).map(([key, value]) => ({
    name: key,
    in: 'query',
    required: true,
    schema: { type: 'string', const: value },
  }))
  const own = flatFields(inputSchema(action), 'numbered').map((field) => ({ ...field, in: 'query' }))
  return {
    operationId: `${name}_${version.replaceAll('-', '')}`,
    summary: action.summary,
    tags: [version],
    parameters: [...fixed, ...own],
    security: action.anonymous === true ? [] : [{ rpcV1: [] }, { acs3: [] }],
    responses: {
      200: { description: 'Done.', content: { 'application/json': { schema: outputSchema(action) } } },
      ...refusals(action.problems),
      default: refusal('A refusal of the gateway.'),
    },
    'x-ram-action': action.ramAction,
    'x-access-level': action.access,
  }
}

/** The problems of an action by status, as keys of `responses`. */
function refusals(names: readonly ProblemName[]): Record<string, object> {
  const byStatus = Map.groupBy(names, (name) => problems[name].status)
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [status, refusal([...new Set(of.map((name) => problems[name].code))].join(', '))]),
  )
}

function refusal(description: string): object {
  return { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } } }
}
