import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actions, emulatorActions } from '../src/actions/index.ts'
import { type RecordedAnswers, renderApiReference } from '../src/cli/api-reference.ts'
import { renderConfigurationReference } from '../src/cli/configuration-reference.ts'

// npm run docs: writes what is generated. Tests hold the files against the same texts.
mkdirSync(join(import.meta.dirname, 'api'), { recursive: true })
const answers = JSON.parse(readFileSync(join(import.meta.dirname, 'api-answers.json'), 'utf8')) as RecordedAnswers
for (const [file, text] of renderApiReference([...actions, ...emulatorActions], answers))
  writeFileSync(join(import.meta.dirname, 'api', file), text)
writeFileSync(join(import.meta.dirname, 'configuration.md'), renderConfigurationReference())
