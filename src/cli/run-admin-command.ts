import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { adminCommands } from '../admin/commands.ts'
import { callAdminSocket } from '../admin/socket.ts'
import type { Settings } from '../config.ts'
import { openServices } from '../open-services.ts'
import { DatabaseUnusableError } from '../storage/errors.ts'
import { DATABASE_FILE } from '../storage/sqlite/backup-file.ts'

/** Gives one local command; see {@link runAdminCommand}. */
export type RunAdminCommand = (name: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>

/** Gives a local command to the process that runs on the data folder; without one, opens the database for it. */
export async function runAdminCommand(settings: Settings, name: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
  const answered = await callAdminSocket(settings.data, name, input)
  if (answered !== undefined) return answered.result
  const command = Object.hasOwn(adminCommands, name) ? adminCommands[name] : undefined
  if (command === undefined) throw new Error(`no local command is called ${name}`)
  // On a mistyped folder SQLite would make an empty database: nothing there, nothing to administer.
  if (settings.databaseUrl === undefined && !existsSync(join(settings.data, DATABASE_FILE))) {
    throw new DatabaseUnusableError(`there is no installation in ${settings.data}: is CHANCERY_DATA right?`)
  }
  const onFatal = (error: Error): never => {
    throw error
  }
  const { services, close } = await openServices(settings, pino({ level: 'silent' }), onFatal, { mayCreate: false })
  try {
    return await command(services, input)
  } finally {
    await close()
  }
}
