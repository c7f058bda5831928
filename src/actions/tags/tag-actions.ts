import type { Action } from '../../gateway/action.ts'
import { listTagKeysAction } from './list-tag-keys.ts'
import { listTagResourcesAction } from './list-tag-resources.ts'
import { moveResourceGroupAction } from './move-resource-group.ts'
import { tagResourcesAction } from './tag-resources.ts'
import { untagResourcesAction } from './untag-resources.ts'

/** Tags and resource groups of orders and certificates. */
export const tagActions: readonly Action[] = [
  tagResourcesAction,
  untagResourcesAction,
  listTagResourcesAction,
  listTagKeysAction,
  moveResourceGroupAction,
]
