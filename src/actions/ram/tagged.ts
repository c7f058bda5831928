import { z } from 'zod'
import type { UncheckedInput } from '../../gateway/action.ts'
import { readJsonList } from './json-list.ts'

/** `ResourceType` and `ResourceNames.N` of RAM's tag operations. */
export const taggedFields = {
  ResourceType: z.enum(['user', 'role', 'policy']),
  // Some clients of the original send the list as one JSON text.
  ResourceNames: z.preprocess(readJsonList, z.array(z.string().min(1)).max(50).default([])),
}

/** The resources that permission sees. */
export function taggedResources({ ResourceType, ResourceNames }: UncheckedInput): readonly string[] {
  const names = readJsonList(ResourceNames)
  if (typeof ResourceType !== 'string' || !Array.isArray(names)) return []
  return names.flatMap((name: unknown) => (typeof name === 'string' ? [`${ResourceType}/${name}`] : []))
}
