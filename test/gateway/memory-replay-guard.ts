import type { ReplayGuard } from '../../src/ram/replay-guard.ts'

/** A guard that forgets nothing but what came before its start. */
export function createMemoryReplayGuard(startedAtMs = 0): ReplayGuard & { readonly used: ReadonlySet<string> } {
  const used = new Set<string>()
  return {
    used,
    use: async ({ scope, nonce, timestampMs }) => {
      if (timestampMs < startedAtMs) return 'beforeStart'
      const key = JSON.stringify([scope, nonce])
      if (used.has(key)) return 'used'
      used.add(key)
      return 'fresh'
    },
  }
}
