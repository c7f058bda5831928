import Cas from '@alicloud/cas20200407'
import { $OpenApiUtil } from '@alicloud/openapi-core'
import { RuntimeOptions } from '@darabonba/typescript'
import type { DemoService } from './service.ts'

/** The official SDK, unmodified: endpoint and protocol are all that differs from the cloud. */
export function createClient(service: Pick<DemoService, 'endpoint' | 'accessKeyId' | 'accessKeySecret'>): Cas.default {
  return new Cas.default(
    new $OpenApiUtil.Config({
      accessKeyId: service.accessKeyId,
      accessKeySecret: service.accessKeySecret,
      endpoint: new URL(service.endpoint).host,
      protocol: 'http',
    }),
  )
}

/** Calls an extension, which the SDK has no method for, through its generic call. */
export async function callExtension(
  client: Cas.default,
  action: string,
  query: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const params = new $OpenApiUtil.Params({
    action,
    version: '2026-12-01',
    protocol: 'HTTP',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  })
  const { body } = (await client.callApi(params, new $OpenApiUtil.OpenApiRequest({ query }), new RuntimeOptions({}))) as {
    body: Record<string, unknown>
  }
  return body
}
