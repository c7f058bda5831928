import { plainWrites, pointsBetweenWrites, writesWithPoints } from './kill-points.ts'

const LONGEST_RANDOM_MS = 300

/** How a life ends. */
export type Fate =
  | { readonly kind: 'moment' | 'start'; readonly ms: number }
  | { readonly kind: 'point'; readonly point: string; readonly count: number }

/** Two of five kills at a random moment, one of twenty while the service starts, the rest at named points in turn; shuffled. */
export function chooseFates(points: readonly string[], kills: number): Fate[] {
  // Short runs come to all points in the end.
  let turn = Math.floor(Math.random() * points.length)
  const fates = Array.from({ length: kills }, (_, index): Fate => {
    if (index % 20 === 7) return { kind: 'start', ms: 100 + Math.random() * 500 }
    if (index % 5 < 2) return { kind: 'moment', ms: Math.random() * LONGEST_RANDOM_MS }
    const point = points[turn++ % points.length] ?? ''
    const frequent = /^(placeOrder|recordAttempt|claimOrders)/.test(point)
    return { kind: 'point', point, count: frequent ? 1 + Math.floor(Math.random() * 3) : 1 }
  })
  return fates
    .map((fate) => ({ fate, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ fate }) => fate)
}

/** All kill points of an engine. */
export function pointsOf(engine: 'sqlite' | 'postgres'): string[] {
  const moments = engine === 'sqlite' ? ['before', 'after'] : ['before', 'sent', 'after']
  const writes = engine === 'sqlite' ? writesWithPoints : [...writesWithPoints, 'claimOrders']
  return [
    ...writes.flatMap((name) => moments.map((moment) => `${name}:${moment}`)),
    ...plainWrites.map((name) => `${name}:after`),
    ...pointsBetweenWrites,
  ]
}
