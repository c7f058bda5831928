import { Problem } from '../problem.ts'

/**
 * The name of a CSR: up to 50 letters, digits, `_`, `-` and `.`; two may have the same. Without one it is called after its id.
 *
 * @throws Problem invalidParameter
 */
export function parseCsrName(name: string | undefined, csrId: number): string {
  if (name === undefined) return `csr-${csrId}`
  if (!/^[A-Za-z0-9_.-]{1,50}$/.test(name)) {
    throw new Problem('invalidParameter', { P: 'Name', rule: 'A name has up to 50 letters, digits, "_", "-" and ".".' })
  }
  return name
}
