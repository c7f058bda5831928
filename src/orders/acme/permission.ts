import type { Services } from '../../services.ts'
import type { AuthorizationMethod } from '../../storage/schema.ts'
import type { AcmeCaller } from './acme-caller.ts'

/** An order of the ACME door is held against the same permission as one with a CSR of several names at the RPC door. */
const ACTION = 'yundun-cert:CreateCertificateForPackageRequest'

/** What permission sees of an order. */
export interface AskedOrder {
  readonly productCode: string
  readonly names: readonly string[]
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

/** How a method reads in `yundun-cert:ValidateType`: what the DNS shows, or what the host itself shows. */
export function validateTypeOf(method: AuthorizationMethod): 'DNS' | 'FILE' {
  return method === 'DNS' || method === 'dns-01' ? 'DNS' : 'FILE'
}

/**
 * Whether the principal may order. Before a challenge is chosen one allowed way of proof is enough; at issuance each that was used must be.
 *
 * @param methods those that were used; undefined: none is chosen yet
 * @throws Problem noPermission
 */
export async function assertMayOrder(
  { access }: Pick<Services, 'access'>,
  { context }: AcmeCaller,
  order: AskedOrder,
  methods: readonly AuthorizationMethod[] | undefined,
): Promise<void> {
  if (context.caller.identity.kind === 'account') return
  const request = (validateType: string) => ({
    action: ACTION,
    resources: [`package/${order.productCode}`],
    conditions: () => ({
      'yundun-cert:ProductCode': order.productCode,
      'yundun-cert:ValidateType': validateType,
      'yundun-cert:Domain': order.names,
      ...Object.fromEntries(order.tags.map(({ key, value }) => [`acs:RequestTag/${key}`, value])),
    }),
  })
  if (methods === undefined) {
    const isWildcard = order.names.some((name) => name.startsWith('*.'))
    if (!isWildcard && (await access.isAllowed(context, request('FILE')))) return
    return await access.assertAllowed(context, request('DNS'))
  }
  for (const type of new Set(methods.map(validateTypeOf))) await access.assertAllowed(context, request(type))
}
