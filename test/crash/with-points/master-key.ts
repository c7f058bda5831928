import { createMasterKeyFile as createReal } from '../../../src/keys/master-key.ts'
import { reach } from '../kill-points.ts'

export * from '../../../src/keys/master-key.ts'

/** Makes the file of the master key, with a point after it. */
export function createMasterKeyFile(...args: Parameters<typeof createReal>): ReturnType<typeof createReal> {
  const key = createReal(...args)
  reach('masterKey:after')
  return key
}
