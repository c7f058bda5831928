import { Problem } from '../problem.ts'
import type { Call } from './authenticator.ts'
import type { Format } from './reply.ts'

/**
 * Reads the form of the answer: the parameter `Format` in any case; without it what `accept` asks for; else JSON.
 *
 * @throws Problem invalidFormat
 */
export function readFormat(call: Pick<Call, 'headers' | 'parameters'>): Format {
  const format = call.parameters.get('Format')?.toUpperCase()
  if (format === 'JSON' || format === 'XML') return format
  if (format) throw new Problem('invalidFormat')
  // Only a client that wants XML and nothing else gets it: browsers list it too.
  return /^\s*(application|text)\/xml\s*(;[^,]*)?$/i.test(call.headers.get('accept') ?? '') ? 'XML' : 'JSON'
}
