import type { AcmeAccount } from './accounts.ts'
import { accountUrl } from './urls.ts'

/** The account object (RFC 8555 section 7.1.2). */
export function renderAccount(base: string, { id, status, contacts, binding }: Omit<AcmeAccount, 'key' | 'caller'>): object {
  return {
    status,
    contact: contacts,
    orders: `${accountUrl(base, id)}/orders`,
    ...(binding !== undefined && { externalAccountBinding: binding }),
  }
}
