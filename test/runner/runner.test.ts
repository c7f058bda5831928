import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { startRunner, type Runner } from '../../src/runner/runner.ts'
import type { Task, Work } from '../../src/runner/work.ts'

/** Work whose tasks a test puts in and ends. */
function createWork() {
  const due: Task[] = []
  const log: string[] = []
  const limits: number[] = []
  let faults = 0
  const work: Work = {
    name: 'test',
    async take(limit) {
      limits.push(limit)
      if (faults > 0) {
        faults--
        throw new Error('the database does not answer')
      }
      return due.splice(0, limit)
    },
    next: () => Promise.resolve(undefined),
    async release() {
      log.push('released')
    },
  }
  return { work, due, log, limits, failLook: () => void faults++ }
}

function held(id: string): Task & { readonly started: Promise<AbortSignal>; end(): void; fail(): void } {
  const started = Promise.withResolvers<AbortSignal>()
  const ended = Promise.withResolvers<void>()
  return {
    id,
    started: started.promise,
    run(signal) {
      started.resolve(signal)
      return ended.promise
    },
    end: () => ended.resolve(),
    fail: () => ended.reject(new Error('a planted fault')),
  }
}

function start(t: TestContext, works: readonly Work[]): { runner: Runner; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) })
  const runner = startRunner({ works, clock: Date.now, log })
  t.after(() => runner.stop())
  return { runner, lines }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('the runner', () => {
  it('looks at once when it starts, and whenever it is woken', async (t) => {
    const { work, due, limits } = createWork()
    const { runner } = start(t, [work])
    await turn()
    assert.equal(limits.length, 1)
    const task = held('a')
    due.push(task)
    runner.wake()
    await task.started
    assert.equal(limits.length, 2)
    task.end()
  })

  it('looks again after a look that it was woken in', async (t) => {
    const taken: number[] = []
    const gate = Promise.withResolvers<void>()
    const work: Work = {
      name: 'slow',
      async take() {
        taken.push(1)
        if (taken.length === 1) await gate.promise
        return []
      },
      next: () => Promise.resolve(undefined),
      release: () => Promise.resolve(),
    }
    const { runner } = start(t, [work])
    for (let times = 0; times < 5; times++) runner.wake()
    assert.equal(taken.length, 1)
    gate.resolve()
    await turn()
    assert.equal(taken.length, 2)
  })

  it('comes back when the work says that something will be due', async (t) => {
    const { work, due, limits } = createWork()
    const dueAt = Date.now() + 60
    start(t, [{ ...work, next: () => Promise.resolve(limits.length < 2 ? dueAt : undefined) }])
    const task = held('a')
    due.push(task)
    // The first look took it already, if it came late: put one more.
    const second = held('b')
    await turn()
    due.push(second)
    await second.started
    assert.ok(Date.now() >= dueAt - 1)
    task.end()
    second.end()
  })

  it('runs at most 64 tasks, and takes the next ones as soon as one ends', async (t) => {
    const { work, due, limits } = createWork()
    const tasks = Array.from({ length: 66 }, (_, index) => held(String(index)))
    due.push(...tasks)
    start(t, [work])
    await Promise.all(tasks.slice(0, 64).map(({ started }) => started))
    assert.equal(due.length, 2)
    tasks[0]?.end()
    await tasks[64]?.started
    assert.equal(due.length, 1)
    assert.deepEqual(limits, [64, 1])
    for (const task of tasks) task.end()
  })

  it('shares the room between several kinds of work', async (t) => {
    const first = createWork()
    const second = createWork()
    const tasks = Array.from({ length: 60 }, (_, index) => held(String(index)))
    first.due.push(...tasks)
    start(t, [first.work, second.work])
    await tasks[59]?.started
    await turn()
    assert.deepEqual([first.limits, second.limits], [[64], [4]])
    for (const task of tasks) task.end()
  })

  it('logs a task that fails, with its kind and id, and goes on', async (t) => {
    const { work, due } = createWork()
    const bad = held('bad')
    due.push(bad)
    const { runner, lines } = start(t, [work])
    await bad.started
    bad.fail()
    await turn()
    assert.deepEqual(
      lines.map(({ work, id, msg }) => ({ work, id, msg })),
      [{ work: 'test', id: 'bad', msg: 'a task failed' }],
    )
    const good = held('good')
    due.push(good)
    runner.wake()
    await good.started
    good.end()
  })

  it('logs a look that fails, and looks again', async (t) => {
    const { work, due, failLook } = createWork()
    failLook()
    const { runner, lines } = start(t, [work])
    await turn()
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['the runner could not look for due work'],
    )
    const task = held('a')
    due.push(task)
    runner.wake()
    await task.started
    task.end()
  })

  it('that stops aborts what runs, waits for it, gives leases back and takes nothing more', async (t) => {
    const { work, due, log, limits } = createWork()
    const task = held('a')
    due.push(task)
    const { runner } = start(t, [work])
    const signal = await task.started
    assert.equal(signal.aborted, false)
    const stopped = runner.stop().then(() => log.push('stopped'))
    assert.equal(signal.aborted, true)
    await turn()
    assert.equal(log.length, 0)
    log.push('ended')
    task.end()
    await stopped
    assert.deepEqual(log, ['ended', 'released', 'stopped'])
    due.push(held('b'))
    runner.wake()
    await turn()
    assert.equal(limits.length, 1)
  })

  it('that stops during a look waits for the tasks of that look too', async (t) => {
    const gate = Promise.withResolvers<void>()
    const task = held('late')
    const log: string[] = []
    const { runner } = start(t, [
      {
        name: 'slow',
        take: async () => {
          await gate.promise
          return [task]
        },
        next: () => Promise.resolve(undefined),
        release: async () => void log.push('released'),
      },
    ])
    const stopped = runner.stop()
    gate.resolve()
    assert.equal((await task.started).aborted, true)
    await turn()
    assert.deepEqual(log, [])
    task.end()
    await stopped
    assert.deepEqual(log, ['released'])
  })
})
