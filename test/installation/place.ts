import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import pino from 'pino'
import { loadSettings, type Settings } from '../../src/config.ts'
import { type OpenedServices, openServices } from '../../src/open-services.ts'
import { reportNotRun } from '../support/not-run.ts'
import { createTestDatabase } from '../support/postgres.ts'

/** A data folder (not made yet) and a database, on which services can be opened again and again. */
export interface Place {
  readonly folder: string
  readonly clock: { now: number }
  settings(env?: Readonly<Record<string, string>>): Settings
  /** Opens the services as a start of the process does. Close them, or let the end of the test do it. */
  open(env?: Readonly<Record<string, string>>): Promise<OpenedServices>
}

export const start = Date.UTC(2026, 10, 24, 12, 0, 0)
export const dayMs = 86_400_000

/** One test for each engine, on a place of its own. */
export function atBothEngines(title: string, body: (place: Place) => Promise<void>): void {
  for (const engine of ['sqlite', 'postgres'] as const) {
    void it(`${title} (${engine})`, async (context) => {
      const databaseUrl = engine === 'postgres' ? await createTestDatabase() : undefined
      if (engine === 'postgres' && databaseUrl === undefined) {
        reportNotRun(title, 'PostgreSQL cannot run here')
        context.skip()
        return
      }
      const parent = mkdtempSync(join(tmpdir(), 'chancery-test-'))
      const folder = join(parent, 'data')
      const clock = { now: start }
      const open = new Set<OpenedServices>()
      const settings: Place['settings'] = (env = {}) =>
        loadSettings({ CHANCERY_DATA: folder, DATABASE_URL: databaseUrl, CHANCERY_RSA_POOL: '0', ...env })
      try {
        await body({
          folder,
          clock,
          settings,
          async open(env) {
            const opened = await openServices(settings(env), pino({ level: 'silent' }), (error) => assert.fail(error), {
              clock: () => clock.now,
            })
            const once = { ...opened, close: async () => void (open.delete(once) && (await opened.close())) }
            open.add(once)
            return once
          },
        })
      } finally {
        for (const services of open) await services.close()
        rmSync(parent, { recursive: true, force: true })
      }
    })
  }
}
