import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'

/**
 * Names are found whatever their case, and resources in policies are exact in case: a Deny for `user/Alice` must not be passed by asking
 * for `alice`. Whoever named something in another case must also be allowed to it by its own name.
 *
 * @throws Problem noPermission
 */
export async function assertStoredName(
  { access }: Pick<Services, 'access'>,
  context: RequestContext,
  named: { readonly type: 'user' | 'group' | 'role' | 'policy' | 'oidc-provider'; readonly given: string; readonly stored: string },
): Promise<void> {
  if (named.given === named.stored) return
  await access.assertAllowed(context, { action: `ram:${context.action}`, resources: [`${named.type}/${named.stored}`] })
}
