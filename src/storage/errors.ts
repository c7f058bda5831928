/** The kinds of constraint errors that the engines tell apart. */
export type ConstraintKind = 'unique' | 'foreignKey' | 'check' | 'notNull' | 'datatype'

/**
 * A statement broke a constraint. The adapters make it from the engine's error; nobody else looks at engine errors.
 * `name` is the constraint's or index's name as in the migrations (`<table>_pkey` for a primary key,
 * `<table>.<column>` for NOT NULL; SQLite does not tell the names of foreign keys: '').
 */
export class ConstraintError extends Error {
  readonly kind: ConstraintKind
  readonly constraint: string

  constructor(kind: ConstraintKind, constraint: string, options?: ErrorOptions) {
    super(`constraint ${constraint || '(unnamed)'} (${kind})`, options)
    this.name = 'ConstraintError'
    this.kind = kind
    this.constraint = constraint
  }
}

/** The database cannot be opened as it is: a newer schema, another process, no connection. The message says what to do. */
export class DatabaseUnusableError extends Error {
  override name = 'DatabaseUnusableError'
}

/** The engine can no longer be trusted to hold what it acknowledged: the process has to end. */
export class DatabaseFatalError extends Error {
  override name = 'DatabaseFatalError'
}
