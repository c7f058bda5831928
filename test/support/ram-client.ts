import assert from 'node:assert/strict'
import { $OpenApiUtil } from '@alicloud/openapi-core'
import Ram from '@alicloud/ram20150501'
import type { TestService } from './service.ts'
import { rootKey, type SigningKey } from './signed-call.ts'

/** The official client of RAM as it is on npm; by default it calls as the operator's account. */
export function createRamClient(service: TestService, key: SigningKey = rootKey): Ram.default {
  return new Ram.default(
    new $OpenApiUtil.Config({
      accessKeyId: key.accessKeyId,
      accessKeySecret: key.secret,
      endpoint: new URL(service.addresses.http ?? '').host,
      protocol: 'http',
    }),
  )
}

/** The code that a call of the client is refused with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error && 'statusCode' in error, String(error))
    return `${String(error.statusCode)} ${String(error.code)}`
  }
  return 'OK'
}

/** A policy document of these statements. */
export function documentOf(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '1', Statement: statements })
}

/** Allows everything of these actions. */
export function allowing(...actions: readonly string[]): object {
  return { Effect: 'Allow', Action: actions, Resource: '*' }
}
