// A process that opens a data folder, stores one counter, says so, and stays: `node hold-folder.ts FOLDER`.
import { openDatabase } from '../../src/storage/open-database.ts'
import { putCounter, transactions } from './test-writes.ts'

try {
  const db = await openDatabase({
    folder: process.argv[2] ?? '',
    transactions,
    transactionsUrl: new URL('./test-writes.ts', import.meta.url).href,
    queueLimit: 100,
    onFatal: (error) => {
      throw error
    },
    clock: Date.now,
  })
  await db.write.runStatements({ statements: [putCounter('acknowledged')] })
  console.log('holds it')
} catch (error) {
  console.log(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
}
