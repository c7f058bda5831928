import { pointTo, refuse, type Pointer } from './refuse.ts'

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g

/**
 * Reads JSON in which no object has a name twice: of two Effects, a reader may see one and a program the other.
 *
 * @throws Problem malformedPolicyDocument
 */
export function readJson(text: string): unknown {
  const value = parse(text)
  const twice = findRepeatedName(text)
  if (twice !== undefined) refuse(twice, 'stands twice in its object.')
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) refuse('', 'is not JSON.')
    throw error
  }
}

/** Walks the tokens of a text that is known to be JSON. */
function findRepeatedName(text: string): Pointer | undefined {
  const open: { readonly names: Set<string> | undefined; at: string | number }[] = []
  let previous = ''
  for (const [token] of text.matchAll(TOKEN)) {
    const inner = open.at(-1)
    if (token === '{') open.push({ names: new Set(), at: '' })
    else if (token === '[') open.push({ names: undefined, at: 0 })
    else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && inner?.names === undefined && typeof inner?.at === 'number') inner.at += 1
    else if (token === ':' && inner?.names !== undefined) {
      const name = String(JSON.parse(previous))
      inner.at = name
      if (inner.names.has(name)) return open.reduce((pointer, { at }) => pointTo(pointer, at), '')
      inner.names.add(name)
    }
    previous = token
  }
  return undefined
}
