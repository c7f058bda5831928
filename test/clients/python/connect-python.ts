import { join } from 'node:path'
import { reportNotRun } from '../../support/not-run.ts'
import { type ConnectForeignClient, connectProgram } from '../foreign-client.ts'
import { ClientMissing } from '../run-installer.ts'
import { installPython } from './install-python.ts'

/**
 * Installs the Python clients into a virtual environment of the cache if they are not there yet.
 *
 * @param args the program of this folder and its arguments
 * @returns undefined where they cannot be installed; the summary of the run says so
 */
export async function connectPython(title: string, args: readonly [string, ...string[]]): Promise<ConnectForeignClient | undefined> {
  const [program, ...others] = args
  try {
    const environment = await installPython('python', join(import.meta.dirname, 'requirements.txt'))
    // -E and -s keep variables and packages of the user out.
    return connectProgram(join(environment, 'bin/python'), ['-E', '-s', '-B', join(import.meta.dirname, program), ...others])
  } catch (error) {
    if (!(error instanceof ClientMissing)) throw error
    reportNotRun(title, error.message)
    return undefined
  }
}
