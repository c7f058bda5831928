import { transactions as real } from '../../../src/transactions.ts'
import type { Tx, WriteList } from '../../../src/storage/write.ts'
import { noteWrite } from '../kill-points.ts'

/** All writes; each tells that it takes part in the group that runs. */
export const transactions: WriteList = Object.fromEntries(
  Object.entries(real as WriteList).map(([name, write]) => [
    name,
    {
      ...write,
      run(tx: Tx, input: never) {
        noteWrite(name)
        return write.run(tx, input)
      },
    },
  ]),
)
