/** What a figure is called, and what its labels are called. */
export interface TallyOptions {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

/** A figure that writes itself in the text format of Prometheus. */
export interface Tally {
  render(): string
}

/** Counts by the values of two labels. */
export interface PairCounter extends Tally {
  add(first: string, second: string): void
}

/** Counts what falls into the buckets, by the value of at most one label; `label` is empty where there is none. */
export interface Distribution extends Tally {
  observe(label: string, value: number): void
}

/**
 * A counter of two labels. That of `prom-client` makes, checks and joins an object of labels at each step; a certificate takes some thirty steps.
 */
export function createPairCounter({ name, help, labels: [first = '', second = ''] }: TallyOptions): PairCounter {
  const counts = new Map<string, Map<string, number>>()
  return {
    add(one, other) {
      let row = counts.get(one)
      if (row === undefined) counts.set(one, (row = new Map()))
      row.set(other, (row.get(other) ?? 0) + 1)
    },
    render() {
      const lines = [...counts].flatMap(([one, row]) =>
        Array.from(row, ([other, count]) => `${name}{${labelText(first, one)},${labelText(second, other)}} ${count}`),
      )
      return [...head(name, help, 'counter'), ...lines].join('\n')
    },
  }
}

/** How often a value was at most a bound; cumulated where it is written. */
interface Buckets {
  /** One more than there are bounds. */
  readonly counts: number[]
  sum: number
}

/** A histogram, for the same reason. @param bounds the upper bounds of the buckets, rising; a last one without bound is added */
export function createDistribution({ name, help, labels: [label] }: TallyOptions, bounds: readonly number[]): Distribution {
  const children = new Map<string, Buckets>()
  const childOf = (value: string): Buckets => {
    let child = children.get(value)
    if (child === undefined) children.set(value, (child = { counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }))
    return child
  }
  // Without labels there is one child, from the start.
  if (label === undefined) childOf('')

  function* linesOf([value, { counts, sum }]: [string, Buckets]): Generator<string> {
    const own = label === undefined ? '' : labelText(label, value)
    let count = 0
    for (const [at, more] of counts.entries()) {
      count += more
      yield `${name}_bucket{le="${bounds[at] ?? '+Inf'}"${own === '' ? '' : `,${own}`}} ${count}`
    }
    const labels = own === '' ? '' : `{${own}}`
    yield `${name}_sum${labels} ${sum}`
    yield `${name}_count${labels} ${count}`
  }

  return {
    observe(value, observed) {
      const child = childOf(value)
      let at = 0
      while (at < bounds.length && observed > (bounds[at] ?? Infinity)) at += 1
      child.counts[at] = (child.counts[at] ?? 0) + 1
      child.sum += observed
    },
    render: () => [...head(name, help, 'histogram'), ...[...children].flatMap((child) => [...linesOf(child)])].join('\n'),
  }
}

function head(name: string, help: string, type: 'counter' | 'histogram'): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]
}

function labelText(name: string, value: string): string {
  return `${name}="${value.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
