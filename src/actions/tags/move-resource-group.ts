import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { moveResourceGroup } from '../../orders/move-resource-group.ts'
import { Problem } from '../../problem.ts'
import { resourceGroup } from '../certificates/fields.ts'
import { CAS_VERSION } from '../versions.ts'

const ramAction = 'yundun-cert:MoveResourceGroup'

/** Put an order or a certificate into a resource group. Lists filter by it; permission does not look at it. */
export const moveResourceGroupAction = action({
  name: 'MoveResourceGroup',
  version: CAS_VERSION,
  access: 'update',
  ramAction,
  decidedBy: 'action',
  summary: 'Put an order with its certificate, or a certificate alone, into a resource group.',
  strict: false,
  input: z.object({
    ResourceId: z.string().min(1).max(128),
    ResourceGroupId: resourceGroup,
    /** Has a default at the original, and is mandatory there all the same. */
    ResourceType: z.enum(['instance', 'Certificate'], { error: '"instance" or "Certificate" is needed.' }),
  }),
  output: z.object({}),
  problems: ['notFoundContent', 'callerInactive'],
  async run({ ResourceId, ResourceGroupId, ResourceType }, context, services) {
    if (ResourceGroupId === undefined) throw new Problem('missingParameter', { P: 'ResourceGroupId' })
    await moveResourceGroup(services, context, { action: ramAction, type: ResourceType, name: ResourceId, group: ResourceGroupId })
    return {}
  },
})
