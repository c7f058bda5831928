import type { Command } from 'commander'
import type { Settings } from '../config.ts'
import { takeBackup, unpackBackup } from '../installation/backup.ts'
import type { AuthorityView } from '../installation/show-authority.ts'
import { callAdminSocket } from '../admin/socket.ts'
import { CallRefusedError } from './refusals.ts'
import { examine } from './doctor.ts'
import { formatTime, type Output } from './output.ts'
import type { RunAdminCommand } from './run-admin-command.ts'

/** Local administration: `ca …`, `backup`, `restore`, `doctor`. */
export function addLocalCommands(program: Command, settings: () => Settings, local: RunAdminCommand, output: () => Output): void {
  addAuthorityCommands(program, local, output)
  program
    .command('backup <folder>')
    .description('take a backup into a new folder while the service may be running (SQLite)')
    .option('--with-keys', 'put master key and root key beside the database')
    .action(async (folder: string, { withKeys }: { withKeys?: true }) => {
      const manifest = await takeBackup(settings(), folder, { withKeys: withKeys === true, now: Date.now() })
      const keys = manifest.withKeys ? 'with its keys: guard it like them' : 'without the master key: it is of no use without it'
      output().result(manifest, [`${folder}: ${formatTime(manifest.takenAt)}, ${keys}`])
    })
  program
    .command('restore [folder]')
    .description('put a backup into an empty data folder; without a folder: finish a pg_restore')
    .action(async (folder: string | undefined) => {
      const current = settings()
      if ((await callAdminSocket(current.data, 'database-check', {})) !== undefined) {
        throw new CallRefusedError('a service runs on this data folder: stop it (all of them on PostgreSQL) before a restoration')
      }
      if (folder === undefined && current.databaseUrl === undefined) throw new CallRefusedError('name the folder of the backup')
      const takenAt = folder === undefined ? null : unpackBackup(current, folder).takenAt
      // Opening the data folder finishes the restoration; a database that pg_restore filled is told.
      await (folder === undefined ? local('raise-numbers', {}) : local('database-check', {}))
      output().result({ takenAt }, [
        'restored: ids and CRL numbers are raised, nothing that was given out after the backup is given out again',
      ])
    })
  program
    .command('doctor')
    .description('look at clock, resolvers, ports, data folder and database, and say what to mend (exit status 1 if anything must be)')
    .action(async () => {
      const findings = await examine(settings(), local)
      const marks = { good: '✓', note: '!', bad: '✗' }
      output().result(
        findings,
        findings.map(({ grade, subject, message }) => `${marks[grade]} ${subject.padEnd(10)} ${message}`),
      )
      if (findings.some(({ grade }) => grade === 'bad')) process.exitCode = 1
    })
}

function addAuthorityCommands(program: Command, local: RunAdminCommand, output: () => Output): void {
  const ca = program.command('ca').description('the embedded certificate authority (local administration)')
  ca.command('show')
    .description('root and issuing CA with their CRLs')
    .option('--pem', 'print the root certificate alone, as PEM')
    .action(async ({ pem }: { pem?: true }) => {
      const view = (await local('ca-show', {})) as AuthorityView
      const root = view.issuers.find(({ kind }) => kind === 'root')
      if (pem) return void process.stdout.write(root?.pem ?? '')
      const lines = view.issuers.flatMap(({ id, kind, subject, notAfter, sha256, crls }) => [
        `${kind} ${id}`,
        `  ${subject}`,
        `  valid until ${formatTime(notAfter)}, SHA-256 ${sha256}`,
        ...crls.map(
          ({ shard, number, nextUpdate, url }) =>
            `  CRL ${shard}: number ${number}, next before ${nextUpdate === null ? '-' : formatTime(nextUpdate)}${url === undefined ? '' : `, ${url}`}`,
        ),
      ])
      return output().result(view, lines)
    })
  ca.command('root-crl')
    .description("sign the root's next CRL; the only command that opens the root's key")
    .action(async () => {
      const signed = (await local('ca-root-crl', {})) as { issuerId: string; number: number; nextUpdate: number }
      output().result(signed, [`root ${signed.issuerId}: CRL number ${signed.number}, next before ${formatTime(signed.nextUpdate)}`])
    })
  ca.command('revoke <certificateId>')
    .description('revoke a certificate')
    .option('--reason <reason>', 'RFC 5280 reason, e.g. keyCompromise', 'unspecified')
    .action(async (certificateId: string, { reason }: { reason: string }) => {
      const revoked = await local('certificate-revoke', { certificateId: Number(certificateId), reason })
      output().result(revoked, [`certificate ${certificateId} is revoked; the CRL follows within a minute`])
    })
}
