import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../config.ts'
import type { Services } from '../services.ts'
import { listIssuers } from '../storage/accounts.ts'
import { openRootKey } from './open-root-key.ts'
import { rootKeyFile } from './root-key-file.ts'

type RootKeyServices = Pick<Services, 'db' | 'sealer' | 'randomBytes'> & { readonly settings: Settings }

const DRAFT = /^root-[0-9a-f]+\.key\.[0-9a-f]+\.new$/

/**
 * Seals the keys of roots that lie in the data folder anew.
 *
 * @returns the ids of roots whose keys are elsewhere: they stay under the old master key until they are used (see {@link openRootKey})
 * @throws MasterKeyError if one was sealed by a key that is not at hand: it is left as it is
 */
export async function resealRootKeys(services: RootKeyServices): Promise<string[]> {
  const { settings, db } = services
  // What an interrupted run left, perhaps half written.
  for (const name of readdirSync(settings.data).filter((one) => DRAFT.test(one))) rmSync(join(settings.data, name), { force: true })
  const roots = (await listIssuers(db.read)).filter(({ kind }) => kind === 'root')
  const isHere = ({ id }: { id: string }): boolean => existsSync(rootKeyFile(settings, id))
  for (const { id } of roots.filter(isHere)) openRootKey(services, id).fill(0)
  return roots.filter((root) => !isHere(root)).map(({ id }) => id)
}
