import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readServerCpu } from './process-cpu.ts'
import type { Task, Taken } from './worker.ts'

/** Where the measured process keeps its data. */
export interface Engine {
  readonly name: 'SQLite' | 'PostgreSQL'
  readonly disk: string
  /** Environment of the measured process. */
  readonly env: Readonly<Record<string, string>>
  /** A fresh database and the process id of its server; SQLite has neither. */
  readonly createDatabase?: () => Promise<string>
  readonly postmaster?: number
}

/** What a task took, with the database server's share. */
export interface Measured extends Taken {
  /** CPU of the PostgreSQL server, µs; 0 on SQLite. */
  readonly serverUs: number
}

export interface MeasuredProcess {
  run(task: Task): Promise<Measured>
  close(): Promise<void>
}

/** Starts a process with an empty installation on an engine. */
export async function startMeasuredProcess(engine: Engine, plans: number, rsaPool = 0): Promise<MeasuredProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'))
  const args = [folder, (await engine.createDatabase?.()) ?? '', String(plans), String(rsaPool)]
  const child = fork(join(import.meta.dirname, 'worker.ts'), args, { env: { ...process.env, ...engine.env } })
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`the measured process ended with status ${code}`)))
  })
  ended.catch(() => {})
  const answer = (): Promise<unknown> => Promise.race([ended, new Promise((resolve) => child.once('message', resolve))])
  const serverCpu = (): number => (engine.postmaster === undefined ? 0 : readServerCpu(engine.postmaster))

  await answer()
  return {
    async run(task) {
      const before = serverCpu()
      child.send(task)
      const taken = (await answer()) as Taken
      return { ...taken, serverUs: serverCpu() - before }
    },
    async close() {
      child.send('close')
      await ended.catch(() => {})
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
