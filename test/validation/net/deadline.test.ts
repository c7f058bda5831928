import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startDeadline } from '../../../src/validation/net/deadline.ts'

const never = new AbortController().signal

describe('a deadline', () => {
  it('aborts its signal when the time is over, and says so', async () => {
    using deadline = startDeadline(5, never)
    let heard = 0
    deadline.signal.addEventListener('abort', () => (heard += 1))
    deadline.signal.throwIfAborted()
    await wait(30)
    assert.deepEqual([deadline.signal.aborted, deadline.isOver(), heard], [true, true, 1])
    assert.throws(() => deadline.signal.throwIfAborted(), /^Error: not done within 5 ms$/)
  })

  it('aborts with the signal around it, for its reason, and through any number of deadlines', () => {
    const outer = new AbortController()
    using deadline = startDeadline(60_000, outer.signal)
    using inner = startDeadline(60_000, deadline.signal)
    const reason = new Error('enough')
    outer.abort(reason)
    for (const { signal, isOver } of [deadline, inner]) assert.deepEqual([signal.aborted, signal.reason, isOver()], [true, reason, false])
    using late = startDeadline(60_000, inner.signal)
    assert.equal(late.signal.reason, reason)
  })

  it('ends when its work does: no timer runs on, and nothing is heard of the signal around it', () => {
    const outer = new AbortController()
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const deadline = startDeadline(60_000, outer.signal)
    assert.equal(timers(), before + 1)
    deadline[Symbol.dispose]()
    assert.equal(timers(), before)
    outer.abort()
    assert.equal(deadline.signal.aborted, false)
  })

  it('calls no listener that was taken away, also not by one before it', () => {
    const outer = new AbortController()
    using deadline = startDeadline(60_000, outer.signal)
    const heard: string[] = []
    const second = () => heard.push('second')
    deadline.signal.addEventListener('abort', () => {
      heard.push('first')
      deadline.signal.removeEventListener('abort', second)
    })
    deadline.signal.addEventListener('abort', second)
    outer.abort()
    assert.deepEqual(heard, ['first'])
  })
})
