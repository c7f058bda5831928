import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { Problem } from '../../problem.ts'
import { changeTags } from '../../ram/tags/change-tags.ts'
import { parseRamTags } from '../../ram/tags/ram-tags.ts'
import { taggedFields, taggedResources } from './tagged.ts'
import { RAM_VERSION } from '../versions.ts'
import { jsonTags } from './json-list.ts'

/** Put tags on users, roles or policies. */
export const tagResourcesAction = action({
  name: 'TagResources',
  version: RAM_VERSION,
  access: 'update',
  ramAction: 'ram:TagResources',
  target: { resources: taggedResources },
  summary: 'Put tags on users, roles or policies.',
  strict: false,
  input: z.object({ ...taggedFields, Tag: jsonTags }),
  output: z.object({}),
  problems: ['entityNotExist', 'limitExceeded', 'callerInactive'],
  async run({ ResourceType, ResourceNames, Tag }, context, services) {
    const put = parseRamTags(Tag.map(({ Key, Value }) => ({ key: Key, value: Value })))
    if (put.length === 0) throw new Problem('missingParameter', { P: 'Tag' })
    await changeTags(services, context, { type: ResourceType, names: ResourceNames, put, remove: [] })
    return {}
  },
})
