import { listAcmeOrders } from '../orders/acme/show-order.ts'
import { Problem } from '../problem.ts'
import { originOf } from '../storage/events.ts'
import { parseContacts } from './contacts.ts'
import { type AcmeRequest, callerOf, type DoorServices, type Handler, jsonReply } from './handler.ts'
import { renderAccount } from './show-account.ts'
import { parseStrictObject } from './strict-json.ts'
import type { AcmeAccountChange } from './update-account.tx.ts'
import { accountUrl, readId } from './urls.ts'

/**
 * An account shows itself, changes its contacts, or is closed by its holder (RFC 8555 sections 7.3.2 and 7.3.6). Members that cannot be changed
 * are passed over.
 */
export const account: Handler = async (request, services) => {
  const { acmeAccountId } = assertOwn(request)
  if (request.payload.length > 0) await change(request, services, acmeAccountId)
  const shown = await services.accounts.find(acmeAccountId)
  if (shown === undefined) throw new Error(`the ACME account ${acmeAccountId} is gone`)
  return jsonReply(200, renderAccount(request.base, shown), { Location: accountUrl(request.base, acmeAccountId) })
}

async function change(request: AcmeRequest, services: DoorServices, acmeAccountId: number): Promise<void> {
  const { contact, status } = parseStrictObject(request.payload, 'The payload')
  const { db, accounts } = services
  if (status === 'deactivated') await db.write.deactivateAcmeAccount(await prepareChange(request, services, acmeAccountId))
  else if (contact !== undefined) {
    const contacts = parseContacts(contact)
    await db.write.updateAcmeAccount({
      ...(await prepareChange(request, services, acmeAccountId)),
      contacts: JSON.stringify(contacts),
      count: contacts.length,
    })
  }
  accounts.forget(acmeAccountId)
}

/** What the writes about an account have in common. */
export async function prepareChange(request: AcmeRequest, { db, clock }: DoorServices, acmeAccountId: number): Promise<AcmeAccountChange> {
  const { context } = callerOf(request)
  return { acmeAccountId, caller: context.caller, origin: originOf(context), eventId: await db.nextId('events'), now: clock() }
}

const ORDERS_A_PAGE = 100

/** The orders of an account that came to something or still may, newest first (RFC 8555 section 7.1.2.1). */
export const orders: Handler = async (request, services) => {
  const caller = assertOwn(request)
  const cursor = /^cursor=([0-9]+)$/.exec(request.query)?.[1]
  const before = readId(cursor)
  if (request.query !== '' && before === undefined) throw new Problem('acmeNotFound')
  const { orderIds, next } = await listAcmeOrders(services, caller, { before, limit: ORDERS_A_PAGE })
  const here = `${accountUrl(request.base, caller.acmeAccountId)}/orders`
  return jsonReply(
    200,
    { orders: orderIds.map((id) => `${request.base}/acme/order/${id}`) },
    next === undefined ? {} : { Link: `<${here}?cursor=${next}>;rel="next"` },
  )
}

function assertOwn(request: AcmeRequest) {
  const caller = callerOf(request)
  if (readId(request.params[0]) !== caller.acmeAccountId)
    throw new Problem('acmeUnauthorized', { rule: 'It is the account of somebody else.' })
  return caller
}
