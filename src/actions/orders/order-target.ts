import type { ActionTarget } from '../../gateway/action.ts'

/** The order that `OrderId` names. */
export const orderTarget: ActionTarget = {
  resources: ({ OrderId }) => (typeof OrderId === 'string' ? [`order/${OrderId}`] : []),
}
