import type { ActionTarget } from '../../gateway/action.ts'
import { defaultProductCode } from '../../plans/products.ts'

/** The plans of the product that `ProductCode` names. */
export const packageTarget: ActionTarget = {
  resources: ({ ProductCode }) => [`package/${typeof ProductCode === 'string' && ProductCode !== '' ? ProductCode : defaultProductCode}`],
  conditions: ({ ProductCode }) =>
    typeof ProductCode === 'string' && ProductCode !== '' ? { 'yundun-cert:ProductCode': ProductCode } : {},
}
