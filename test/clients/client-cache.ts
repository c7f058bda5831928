import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Gives the folder that holds an installed client, and fills it if it is not there yet. The key tells everything that the content
 * depends on. A folder appears whole or not at all, also when two test runs install at once.
 */
export async function openClientCache(name: string, key: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const root = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'chancery-test-clients')
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 16)
  const folder = join(root, `${name}-${digest}`)
  if (existsSync(folder)) return folder
  const partial = `${folder}.${process.pid}`
  mkdirSync(root, { recursive: true })
  try {
    await fill(partial)
    if (!existsSync(folder)) renameSync(partial, folder)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return folder
}
