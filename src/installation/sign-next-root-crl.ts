import { signRootCrl } from '../ca/embedded/sign-root-crl.ts'
import type { Settings } from '../config.ts'
import type { Services } from '../services.ts'
import { listIssuers } from '../storage/accounts.ts'
import { findCrl } from '../storage/certificates.ts'
import { parseCrl } from '../x509/crl.ts'
import { openRootKey } from './open-root-key.ts'

/**
 * Signs the root's next CRL with the key that only this command reads, and stores it.
 *
 * @throws Error if the key's file is not in the data folder of this machine, MasterKeyError if a master key that is not at hand sealed it
 */
export async function signNextRootCrl(
  services: Pick<Services, 'db' | 'clock' | 'sealer' | 'randomBytes'> & { readonly settings: Settings },
): Promise<{ issuerId: string; number: number; nextUpdate: number }> {
  const { db, clock } = services
  const root = (await listIssuers(db.read)).find(({ kind }) => kind === 'root')
  const latest = root && (await findCrl(db.read, root.id, 0))
  if (root === undefined || latest === undefined) throw new Error('the database holds no root')
  const rootKeyPkcs8 = openRootKey(services, root.id)
  try {
    const thisUpdate = clock()
    const number = latest.number + 1
    const der = await signRootCrl({ rootDer: root.certificate, rootKeyPkcs8, number, thisUpdate, revoked: [] })
    const { nextUpdate } = parseCrl(der)
    const stored = await db.write.storeCrl({
      issuerId: root.id,
      shard: 0,
      previousNumber: latest.number,
      thisUpdate,
      nextUpdate,
      der,
      dueAt: latest.run_at,
      runAt: null,
    })
    if (!stored) throw new Error('another command signed the root CRL at the same time')
    return { issuerId: root.id, number, nextUpdate }
  } finally {
    rootKeyPkcs8.fill(0)
  }
}
