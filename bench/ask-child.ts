import type { ChildProcess } from 'node:child_process'

/** Sends a message to a child process and gives its answer. */
export async function ask(child: ChildProcess, message: object): Promise<unknown> {
  const answer = answerOf<unknown>(child)
  child.send(message)
  return await answer
}

/** The next message of a child process. Rejects if it ends before. */
export function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null): void => reject(new Error(`the load process ended with status ${code}`))
    child.once('exit', failed)
    child.once('message', (message) => {
      child.off('exit', failed)
      resolve(message as T)
    })
  })
}
