import { Problem } from '../problem.ts'

const MOST_CHARACTERS = 63

/**
 * Holds the name of an uploaded certificate against the rules: 1 to 63 characters of any kind, but no control characters, and not the name
 * that an issued certificate has or will have. It is stored unchanged.
 *
 * @throws Problem invalidParameter
 */
export function assertCertificateName(name: string): void {
  const refuse = (rule: string) => new Problem('invalidParameter', { P: 'Name', rule })
  const { length } = Array.from(name)
  if (length < 1 || length > MOST_CHARACTERS) throw refuse(`A name has 1 to ${MOST_CHARACTERS} characters.`)
  if (/\p{Cc}/u.test(name)) throw refuse('A name holds no control characters.')
  if (name.trim() === '') throw refuse('A name is more than blanks.')
  if (/^cert-[0-9]{8,16}$/i.test(name)) throw refuse('Names of the form cert-<id> are those of issued certificates.')
}

/** Names that differ in letter case alone are the same name. */
export function nameKeyOf(name: string): string {
  return name.toLowerCase()
}
