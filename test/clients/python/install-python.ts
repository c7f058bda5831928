import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openClientCache } from '../client-cache.ts'
import { runInstaller } from '../run-installer.ts'

/**
 * Installs Python packages into a virtual environment of the cache if they are not there yet.
 *
 * @param name of the environment in the cache
 * @param requirements path of the file that pins them
 * @returns the environment's folder
 * @throws ClientMissing
 */
export async function installPython(name: string, requirements: string, options: readonly string[] = []): Promise<string> {
  const version = await runInstaller('python3', ['-c', 'import sys; print(sys.executable, sys.version)'])
  return await openClientCache(name, `${version}\n${readFileSync(requirements, 'utf8')}`, async (folder) => {
    await runInstaller('python3', ['-m', 'venv', folder])
    await runInstaller(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', ...options, '--requirement', requirements])
  })
}
