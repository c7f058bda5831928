import type { Place } from '../storage/list-ranges.ts'

/** What a list was when its first page was read: later pages continue there, whatever came in meanwhile. */
export interface Anchor {
  /** The newest row of the account then; later ones are not in the list. */
  readonly newestId: number
  /** The instant of the first page, ms: what has expired is judged by it on every page. */
  readonly at: number
  readonly total: number
  /** The last place of pages that were read, by number. */
  readonly ends: Map<number, Place>
  usedAt: number
}

/** The lists that callers are turning the pages of. In memory: pages then cost no write, and what is lost is only where they began. */
export interface PageAnchors {
  /** The anchor that a page of a list belongs to: the one that was read up to the page before, else the latest. */
  find(owner: AnchorOwner, page: number): Anchor | undefined
  add(owner: AnchorOwner, anchor: Omit<Anchor, 'ends' | 'usedAt'>): Anchor
  /** Notes where a page ended. */
  note(anchor: Anchor, page: number, last: Place): void
}

/** Whose list it is, and which: caller, operation, filter and page size as one text. */
export interface AnchorOwner {
  readonly accountId: number
  readonly list: string
}

/** An anchor is kept so long after its last use, ms. */
const LIFETIME_MS = 10 * 60_000
/** The same list may be read by several at once. */
const PER_LIST = 4
/** An account drops its own lists, never those of another. */
const LISTS_PER_ACCOUNT = 64
const ACCOUNTS = 1_000
const ENDS_PER_ANCHOR = 32

export function createPageAnchors(clock: () => number): PageAnchors {
  // The least recently used first, in both maps.
  const accounts = new Map<number, Map<string, Anchor[]>>()

  function live({ accountId, list }: AnchorOwner): Anchor[] {
    const now = clock()
    return (accounts.get(accountId)?.get(list) ?? []).filter(({ usedAt }) => now - usedAt <= LIFETIME_MS)
  }

  return {
    find(owner, page) {
      const anchors = live(owner)
      const found = anchors.findLast(({ ends }) => ends.has(page - 1)) ?? anchors.at(-1)
      if (found !== undefined) {
        found.usedAt = clock()
        touch(accounts, owner, anchors)
      }
      return found
    },
    add(owner, { newestId, at, total }) {
      const anchor: Anchor = { newestId, at, total, ends: new Map(), usedAt: clock() }
      const anchors = [...live(owner), anchor]
      touch(accounts, owner, anchors.length > PER_LIST ? without(anchors, leastRead(anchors)) : anchors)
      return anchor
    },
    note({ ends }, page, last) {
      ends.delete(page)
      ends.set(page, last)
      dropFirst(ends, ENDS_PER_ANCHOR)
    },
  }
}

/** The oldest of those of which nobody went beyond the first page; else the oldest. */
function leastRead(anchors: readonly Anchor[]): Anchor | undefined {
  return anchors.slice(0, -1).find(({ ends }) => ends.size <= 1) ?? anchors[0]
}

function without(anchors: readonly Anchor[], one: Anchor | undefined): Anchor[] {
  return anchors.filter((anchor) => anchor !== one)
}

function touch(accounts: Map<number, Map<string, Anchor[]>>, { accountId, list }: AnchorOwner, anchors: Anchor[]): void {
  const lists = accounts.get(accountId) ?? new Map<string, Anchor[]>()
  lists.delete(list)
  lists.set(list, anchors)
  dropFirst(lists, LISTS_PER_ACCOUNT)
  accounts.delete(accountId)
  accounts.set(accountId, lists)
  dropFirst(accounts, ACCOUNTS)
}

function dropFirst<K>(map: Map<K, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
