// Loaded before the tests by test/run.ts. The runner waits without end for a process that something keeps alive, e.g. a server that a test
// did not close. This makes it a failure that says what is open.
import { after } from 'node:test'
import { isMainThread } from 'node:worker_threads'

const graceMs = 5_000

// Preloads reach worker threads too, which end with whoever started them.
if (isMainThread)
  after(() => {
    // Without a reference the timer fires only if something else keeps the process alive.
    setTimeout(() => {
      const open = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap')
      console.error(
        `The tests ended ${graceMs / 1000} s ago and what they started still runs (${open.join(', ')}): this counts as a failure.`,
      )
      // The runner prints its closing lines when it sees this event, which would otherwise never come.
      process.emit('beforeExit', 1)
      setTimeout(() => process.exit(1), 200)
    }, graceMs).unref()
  })
