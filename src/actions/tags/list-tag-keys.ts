import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listUsedKeys } from '../../orders/list-tag-keys.ts'
import { resourceGroup } from '../certificates/fields.ts'
import { optionalText } from '../fields.ts'
import { pageNumberFields } from '../page-number.ts'
import { CAS_VERSION } from '../versions.ts'
import { maxResults, resourceType } from './tag-fields.ts'

const { CurrentPage, ShowSize } = pageNumberFields(20)

/** List the keys of tags in use: in pages by number, or by token. */
export const listTagKeysAction = action({
  name: 'ListTagKeys',
  version: CAS_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListTagKeys',
  summary: 'List the keys of the tags of orders and uploaded certificates, with how many resources carry each.',
  strict: false,
  input: z.object({
    ResourceType: resourceType,
    ResourceGroupId: resourceGroup,
    CurrentPage,
    PageSize: optionalText.pipe(ShowSize.optional()),
    NextToken: optionalText,
    MaxResults: maxResults,
  }),
  output: z.object({
    TagKeys: z.array(z.object({ TagKey: z.string(), TagCount: z.int() })),
    TotalCount: z.int(),
    CurrentPage: z.int(),
    PageSize: z.int(),
    NextToken: z.string().optional(),
    MaxResults: z.int(),
  }),
  problems: [],
  async run(input, { caller }, services) {
    // A page by number has the size PageSize, if it is given; one by token has MaxResults.
    const byToken = input.NextToken !== undefined
    const size = byToken ? input.MaxResults : (input.PageSize ?? input.MaxResults)
    const { keys, total, more } = await listUsedKeys(services, caller.accountId, input.ResourceGroupId, {
      after: byToken ? Buffer.from(input.NextToken ?? '', 'base64url').toString('utf8') : undefined,
      skip: (input.CurrentPage - 1) * size,
      size,
    })
    const last = keys.at(-1)
    return {
      TagKeys: keys.map(({ key, count }) => ({ TagKey: key, TagCount: count })),
      TotalCount: total,
      CurrentPage: input.CurrentPage,
      PageSize: size,
      ...(more && last !== undefined && { NextToken: Buffer.from(last.key).toString('base64url') }),
      MaxResults: input.MaxResults,
    }
  },
})
