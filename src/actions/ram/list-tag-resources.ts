import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { type ListedTag, listRamTags } from '../../ram/tags/list-tags.ts'
import { taggedFields, taggedResources } from './tagged.ts'
import { optionalText } from '../fields.ts'
import { RAM_VERSION } from '../versions.ts'
import { jsonTags } from './json-list.ts'

/** List the tags of users, roles or policies. */
export const listTagResourcesAction = action({
  name: 'ListTagResources',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListTagResources',
  target: { resources: taggedResources },
  summary: 'List the tags of users, roles or policies.',
  strict: false,
  input: z.object({
    ...taggedFields,
    Tag: jsonTags,
    NextToken: optionalText,
    PageSize: z
      .string()
      .regex(/^[0-9]{1,4}$/, 'A whole number is needed.')
      .transform(Number)
      .refine((n) => n >= 1 && n <= 1000, '1 to 1000 are allowed.')
      .optional(),
  }),
  output: z.object({
    NextToken: z.string().optional(),
    TagResources: z.array(z.object({ ResourceType: z.string(), ResourceName: z.string(), TagKey: z.string(), TagValue: z.string() })),
  }),
  problems: ['entityNotExist'],
  async run(input, context, services) {
    const { tags, position } = await listRamTags(services, context, {
      type: input.ResourceType,
      names: input.ResourceNames,
      position: input.NextToken,
      limit: input.PageSize ?? 100,
    })
    const isAsked = (tag: ListedTag) =>
      input.Tag.length === 0 || input.Tag.some(({ Key, Value }) => Key === tag.key && (Value === '' || Value === tag.value))
    return {
      TagResources: tags.filter(isAsked).map(({ name, key, value }) => ({
        ResourceType: input.ResourceType,
        ResourceName: name,
        TagKey: key,
        TagValue: value,
      })),
      ...(position !== undefined && { NextToken: position }),
    }
  },
})
