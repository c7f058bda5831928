import { hash } from 'node:crypto'
import type { EventRow } from '../storage/audit.ts'
import { hashTextLeaf } from './merkle.ts'

/** The salted hash of where a call came from: the address itself may be deleted, and the log stays what it is. */
export function hashSource(sourceIp: string, salt: Uint8Array): string {
  return hash('sha256', Buffer.concat([salt, Buffer.from(sourceIp)]))
}

type LoggedEvent = Omit<EventRow, 'sealed_at' | 'log_index' | 'source_ip' | 'source_salt' | 'source_hash'>

/** The octets of an event in the log. */
export function encodeEntry(event: LoggedEvent & Pick<EventRow, 'source_hash'>): Uint8Array {
  return Buffer.from(entryText(event, event.source_hash))
}

/** The hash of an event's leaf, with the source hash that it gets. */
export function hashEntry(event: LoggedEvent, sourceHash: string | null): Uint8Array {
  return hashTextLeaf(entryText(event, sourceHash))
}

/** A JSON list in this order, version first. Personal data is in it as a salted hash alone. */
function entryText(event: LoggedEvent, sourceHash: string | null): string {
  return JSON.stringify([
    1,
    event.id,
    event.account_id,
    event.at,
    event.kind,
    event.action,
    event.principal,
    sourceHash,
    event.request_id,
    event.resource,
    event.decision,
    event.code,
    event.detail,
  ])
}
