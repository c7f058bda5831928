import { Problem } from '../../problem.ts'
import { parsePolicyDocument } from '../policy/parse-policy.ts'

/** How long a session may last at least, and lasts where nobody says, in seconds. */
export const sessionDuration = { least: 900, default: 3_600 } as const

const MOST_POLICY_CHARACTERS = 2_048

const shapes = {
  RoleSessionName: { shape: /^[A-Za-z0-9.@_-]{2,64}$/, rule: 'It has 2 to 64 letters, digits, ".", "@", "_" and "-".' },
  ExternalId: {
    shape: /^[A-Za-z0-9_+=,.@:/-]{2,1224}$/,
    rule: 'It has 2 to 1224 letters, digits, "_", "+", "=", ",", ".", "@", ":", "/" and "-".',
  },
  SourceIdentity: { shape: /^[A-Za-z0-9_+=,.@-]{2,64}$/, rule: 'It has 2 to 64 letters, digits, "_", "+", "=", ",", ".", "@" and "-".' },
} as const

/**
 * A text of a session, held against its rule.
 *
 * @throws Problem invalidRamValue (`InvalidParameter.RoleSessionName` and the like)
 */
export function parseSessionText(text: string, P: keyof typeof shapes): string {
  const { shape, rule } = shapes[P]
  if (!shape.test(text)) throw new Problem('invalidRamValue', { P, rule })
  return text
}

/**
 * The duration of a session in seconds, before the role is known.
 *
 * @throws Problem invalidRamValue (`InvalidParameter.DurationSeconds`)
 */
export function parseDuration(seconds: number | undefined): number {
  const { least, default: usual } = sessionDuration
  if (seconds !== undefined && seconds < least) throw durationProblem(`At least ${least} seconds are allowed.`)
  return seconds ?? usual
}

/** @throws Problem invalidRamValue (`InvalidParameter.DurationSeconds`) */
export function assertDurationOfRole(seconds: number, most: number): void {
  if (seconds > most) throw durationProblem(`The role allows at most ${most} seconds.`)
}

function durationProblem(rule: string): Problem {
  return new Problem('invalidRamValue', { P: 'DurationSeconds', rule })
}

/** @throws Problem sessionPolicySize */
export function assertPolicySize(policy: string | undefined): void {
  if (policy === undefined || policy.length <= MOST_POLICY_CHARACTERS) return
  throw new Problem('sessionPolicySize', { limit: String(MOST_POLICY_CHARACTERS) })
}

/**
 * Holds the policy of a session against the grammar.
 *
 * @param setOperators whether the role's account uses the operators that the original refuses
 * @throws Problem sessionPolicyGrammar
 */
export function assertPolicyGrammar(policy: string | undefined, setOperators: boolean): void {
  if (policy === undefined) return
  try {
    parsePolicyDocument(policy, { setOperators, mostCharacters: MOST_POLICY_CHARACTERS })
  } catch (error) {
    if (!(error instanceof Problem) || error.problem !== 'malformedPolicyDocument') throw error
    throw new Problem('sessionPolicyGrammar', { rule: error.params['rule'] ?? '' })
  }
}
