/** The one error of every parser in this folder: the input is not the DER (or PEM) that was asked for. */
export class DerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DerError'
  }
}
