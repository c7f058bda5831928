import type { Action } from '../../gateway/action.ts'
import { addUserToGroupAction } from './add-user-to-group.ts'
import { createAccessKeyAction } from './create-access-key.ts'
import { createGroupAction } from './create-group.ts'
import { createUserAction } from './create-user.ts'
import { deleteAccessKeyAction } from './delete-access-key.ts'
import { deleteGroupAction } from './delete-group.ts'
import { deleteUserAction } from './delete-user.ts'
import { getAccessKeyLastUsedAction } from './get-access-key-last-used.ts'
import { getGroupAction } from './get-group.ts'
import { getUserAction } from './get-user.ts'
import { listAccessKeysAction } from './list-access-keys.ts'
import { listGroupsAction } from './list-groups.ts'
import { listGroupsForUserAction } from './list-groups-for-user.ts'
import { listTagResourcesAction } from './list-tag-resources.ts'
import { listUsersAction } from './list-users.ts'
import { listUsersForGroupAction } from './list-users-for-group.ts'
import { removeUserFromGroupAction } from './remove-user-from-group.ts'
import { tagResourcesAction } from './tag-resources.ts'
import { untagResourcesAction } from './untag-resources.ts'
import { updateAccessKeyAction } from './update-access-key.ts'
import { updateGroupAction } from './update-group.ts'
import { updateUserAction } from './update-user.ts'

/** Users, groups, access keys and tags of RAM, version 2015-05-01. */
export const userActions: readonly Action[] = [
  createUserAction,
  getUserAction,
  updateUserAction,
  deleteUserAction,
  listUsersAction,
  createAccessKeyAction,
  listAccessKeysAction,
  updateAccessKeyAction,
  deleteAccessKeyAction,
  getAccessKeyLastUsedAction,
  createGroupAction,
  getGroupAction,
  updateGroupAction,
  deleteGroupAction,
  listGroupsAction,
  addUserToGroupAction,
  removeUserFromGroupAction,
  listGroupsForUserAction,
  listUsersForGroupAction,
  tagResourcesAction,
  untagResourcesAction,
  listTagResourcesAction,
]
