import type { ChildProcess } from 'node:child_process'

const children = new Set<ChildProcess>()

/** Ends a child with this process, however that ends: a load or a server that goes on would spoil the next figures. */
export function killAtExit(child: ChildProcess): void {
  if (children.size === 0) {
    process.once('exit', () => {
      for (const left of children) left.kill('SIGKILL')
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  }
  children.add(child)
}
