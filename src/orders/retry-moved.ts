import { Problem } from '../problem.ts'

const TRIES = 5

/**
 * Reads and writes again when another step of the same order was first: a caller's move meets the runner's.
 *
 * @param move reads the order as it is now, and moves it
 */
export async function retryMoved<Result>(move: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await move()
    } catch (error) {
      if (!(error instanceof Problem) || error.problem !== 'moved' || tries === TRIES) throw error
    }
  }
}
