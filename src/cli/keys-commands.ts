import type { Command } from 'commander'
import type { MasterKeyRotation } from '../installation/rotate-master-key.ts'
import type { MasterKeyView } from '../installation/show-master-keys.ts'
import type { Output } from './output.ts'
import type { RunAdminCommand } from './run-admin-command.ts'

/** `keys show | rotate-master | withdraw-master`: local administration. */
export function addMasterKeyCommands(program: Command, local: RunAdminCommand, output: () => Output): void {
  const keys = program.command('keys').description('the master key (local administration)')
  keys
    .command('show')
    .description('which master key seals, and how many values each one has sealed')
    .action(async () => {
      const view = (await local('keys-show', {})) as MasterKeyView
      output().result(view, [
        `master key ${view.current}${view.next === undefined ? '' : `, being replaced by ${view.next}: keys rotate-master goes on with it`}`,
        ...Object.entries(view.sealed).map(([id, count]) => `  ${id}  ${count} values`),
      ])
    })
  keys
    .command('rotate-master')
    .description('replace the master key while everything runs; after an interruption run it again')
    .action(async () => {
      const done = (await local('keys-rotate-master', {})) as MasterKeyRotation
      output().result(done, [
        `master key ${done.from} is replaced by ${done.to}: ${done.resealed} values are sealed anew`,
        done.oldKeyFile === undefined
          ? 'keep the old key as long as backups from before'
          : `the old key is ${done.oldKeyFile}: keep it as long as backups from before, then delete it`,
        ...(done.toMove === undefined ? [] : [`the new key takes over from ${done.toMove.from}: move it to ${done.toMove.to}`]),
        ...done.rootsElsewhere.map(
          (id) => `root-${id}.key is not in the data folder and needs the old key, until ca root-crl has used it once`,
        ),
      ])
    })
  keys
    .command('withdraw-master')
    .description('take back a next master key that does not seal yet, such as one whose file was lost')
    .action(async () => {
      await local('keys-withdraw-master', {})
      output().result({}, ['the next master key is withdrawn: take its file away before the next rotation'])
    })
}
