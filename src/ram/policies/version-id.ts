import { Problem } from '../../problem.ts'

/**
 * The number of a version as it is on the wire, e.g. `v3`.
 *
 * @throws Problem invalidRamName (`InvalidParameter.VersionId.Format`)
 */
export function parseVersionId(text: string): number {
  const [, digits] = /^v([1-9][0-9]{0,8})$/.exec(text) ?? []
  if (digits === undefined) throw new Problem('invalidRamName', { P: 'VersionId', fault: 'Format', rule: 'It is v and a number.' })
  return Number(digits)
}
