import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listTags } from '../../orders/list-tags.ts'
import { Problem } from '../../problem.ts'
import { optionalText } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { maxResults, readTagFilter, resourceIds, resourceType, tagLists } from './tag-fields.ts'

const ramAction = 'yundun-cert:ListTagResources'

/** List tags: of named resources, of resources that have certain tags, or both. */
export const listTagResourcesAction = action({
  name: 'ListTagResources',
  version: CAS_VERSION,
  access: 'list',
  ramAction,
  decidedBy: 'action',
  summary: 'List the tags of orders and uploaded certificates, or find those that have certain tags.',
  strict: false,
  input: z.object({ ResourceType: resourceType, ResourceId: resourceIds, ...tagLists, NextToken: optionalText, MaxResults: maxResults }),
  output: z.object({
    NextToken: z.string().optional(),
    MaxResults: z.int(),
    TagResources: z.object({
      TagResource: z.array(z.object({ ResourceId: z.string(), ResourceType: z.string(), TagKey: z.string(), TagValue: z.string() })),
    }),
  }),
  problems: ['notFoundContent'],
  async run(input, context, services) {
    const having = readTagFilter(input)
    if (input.ResourceId.length === 0 && having.length === 0) throw new Problem('missingParameter', { P: 'ResourceId' })
    const { tags, position } = await listTags(services, context, {
      action: ramAction,
      names: input.ResourceId,
      having,
      position: input.NextToken,
      limit: input.MaxResults,
    })
    return {
      ...(position !== undefined && { NextToken: position }),
      MaxResults: input.MaxResults,
      TagResources: {
        TagResource: tags.map(({ name, key, value }) => ({
          ResourceId: name,
          ResourceType: input.ResourceType,
          TagKey: key,
          TagValue: value,
        })),
      },
    }
  },
})
