import { insertSignedCertificate, openCrl, type SignedCertificate } from '../storage/issuance.ts'
import { defineWrite } from '../storage/write.ts'

/** Stores intent, key and certificate of the service's own listener. */
export const storeServiceCertificate = defineWrite({
  async run(tx, input: SignedCertificate): Promise<void> {
    tx.notify('due')
    await Promise.all([...insertSignedCertificate(tx, input, null), openCrl(tx, input)])
  },
})
