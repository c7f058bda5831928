// Numbers instead of texts of one character: faster, and past the end there is NaN, which equals nothing.
const STAR = 0x2a
const QUESTION_MARK = 0x3f

/** Says whether a text is one of those that a pattern stands for. */
export type WildcardMatcher = (text: string) => boolean

/** Makes a matcher of a pattern: `*` stands for any number of characters, `?` for exactly one, all else for itself. */
export function compileWildcard(pattern: string): WildcardMatcher {
  const compact = pattern.replaceAll(/\*+/g, '*')
  if (compact === '*') return () => true
  if (!hasWildcard(compact)) return (text) => text === compact
  const head = compact.slice(0, -1)
  if (compact.endsWith('*') && !hasWildcard(head)) return (text) => text.startsWith(head)
  return (text) => matchWildcard(compact, text)
}

/**
 * Matches without recursion and without a regular expression: after a mismatch only the last `*` takes one character more, so that the work
 * never exceeds the pattern's length times the text's.
 *
 * @param pattern `*` and `?` as in {@link compileWildcard}; characters are UTF-16 code units
 */
export function matchWildcard(pattern: string, text: string): boolean {
  let next = 0
  let position = 0
  let lastStar = -1
  let takenUpTo = 0
  while (position < text.length) {
    // The star comes first: a text may hold a `*` of its own, and the pattern's still stands for more than that one.
    const wanted = pattern.charCodeAt(next)
    if (wanted === STAR) {
      lastStar = next
      takenUpTo = position
      next += 1
    } else if (wanted === QUESTION_MARK || wanted === text.charCodeAt(position)) {
      next += 1
      position += 1
    } else if (lastStar >= 0) {
      takenUpTo += 1
      position = takenUpTo
      next = lastStar + 1
    } else {
      return false
    }
  }
  while (pattern.charCodeAt(next) === STAR) next += 1
  return next === pattern.length
}

function hasWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?')
}
