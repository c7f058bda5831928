import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { type LogPart, PART_EVENTS } from '../audit/export-log.ts'
import type { LogVerification } from '../audit/verify-log.ts'
import { CallRefusedError } from './refusals.ts'
import type { Output } from './output.ts'
import type { RunAdminCommand } from './run-admin-command.ts'

/** `audit verify | checkpoint | export`: local administration. */
export function addAuditCommands(program: Command, local: RunAdminCommand, output: () => Output): void {
  const audit = program.command('audit').description('the audit log (local administration)')
  audit
    .command('verify')
    .description('recompute the log and compare; exit status 1 if anything was changed, removed or cut off')
    .option('--checkpoint <file>', 'an earlier checkpoint, kept outside: nothing of what it signed may have changed')
    .option('--key <vkey>', 'the key of the checkpoints, kept outside (default: the stored one)')
    .action(async ({ checkpoint, key }: { checkpoint?: string; key?: string }) => {
      const found = (await local('audit-verify', {
        ...(checkpoint !== undefined && { checkpoint: readKept(checkpoint) }),
        ...(key !== undefined && { vkey: key }),
      })) as LogVerification
      output().result(found, [
        `${found.size} events in the log, ${found.deleted} bodies deleted by retention, ${found.unsealed} not sealed yet: ` +
          (found.faults.length === 0 ? 'everything agrees' : 'DIFFERENCES'),
        ...(found.earlier === undefined ? [] : [`held against a checkpoint of ${found.earlier} events`]),
        ...found.faults,
      ])
      if (found.faults.length > 0) process.exitCode = 1
    })
  audit
    .command('checkpoint')
    .description('print the latest signed checkpoint: keep it outside, for audit verify --checkpoint')
    .option('--key', 'print the public key of the checkpoints instead')
    .action(async ({ key }: { key?: true }) => {
      const log = (await local('audit-checkpoint', {})) as { checkpoint: string; vkey: string } | null
      if (log === null) return output().result(log, ['there is no log yet'])
      output().result(log, [key ? log.vkey : log.checkpoint.trimEnd()])
    })
  audit
    .command('export <folder>')
    .description('write the log as files of C2SP tlog-tiles: checkpoint, tiles, and the entries of all accounts; into an empty folder')
    .action(async (folder: string) => {
      const log = (await local('audit-checkpoint', {})) as { checkpoint: string; size: number } | null
      if (log === null) return output().result(log, ['there is no log yet'])
      const found = await exportLog(local, folder, log)
      output().result({ folder, size: log.size, ...found }, [
        `${log.size} events, ${found.files} files` +
          (found.withoutBodies === 0 ? '' : `; ${found.withoutBodies} files of entries are left out: retention deleted bodies of theirs`),
      ])
    })
}

function readKept(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CallRefusedError(`the checkpoint cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function exportLog(
  local: RunAdminCommand,
  folder: string,
  log: { readonly checkpoint: string; readonly size: number },
): Promise<{ files: number; withoutBodies: number }> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new CallRefusedError(`${folder} is not empty: the log is exported into a folder of its own`)
  // Entries tell what every account does.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let files = 0
  let withoutBodies = 0
  for (let part = 0; part * PART_EVENTS < log.size; part++) {
    const found = (await local('audit-export', { size: log.size, part })) as LogPart
    for (const { name, base64 } of found.files) {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, Buffer.from(base64, 'base64'), { mode: 0o600 })
    }
    files += found.files.length
    withoutBodies += found.withoutBodies
  }
  // Last: where it lies the rest is complete.
  writeFileSync(join(folder, 'checkpoint'), log.checkpoint, { mode: 0o600 })
  return { files: files + 1, withoutBodies }
}
