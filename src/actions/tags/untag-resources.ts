import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { changeTags } from '../../orders/change-tags.ts'
import { MOST_TAGS } from '../../orders/tags.ts'
import { Problem } from '../../problem.ts'
import { CAS_VERSION } from '../versions.ts'
import { resourceIds, resourceType } from './tag-fields.ts'

const ramAction = 'yundun-cert:UntagResources'

/** Take tags from orders and uploaded certificates. */
export const untagResourcesAction = action({
  name: 'UntagResources',
  version: CAS_VERSION,
  access: 'update',
  ramAction,
  decidedBy: 'action',
  summary: 'Take tags from orders and uploaded certificates: the named keys, or all.',
  strict: false,
  input: z.object({
    ResourceType: resourceType,
    ResourceId: resourceIds,
    TagKey: z.array(z.string().min(1).max(128)).max(MOST_TAGS).default([]),
    All: z
      .string()
      .regex(/^(true|false|)$/i, 'true or false is needed.')
      .default('false'),
  }),
  output: z.object({}),
  problems: ['notFoundContent', 'limitExceeded', 'callerInactive'],
  async run({ ResourceId, TagKey, All }, context, services) {
    if (ResourceId.length === 0) throw new Problem('missingParameter', { P: 'ResourceId' })
    // All counts only where no key is named.
    if (TagKey.length === 0 && All.toLowerCase() !== 'true') throw new Problem('missingParameter', { P: 'TagKey' })
    const remove = TagKey.length > 0 ? [...new Set(TagKey)] : 'all'
    await changeTags(services, context, { names: ResourceId, put: [], remove, action: ramAction })
    return {}
  },
})
