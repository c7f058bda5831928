import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actions, emulatorActions } from '../src/actions/index.ts'
import { runExamples } from '../test/support/run-examples.ts'
import { createTestData } from '../test/support/service.ts'
import { showAnswer } from '../test/support/shown-answer.ts'

// npm run docs:record: calls the examples of the reference and keeps what is answered; npm run docs then writes it into the pages.
const data = await createTestData('sqlite')
try {
  const answers = [...(await runExamples(data, [...actions, ...emulatorActions]))].map(([place, { body }]) => [place, showAnswer(body)])
  writeFileSync(join(import.meta.dirname, 'api-answers.json'), `${JSON.stringify(Object.fromEntries(answers), null, 2)}\n`)
} finally {
  data.remove()
}
