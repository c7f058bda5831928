import pino from 'pino'
import { adminCommands } from '../admin/commands.ts'
import { callAdminSocket } from '../admin/socket.ts'
import type { Settings } from '../config.ts'
import { openServices } from '../open-services.ts'

/** Gives one local command; see {@link runAdminCommand}. */
export type RunAdminCommand = (name: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>

/** Gives a local command to the process that runs on the data folder; without one, opens the database for it. */
export async function runAdminCommand(settings: Settings, name: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
  const answered = await callAdminSocket(settings.data, name, input)
  if (answered !== undefined) return answered.result
  const command = adminCommands[name]
  if (command === undefined) throw new Error(`no local command is called ${name}`)
  const { services, close } = await openServices(settings, pino({ level: 'silent' }), (error) => {
    throw error
  })
  try {
    return await command(services, input)
  } finally {
    await close()
  }
}
