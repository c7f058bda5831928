import type { Services } from '../../src/services.ts'

/** A service with one fault, as a slip in a rule would make it: the model has to notice each. */
export const faults: Readonly<Record<string, (services: Services) => Services>> = {
  'a unit that comes back to a plan that has ended does not expire': (services) =>
    replacing(services, 'deleteOrder', (input) => ({
      ...input,
      refund: input.refund === null ? null : { ...input.refund, planEnded: false },
    })),
  'a revocation gives nothing back': (services) => replacing(services, 'revokeCertificate', (input) => ({ ...input, refund: null })),
  'refunds after issue are not counted': (services) =>
    replacing(services, 'revokeCertificate', (input) => ({
      ...input,
      refund: input.refund === null ? null : { ...input.refund, afterIssue: false },
    })),
  'a token is not stored': (services) => replacing(services, 'placeOrder', (input) => ({ ...input, token: null })),
  'a renewal does not say what it renews': (services) => replacing(services, 'placeOrder', (input) => ({ ...input, renewal: null })),
  'a new application of an order has no time for its proof': (services) =>
    replacing(services, 'submitOrder', (input) => ({ ...input, validationEndsAt: input.now })),
}

type Writes = Services['db']['write']

/** The services with a write that gets another input than it was called with. */
function replacing<Name extends keyof Writes>(
  services: Services,
  name: Name,
  change: (input: Parameters<Writes[Name]>[0]) => Parameters<Writes[Name]>[0],
): Services {
  const { db } = services
  const write = db.write[name] as (input: Parameters<Writes[Name]>[0]) => ReturnType<Writes[Name]>
  const faulty = (input: Parameters<Writes[Name]>[0]) => write(change(input))
  return { ...services, db: { ...db, write: { ...db.write, [name]: faulty } } }
}
