import { Problem } from '../problem.ts'

const MOST = 10
const LONGEST = 1_024

/**
 * The addresses of chat robots, as JSON: a list of https addresses. They are kept as they are; the service calls none of them.
 *
 * @throws Problem invalidParameter
 */
export function parseWebhooks(json: string): readonly string[] {
  const list = readJson(json)
  if (!Array.isArray(list) || !list.every((one: unknown) => typeof one === 'string')) throw invalid('It is a JSON list of texts.')
  if (list.length > MOST) throw invalid(`At most ${MOST} addresses may be given.`)
  for (const address of list) {
    if (address.length > LONGEST) throw invalid(`An address has at most ${LONGEST} characters.`)
    if (!isHttps(address)) throw invalid('Every address is a https URL without a name or password.')
  }
  return list
}

function isHttps(address: string): boolean {
  // What the parser of URLs drops or escapes by itself would not be the address that was given.
  if (!/^https:\/\/[\x21-\x7e]+$/.test(address)) return false
  const url = URL.parse(address)
  return url !== null && url.protocol === 'https:' && url.hostname !== '' && url.username === '' && url.password === ''
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('It is a JSON list of texts.')
  }
}

function invalid(rule: string): Problem {
  return new Problem('invalidParameter', { P: 'Webhooks', rule })
}
