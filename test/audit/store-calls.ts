import type { TestServices } from '../orders/open-test-services.ts'

/** Stores so many events, by a call each. */
export async function storeCalls(
  { services: { db, clock }, caller }: TestServices,
  count: number,
  sourceIp: string | null = '192.0.2.1',
): Promise<void> {
  const events = []
  for (let index = 0; index < count; index++) {
    events.push({
      id: await db.nextId('events'),
      accountId: caller.accountId,
      at: clock(),
      principal: caller.principal,
      accessKeyId: null,
      action: 'ListOrders',
      sourceIp,
      requestId: `REQUEST-${index}`,
      resource: '*',
      decision: 'Allow' as const,
      code: 'OK',
    })
  }
  await db.write.storeCallEvents({ events })
}
