import { AdminRefusedError } from '../admin/socket.ts'
import { ConfigurationError } from '../config.ts'
import { MasterKeyError } from '../keys/master-key.ts'
import { CatalogueError } from '../plans/products.ts'
import { Problem } from '../problem.ts'
import { DatabaseUnusableError } from '../storage/errors.ts'
import { CallRefusedError } from './refusals.ts'

/** What an operator is told about a failed command: the message of what they can mend, the whole stack of a bug. */
export function explainFailure(error: unknown): string {
  if (error instanceof ConfigurationError || error instanceof CatalogueError) {
    return ['The configuration cannot be used:', ...error.lines.map((line) => `  ${line}`)].join('\n')
  }
  if (
    error instanceof DatabaseUnusableError ||
    error instanceof AdminRefusedError ||
    error instanceof Problem ||
    error instanceof MasterKeyError ||
    error instanceof CallRefusedError
  )
    return error.message
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'EADDRINUSE' && 'address' in error && 'port' in error) {
    return `${String(error.address)}:${String(error.port)} is in use by another program: choose another address (CHANCERY_HTTP_LISTEN, CHANCERY_HTTPS_LISTEN, CHANCERY_ADMIN_LISTEN)`
  }
  return error.stack ?? error.message
}
