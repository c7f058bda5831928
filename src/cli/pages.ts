import type { Remote } from './remote.ts'

type Fields = Readonly<Record<string, unknown>>

/** All rows of a RAM list, page after page: `pick` takes them from one answer. */
export async function listAll(
  remote: Remote,
  action: string,
  input: Readonly<Record<string, string>>,
  pick: (answer: Fields) => unknown,
): Promise<readonly Fields[]> {
  const rows: Fields[] = []
  for (let marker: string | undefined; ;) {
    const answer = await remote.ram(action, { ...input, MaxItems: '100', ...(marker !== undefined && { Marker: marker }) })
    rows.push(...(pick(answer) as Fields[]))
    if (answer['IsTruncated'] !== true) return rows
    marker = String(answer['Marker'])
  }
}

/** The members of a wrapped list, e.g. `Users.User`. */
export function membersOf(answer: Fields, wrapper: string, member: string): readonly Fields[] {
  const inside = answer[wrapper] as Fields | undefined
  return (inside?.[member] ?? []) as readonly Fields[]
}
