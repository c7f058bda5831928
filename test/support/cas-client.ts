import Cas from '@alicloud/cas20200407'
import { $OpenApiUtil, OpenApiUtil } from '@alicloud/openapi-core'
import { RuntimeOptions } from '@darabonba/typescript'
import type { TestService } from './service.ts'
import { casVersion, rootKey, type SigningKey } from './signed-call.ts'

/** The official client of the ordering API as it is on npm; by default it calls as the operator's account. */
export function createCasClient(service: TestService, key: SigningKey = rootKey): Cas.default {
  return new Cas.default(
    new $OpenApiUtil.Config({
      accessKeyId: key.accessKeyId,
      accessKeySecret: key.secret,
      endpoint: new URL(service.addresses.http ?? '').host,
      protocol: 'http',
    }),
  )
}

/** The client's generic call, for operations that its version has no method for. Lists are flattened as its methods do it. */
export async function callGeneric(
  client: Cas.default,
  action: string,
  input: object,
  version = casVersion,
): Promise<Record<string, unknown>> {
  const params = new $OpenApiUtil.Params({
    action,
    version,
    protocol: 'HTTP',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  })
  const request = new $OpenApiUtil.OpenApiRequest({ query: OpenApiUtil.query(input) })
  const { body } = (await client.callApi(params, request, new RuntimeOptions({}))) as { body: Record<string, unknown> }
  return body
}
