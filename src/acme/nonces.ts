import { Problem } from '../problem.ts'
import type { ReplayGuard } from '../ram/replay-guard.ts'
import type { Services } from '../services.ts'
import { isBase64url } from './base64url.ts'

/**
 * Nonces of the door (RFC 8555 section 6.5). A nonce carries its time and a MAC under a secret of the installation, so that handing one out
 * stores nothing, and any process accepts what another one made. What is stored is its use, in a guard of the
 * door's own: signed calls go on when it is full.
 */
export interface Nonces {
  make(): string
  /**
   * Recognizes a nonce that this process made of late, without computing its MAC again: most come back soon, and to where they were made.
   * Undefined for any other one, and the second time: {@link assertGenuine} tells.
   */
  takeOwn(nonce: unknown): GenuineNonce | undefined
  /**
   * Whether the installation made it, not too long ago; it may have been used.
   *
   * @throws Problem acmeBadNonce, acmeMalformed for what has not the form of a nonce
   */
  assertGenuine(nonce: unknown): Promise<GenuineNonce>
  /** Uses it up; of several uses at a time one wins. @throws Problem acmeBadNonce, throttling */
  use(nonce: GenuineNonce): Promise<void>
}

export interface GenuineNonce {
  readonly madeAt: number
  /** Base64url. */
  readonly random: string
}

/** Short, as used ones are kept for so long: a client that waited longer for DNS is told `badNonce`, has a new one with that, and tries again. */
const LIFETIME_MS = 600_000
/** Processes that share a guard may differ this much in their clocks. */
const CLOCK_SKEW_MS = 60_000
/** Nonces of a generation. */
const MOST_LATEST = 4_096
const TIME_OCTETS = 6
const RANDOM_OCTETS = 16
const PLAIN_OCTETS = TIME_OCTETS + RANDOM_OCTETS

export function createNonces(services: Pick<Services, 'secrets' | 'randomBytes' | 'wallClock'>, guard: ReplayGuard): Nonces {
  const { secrets, randomBytes, wallClock } = services
  // Two generations: what is in neither is recognized by its MAC.
  let latest = new Map<string, GenuineNonce>()
  let before = new Map<string, GenuineNonce>()

  function remember(nonce: string, own: GenuineNonce): void {
    if (latest.size >= MOST_LATEST) {
      before = latest
      latest = new Map()
    }
    latest.set(nonce, own)
  }

  function isFresh(madeAt: number): boolean {
    const age = wallClock() - madeAt
    return age <= LIFETIME_MS && age >= -CLOCK_SKEW_MS
  }

  return {
    // time | random | MAC
    make() {
      const plain = Buffer.allocUnsafe(PLAIN_OCTETS)
      const madeAt = wallClock()
      plain.writeUIntBE(madeAt, 0, TIME_OCTETS)
      plain.set(randomBytes(RANDOM_OCTETS), TIME_OCTETS)
      const nonce = Buffer.concat([plain, secrets.mac('acmeNonce', plain)]).toString('base64url')
      remember(nonce, { madeAt, random: plain.toString('base64url', TIME_OCTETS) })
      return nonce
    },

    takeOwn(nonce) {
      if (typeof nonce !== 'string') return undefined
      const own = latest.get(nonce) ?? before.get(nonce)
      if (own === undefined) return undefined
      if (!latest.delete(nonce)) before.delete(nonce)
      return isFresh(own.madeAt) ? own : undefined
    },

    async assertGenuine(nonce) {
      if (nonce === undefined) throw new Problem('acmeBadNonce')
      if (typeof nonce !== 'string' || nonce === '' || !isBase64url(nonce)) {
        throw new Problem('acmeMalformed', { rule: 'The nonce is not base64url without padding.' })
      }
      const octets = Buffer.from(nonce, 'base64url')
      if (octets.length <= PLAIN_OCTETS) throw new Problem('acmeBadNonce')
      const plain = octets.subarray(0, PLAIN_OCTETS)
      if (!(await secrets.verifyMac('acmeNonce', plain, octets.subarray(PLAIN_OCTETS)))) throw new Problem('acmeBadNonce')
      const madeAt = plain.readUIntBE(0, TIME_OCTETS)
      if (!isFresh(madeAt)) throw new Problem('acmeBadNonce')
      return { madeAt, random: plain.toString('base64url', TIME_OCTETS) }
    },

    async use({ madeAt, random }) {
      const expiresAtMs = madeAt + LIFETIME_MS + CLOCK_SKEW_MS
      const outcome = await guard.use({ scope: '', nonce: random, timestampMs: madeAt, expiresAtMs })
      if (outcome !== 'fresh') throw new Problem('acmeBadNonce')
    },
  }
}
