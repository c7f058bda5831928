import { hash } from 'node:crypto'
import type { EventRow } from '../storage/audit.ts'
import { hashLeaf } from './merkle.ts'

/** The salted hash of where a call came from: the address itself may be deleted, and the log stays what it is. */
export function hashSource(sourceIp: string, salt: Uint8Array): string {
  return hash('sha256', Buffer.concat([salt, Buffer.from(sourceIp)]))
}

type LoggedEvent = Omit<EventRow, 'sealed_at' | 'log_index' | 'source_ip' | 'source_salt'>

/** The octets of an event in the log: a JSON list in this order, version first. Personal data is in it as a salted hash alone. */
export function encodeEntry(event: LoggedEvent): Uint8Array {
  return Buffer.from(
    JSON.stringify([
      1,
      event.id,
      event.account_id,
      event.at,
      event.kind,
      event.action,
      event.principal,
      event.source_hash,
      event.request_id,
      event.resource,
      event.decision,
      event.code,
      event.detail,
    ]),
  )
}

export function hashEntry(event: LoggedEvent): Uint8Array {
  return hashLeaf(encodeEntry(event))
}
