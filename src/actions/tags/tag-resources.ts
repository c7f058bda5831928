import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { changeTags } from '../../orders/change-tags.ts'
import { Problem } from '../../problem.ts'
import { CAS_VERSION } from '../versions.ts'
import { readTags, resourceIds, resourceType, tagLists } from './tag-fields.ts'

const ramAction = 'yundun-cert:TagResources'

/** Put tags on orders and uploaded certificates. */
export const tagResourcesAction = action({
  name: 'TagResources',
  version: CAS_VERSION,
  access: 'update',
  ramAction,
  // A policy sees the orders that the names stand for: the handler finds them first.
  decidedBy: 'action',
  summary: 'Put tags on orders and uploaded certificates: on all that are named, or on none.',
  strict: false,
  input: z.object({ ResourceType: resourceType, ResourceId: resourceIds, ...tagLists }),
  output: z.object({}),
  problems: ['notFoundContent', 'limitExceeded', 'callerInactive'],
  async run(input, context, services) {
    const put = readTags(input)
    if (input.ResourceId.length === 0) throw new Problem('missingParameter', { P: 'ResourceId' })
    if (put.length === 0) throw new Problem('missingParameter', { P: 'Tag' })
    const conditions = Object.fromEntries(put.map(({ key, value }) => [`acs:RequestTag/${key}`, value]))
    await changeTags(services, context, { names: input.ResourceId, put, remove: [], action: ramAction, conditions })
    return {}
  },
})
