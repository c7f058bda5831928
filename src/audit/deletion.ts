import { NoteError, type NoteSigner, openNote, signNote } from './note.ts'

// A checkpoint begins with the bare name of the key: neither note can be taken for the other.
const SUFFIX = '/bodies-deleted'

/**
 * Says, signed by the key of the log, that retention deletes the bodies before a position. Who may write to the database, and has no master key,
 * cannot pass off what he removed as this.
 */
export function writeDeletion(before: number, signer: NoteSigner): string {
  return signNote(`${signer.name}${SUFFIX}\n${before}\n`, signer)
}

/**
 * The position before which bodies may be missing; 0 without a note.
 *
 * @throws NoteError
 */
export function readDeletion(note: string | null, vkey: string): number {
  if (note === null) return 0
  const [what = '', before = '', ...rest] = openNote(note, vkey).split('\n')
  if (!what.endsWith(SUFFIX) || !/^[1-9][0-9]{0,14}$/.test(before) || rest.join('') !== '')
    throw new NoteError('it does not say which bodies are deleted')
  return Number(before)
}
