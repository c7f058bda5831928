import { ConstraintError, type ConstraintKind } from '../errors.ts'

// SQLSTATE class 23 (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const kinds: Readonly<Record<string, ConstraintKind>> = {
  23502: 'notNull',
  23503: 'foreignKey',
  23505: 'unique',
  23514: 'check',
}

/** What `pg` tells of an error that the server sent. */
interface ServerError extends Error {
  readonly code: string
  readonly constraint?: string
  readonly table?: string
  readonly column?: string
}

/** True if the server answered with this error; false for a lost connection and for bugs. */
export function isServerError(error: unknown): error is ServerError {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error
  )
}

/** A statement was refused only because an earlier one of the transaction failed. */
export function isConsequence(error: unknown): boolean {
  return isServerError(error) && error.code === '25P02'
}

/** Serialization failure or deadlock: the same writes succeed when repeated one by one. */
export function isRetryable(error: unknown): boolean {
  return isServerError(error) && (error.code === '40001' || error.code === '40P01')
}

/** The connection is gone, or the server is stopping (class 57P, 08): whether a commit happened is not known. */
export function isConnectionLoss(error: unknown): boolean {
  if (isServerError(error)) return error.code.startsWith('57P') || error.code.startsWith('08')
  // Not the connection's fault: a value that no statement takes, and a number that the type parser refuses.
  return error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError) && !(error instanceof ConstraintError)
}

/** The server's error as a {@link ConstraintError} if it is one, else as it is. */
export function convertPostgresError(error: unknown): unknown {
  if (!isServerError(error)) return error
  const kind = kinds[error.code]
  if (kind === undefined) return error
  const name = kind === 'notNull' ? `${error.table}.${error.column}` : (error.constraint ?? '')
  return new ConstraintError(kind, name, { cause: error })
}
