import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { Problem } from '../../problem.ts'
import { changeTags } from '../../ram/tags/change-tags.ts'
import { readJsonList } from './json-list.ts'
import { taggedFields, taggedResources } from './tagged.ts'
import { RAM_VERSION } from '../versions.ts'

/** Take tags from users, roles or policies. */
export const untagResourcesAction = action({
  name: 'UntagResources',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:UntagResources',
  target: { resources: taggedResources },
  summary: 'Take tags from users, roles or policies.',
  strict: false,
  input: z.object({
    ...taggedFields,
    TagKeys: z.preprocess(readJsonList, z.array(z.string().min(1)).max(20).default([])),
    All: z.enum(['true', 'false', '']).default('false'),
  }),
  output: z.object({}),
  problems: ['entityNotExist', 'limitExceeded', 'callerInactive'],
  async run({ ResourceType, ResourceNames, TagKeys, All }, context, services) {
    if (TagKeys.length === 0 && All !== 'true') throw new Problem('missingParameter', { P: 'TagKeys' })
    await changeTags(services, context, {
      type: ResourceType,
      names: ResourceNames,
      put: [],
      remove: TagKeys.length > 0 ? TagKeys : 'all',
    })
    return {}
  },
})
