import { replaceFile as replaceReal, writeRootKey as writeReal } from '../../../src/installation/root-key-file.ts'
import { reach } from '../kill-points.ts'

export * from '../../../src/installation/root-key-file.ts'

/** Writes the sealed key of the root, with a point after it. */
export function writeRootKey(...args: Parameters<typeof writeReal>): void {
  writeReal(...args)
  reach('rootKey:after')
}

/** Replaces a file, with a point on either side. */
export function replaceFile(...args: Parameters<typeof replaceReal>): void {
  reach('replaceFile:before')
  replaceReal(...args)
  reach('replaceFile:after')
}
