const MOST_KEYS = 10_000

/**
 * Counts calls by access key: each may make `perSecond` calls a second, and as many at once after a quiet second.
 *
 * @returns a function that counts one call and says whether it is over the limit
 */
export function createThrottle(perSecond: number, clock: () => number): (accessKeyId: string) => boolean {
  const buckets = new Map<string, { left: number; at: number }>()
  return (accessKeyId) => {
    const now = clock()
    let bucket = buckets.get(accessKeyId)
    if (bucket === undefined) {
      if (buckets.size >= MOST_KEYS) for (const oldest of buckets.keys()) if (buckets.delete(oldest)) break
      bucket = { left: perSecond, at: now }
      buckets.set(accessKeyId, bucket)
    }
    // A clock that is set back gives nothing and takes nothing.
    const elapsed = Math.max(0, now - bucket.at)
    bucket.left = Math.min(perSecond, bucket.left + (elapsed * perSecond) / 1000)
    bucket.at = now
    if (bucket.left < 1) return true
    bucket.left -= 1
    return false
  }
}
