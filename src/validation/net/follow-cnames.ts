import { isSameName } from './dns-message.ts'
import type { DnsRecord } from './dns-message.ts'
import { quoteValue } from './quote-value.ts'

/** The name asked for, then the targets of its CNAMEs in order. The last one is where the records must be. */
export type CnameChain = [asked: string, ...targets: string[]]

const longestChain = 8

/**
 * Follows the CNAMEs of one answer from the end of the chain and appends their targets. Returns in words what is wrong with them: a loop,
 * or more than 8 in the whole chain; undefined if nothing is.
 */
export function followCnames(records: readonly DnsRecord[], chain: CnameChain): string | undefined {
  for (;;) {
    const target = records.find((record) => record.type === 'CNAME' && isSameName(record.name, endOf(chain)))?.value
    if (target === undefined) return undefined
    if (chain.some((name) => isSameName(name, target))) return `the CNAMEs form a loop at ${quoteValue(target)}`
    if (chain.length > longestChain) return `the chain of CNAMEs is longer than ${longestChain}`
    chain.push(target)
  }
}

/** The last name of a chain. */
export function endOf(chain: CnameChain): string {
  return chain.at(-1) ?? chain[0]
}
