import { Problem } from '../problem.ts'

/** What a text of RAM may look like. */
interface TextRule {
  readonly most: number
  readonly shape?: RegExp
  /** Of `shape`, in words. */
  readonly wants?: string
}

const rules = {
  UserName: { most: 64, shape: /^[A-Za-z0-9._@-]+$/, wants: 'letters, digits, ".", "_", "@" and "-"' },
  GroupName: { most: 64, shape: /^[A-Za-z0-9._-]+$/, wants: 'letters, digits, ".", "_" and "-"' },
  RoleName: { most: 64, shape: /^[A-Za-z0-9._-]+$/, wants: 'letters, digits, ".", "_" and "-"' },
  PolicyName: { most: 128, shape: /^[A-Za-z0-9-]+$/, wants: 'letters, digits and "-"' },
  DisplayName: { most: 128 },
  Comments: { most: 128 },
  Description: { most: 1024 },
  Email: { most: 128, shape: /^[^\s@]+@[^\s@]+$/, wants: 'the form name@example.com' },
  MobilePhone: { most: 32, shape: /^[0-9+() -]+$/, wants: 'digits, "+", "-", blanks and parentheses' },
} as const satisfies Record<string, TextRule>

export type RamText = keyof typeof rules

/**
 * A name or text of RAM, held against its rule. Empty texts are allowed where nothing identifies by them.
 *
 * @param P the parameter's name on the wire, if it differs (`NewUserName`)
 * @throws Problem invalidRamName: `InvalidParameter.<P>.Length` or `.InvalidChars`
 */
export function parseRamText(text: string, kind: RamText, P: string = kind): string {
  const { most, shape, wants }: TextRule = rules[kind]
  if (text === '' && !kind.endsWith('Name')) return text
  const { length } = Array.from(text)
  if (length < 1 || length > most) throw new Problem('invalidRamName', { P, fault: 'Length', rule: `It has 1 to ${most} characters.` })
  if (/[\p{Cc}\p{Cs}]/u.test(text)) throw new Problem('invalidRamName', { P, fault: 'InvalidChars', rule: 'It has no control characters.' })
  if (shape?.test(text) === false) throw new Problem('invalidRamName', { P, fault: 'InvalidChars', rule: `It has ${wants}.` })
  return text
}
