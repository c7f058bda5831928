import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { gramsOf, joinBlock } from '../storage/keyword-lines.ts'
import { findLinesToPack, listLineOwners } from '../storage/keyword-search.ts'

/** Packs the lines that keywords are looked for in, thousands into one text, wherever there are enough. Several processes may do it at once. */
export async function packLines({ db }: Pick<Services, 'db'>): Promise<void> {
  for (const { account_id: accountId, kind } of await listLineOwners(db.read)) {
    for (
      let lines = await findLinesToPack(db.read, accountId, kind);
      lines !== undefined;
      lines = await findLinesToPack(db.read, accountId, kind)
    ) {
      const [minId, maxId] = [lines[0]?.id ?? 0, lines.at(-1)?.id ?? 0]
      const body = joinBlock(lines)
      try {
        await db.write.packKeywordLines({ accountId, kind, minId, maxId, lines: lines.length, body, grams: gramsOf(body) })
      } catch (error) {
        // Another process was first, or a line came in between: the next round looks again.
        if (error instanceof Problem && error.problem === 'moved') break
        throw error
      }
    }
  }
}
