/** The service, or the way to it, refused a call. The message is for the user. */
export class CallRefusedError extends Error {
  override readonly name: string = 'CallRefusedError'
}

/** The service does not answer at all. */
export class UnreachableError extends CallRefusedError {
  override readonly name = 'UnreachableError'
}
