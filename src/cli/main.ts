import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { loadSettings, type Settings } from '../config.ts'
import { UnreachableError } from './refusals.ts'
import { findCredentials } from './credentials.ts'
import { explainFailure } from './explain-failure.ts'
import { addAccountCommands } from './account-commands.ts'
import { addAuditCommands } from './audit-commands.ts'
import { addEabCommands } from './eab-commands.ts'
import { addKeyCommands } from './key-commands.ts'
import { addMasterKeyCommands } from './keys-commands.ts'
import { addLocalCommands } from './local-commands.ts'
import { addOrderCommands } from './order-commands.ts'
import { createOutput } from './output.ts'
import { addPlanCommands } from './plan-commands.ts'
import { addPolicyCommands } from './policy-commands.ts'
import { connectRemote } from './remote.ts'
import { addReviewCommands } from './review-commands.ts'
import { addRoleCommands } from './role-commands.ts'
import { runAdminCommand } from './run-admin-command.ts'
import { serve } from './serve.ts'
import { addUserCommands } from './user-commands.ts'

/** Exit statuses besides 0 and those of single commands. */
const REFUSED_STATUS = 1
const USAGE_STATUS = 2
const UNREACHABLE_STATUS = 3

const program = new Command('chancery')
  .description('A certificate management service: the ordering API of a certificate service, a CA, quota and audit on your own machines.')
  .option('--json', 'print results as JSON')
  .option('--profile <name>', "a profile of the aliyun CLI's configuration file to sign with")
  .showHelpAfterError()
  .addHelpText(
    'after',
    '\nExit status: 0 done, 1 refused or failed, 2 wrong usage, 3 the service does not answer, 4 still waiting (order create --wait).' +
      '\nSettings come from the environment and from CHANCERY_CONFIG: docs/configuration.md.',
  )
  .exitOverride()

program
  .command('serve')
  .description('run the service')
  .option('--emulator', 'for tests: proofs pass by themselves, the clock can be moved, certificates are marked (loopback only)')
  .action(({ emulator }: { emulator?: true }) => serve(emulator ? loadSettings({ ...process.env, CHANCERY_EMULATOR: '1' }) : settings()))

const remote = () => connectRemote(settings().endpoint, findCredentials(process.env, program.opts<{ profile?: string }>().profile))
const local = (name: string, input: Readonly<Record<string, unknown>>) => runAdminCommand(settings(), name, input)
const output = () => createOutput(program.opts<{ json?: true }>().json === true)

addOrderCommands(program, remote, output)
addReviewCommands(program, remote, output)
addPlanCommands(program, remote, local, output)
addAccountCommands(program, local, output)
addUserCommands(program, remote, output)
addKeyCommands(program, remote, local, output)
addEabCommands(program, remote, output)
addPolicyCommands(program, remote, local, output)
addRoleCommands(program, remote, output)
addMasterKeyCommands(program, local, output)
addAuditCommands(program, local, output)
addLocalCommands(program, settings, local, output)

try {
  await program.parseAsync()
} catch (error) {
  // Commander tells its own findings; those of a command's own look at its options are told here.
  if (error instanceof InvalidArgumentError) process.stderr.write(`error: ${error.message}\n`)
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE_STATUS
  else {
    process.stderr.write(`${explainFailure(error)}\n`)
    process.exitCode = error instanceof UnreachableError ? UNREACHABLE_STATUS : REFUSED_STATUS
  }
}

function settings(): Settings {
  return loadSettings(process.env)
}
