import assert from 'node:assert/strict'
import type { SharedSecrets } from '../../src/keys/shared-secrets.ts'
import { openTestServices } from '../orders/open-test-services.ts'

/** The secrets of an installation of its own. */
export async function withTestSecrets(use: (secrets: SharedSecrets) => Promise<void>): Promise<void> {
  const test = (await openTestServices('sqlite')) ?? assert.fail()
  try {
    await use(test.services.secrets)
  } finally {
    await test.close()
  }
}
