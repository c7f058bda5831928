import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Services } from '../services.ts'
import { findAuditLog } from '../storage/audit.ts'
import { emptyRoot } from './merkle.ts'
import { type NoteSigner, verifierKey, writeCheckpoint } from './note.ts'

/** Opens the key that signs the notes of the log; makes key and empty log if there is none yet. */
export async function openLogKey({
  db,
  sealer,
  clock,
  operatorAccountId,
}: Pick<Services, 'db' | 'sealer' | 'clock' | 'operatorAccountId'>): Promise<NoteSigner> {
  const binding = { purpose: 'secret', accountId: 0, id: 'audit-log' } as const
  if ((await findAuditLog(db.read)) === undefined) {
    const { privateKey } = generateKeyPairSync('ed25519')
    const signer = { name: `chancery/${operatorAccountId}`, privateKey }
    const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
    await db.write.createAuditLog({
      name: signer.name,
      checkpoint: writeCheckpoint({ origin: signer.name, size: 0, root: emptyRoot }, signer),
      keySealed: sealer.seal(pkcs8, binding),
      vkey: verifierKey(signer),
      now: clock(),
    })
    pkcs8.fill(0)
  }
  const log = await findAuditLog(db.read)
  if (log === undefined) throw new Error('the audit log is missing')
  const pkcs8 = sealer.open(log.key_sealed, binding)
  try {
    return { name: log.name, privateKey: importKey(pkcs8) }
  } finally {
    pkcs8.fill(0)
  }
}

function importKey(pkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
}
