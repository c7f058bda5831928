import type { Kysely } from 'kysely'
import type { Schema } from '../../src/storage/schema.ts'
import type { Thing } from './book.ts'
import { codeOf, read, type Surroundings } from './client-steps.ts'
import { type Kind, kinds } from './thing-kinds.ts'

/** Things that are there at a time; more and the oldest goes. */
const MOST = Object.keys(kinds).length

const kindOf = (name: string): Kind => {
  const kind = kinds[name]
  if (kind === undefined) throw new Error(`no kind ${name}`)
  return kind
}

/** Makes the next thing, changes one, or deletes the oldest. */
export async function turnThings(at: Surroundings): Promise<void> {
  const { things } = at.book
  const standing = things.filter(
    ({ state, busy, kind, id }) => state === 'made' && !busy && (kindOf(kind).id === undefined || id !== undefined),
  )
  const unchanged = standing.find(({ kind, change }) => kindOf(kind).change !== undefined && change === 'none')
  if (unchanged !== undefined) return await alone(unchanged, () => change(at, unchanged))
  const [oldest] = standing
  if (standing.length >= MOST && oldest !== undefined) return await alone(oldest, () => remove(at, oldest))
  const kind = Object.keys(kinds)[things.length % MOST] ?? ''
  const thing: Thing = { kind, name: `thing-${things.length}`, id: undefined, state: 'asked', change: 'none', busy: false }
  things.push(thing)
  await alone(thing, () => create(at, thing))
}

async function alone(thing: Thing, step: () => Promise<void>): Promise<void> {
  if (thing.busy) return
  thing.busy = true
  try {
    await step()
  } finally {
    thing.busy = false
  }
}

/** Asks again for what no answer came to, where asking twice cannot make two. */
export async function settleThings(at: Surroundings): Promise<void> {
  for (const thing of at.book.things) {
    await alone(thing, async () => {
      if (thing.state === 'leaving') await remove(at, thing)
      if (thing.state === 'made' && thing.change === 'asked') await change(at, thing)
      if (thing.state === 'asked' && (kindOf(thing.kind).id === undefined || thing.kind === 'upload')) await create(at, thing)
    })
  }
}

async function create({ client, book }: Surroundings, thing: Thing): Promise<void> {
  const { version, create: toCall, id } = kindOf(thing.kind)
  const [action, input] = toCall(thing.name)
  const answer = await client.call(action, input, version)
  if (!/^(EntityAlreadyExists|NameRepeat)/.test(codeOf(answer))) {
    const body = read(book, action, answer)
    if (id !== undefined) thing.id = String(body[id])
  }
  thing.state = 'made'
}

async function change({ client, book }: Surroundings, thing: Thing): Promise<void> {
  const { version, change: toCall } = kindOf(thing.kind)
  if (toCall === undefined) return
  thing.change = 'asked'
  const [action, input] = toCall(thing)
  read(book, action, await client.call(action, input, version))
  thing.change = 'acknowledged'
}

async function remove({ client, book }: Surroundings, thing: Thing): Promise<void> {
  const again = thing.state === 'leaving'
  thing.state = 'leaving'
  const { version, remove: toCall } = kindOf(thing.kind)
  const [action, input] = toCall(thing)
  const answer = await client.call(action, input, version)
  if (!again || !/Not(Exist|Found)/.test(codeOf(answer))) read(book, action, answer)
  thing.state = 'gone'
}

/** What of the things is not as the client was told. */
export async function findThingFaults(db: Kysely<Schema>, things: readonly Thing[]): Promise<string[]> {
  const faults: string[] = []
  for (const [name, kind] of Object.entries(kinds)) {
    const found = Map.groupBy(await kind.list(db), (row) => row.name)
    for (const thing of things.filter((one) => one.kind === name)) {
      const rows = found.get(thing.name) ?? []
      const count = rows.length
      const right = thing.state === 'made' ? count === 1 : thing.state === 'gone' ? count === 0 : count <= 1
      if (!right) faults.push(`the ${name} ${thing.name} is ${thing.state}, and there are ${count}`)
      if (kind.change === undefined || thing.change === 'asked') continue
      const isChanged = rows.some(({ changed }) => changed === true)
      if (count === 1 && isChanged !== (thing.change === 'acknowledged'))
        faults.push(`the ${name} ${thing.name} is ${isChanged ? '' : 'not '}changed`)
    }
  }
  return faults
}
