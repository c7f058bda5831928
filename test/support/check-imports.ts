import { posix } from 'node:path'
import type { ImportRule } from './import-table.ts'
import {
  ambientWords,
  assembly,
  forbiddenNode,
  importTable,
  keyMaking,
  mayLoadUnknown,
  randomness,
  randomnessAllowed,
  typesForAll,
  writesMayImport,
} from './import-table.ts'
import type { FoundImport, ReadSource } from './read-imports.ts'
import { readImports } from './read-imports.ts'

type Tree = ReadonlyMap<string, ReadSource>

/**
 * Holds a source tree against the import table.
 *
 * @param sources text by path below `src/`, with forward slashes
 * @returns one line per violation; empty if there is none
 */
export function checkImports(sources: ReadonlyMap<string, string>): string[] {
  const tree: Tree = new Map([...sources].map(([path, text]) => [path, readImports(text)]))
  return [
    ...[...tree].flatMap(([path, source]) => [
      ...source.imports.flatMap((found) => checkImport(tree, path, found).map((why) => `${path}: ${why}`)),
      ...checkWords(path, source).map((why) => `${path}: ${why}`),
    ]),
    ...findCircles(tree).map((circle) => `circle: ${circle.join(' -> ')}`),
  ].sort()
}

function checkImport(tree: Tree, path: string, found: FoundImport): string[] {
  if (!found.specifier.startsWith('.')) return checkModule(path, found)
  const target = resolve(path, found.specifier)
  if (found.kind === 'url' && !target.endsWith('.ts')) return []
  if (target.startsWith('../')) return target.endsWith('.ts') ? [`imports ${target}, which is outside src/`] : []
  if (isWrite(path)) return checkWriteImport(tree, path, target, found)
  return mayImport(path, target, found) ? [] : [`must not import ${found.kind === 'type' ? 'types of ' : ''}${target}`]
}

function mayImport(path: string, target: string, found: FoundImport): boolean {
  const [from, to] = [roomOf(path), roomOf(target)]
  if (path === 'services.ts') return found.kind === 'type'
  if (path === 'transactions.ts') return isWrite(target)
  if (from === to) return true
  if (isKey(assembly, from)) return !isKey(assembly, to) || (assembly[from] as readonly string[]).includes(to)
  if (!isKey(importTable, from)) return false
  const rule: ImportRule = importTable[from]
  if (found.kind === 'type' && rule.sharedTypes && typesForAll.includes(target)) return true
  return rule.may.includes(to) || rule.may.includes(target)
}

/** A write's own room must be pure where the write uses it: what it imports there is held to the same rule, all the way down. */
function checkWriteImport(tree: Tree, path: string, target: string, found: FoundImport): string[] {
  if (writesMayImport.includes(roomOf(target))) return []
  if (roomOf(target) !== roomOf(path)) return [`must not import ${found.kind === 'type' ? 'types of ' : ''}${target}: it is a write`]
  if (found.kind === 'type') return []
  return listReached(tree, target, roomOf(path)).flatMap((file) =>
    (tree.get(file)?.imports ?? []).flatMap((inner) => {
      if (inner.kind === 'type') return []
      if (!inner.specifier.startsWith('.'))
        return reachesOut(inner, forbiddenNode.writes) ? [`reaches ${inner.specifier} through ${file}: it is a write`] : []
      const reached = resolve(file, inner.specifier)
      if (roomOf(reached) === roomOf(path) || writesMayImport.includes(roomOf(reached))) return []
      return [`reaches ${reached} through ${file}: it is a write`]
    }),
  )
}

function checkModule(path: string, found: FoundImport): string[] {
  const room = roomOf(path)
  const forbidden = isWrite(path) ? forbiddenNode.writes : room === 'x509' || room === 'storage' ? forbiddenNode[room] : []
  if (found.kind !== 'type' && reachesOut(found, forbidden)) return [`must not use ${found.specifier}`]
  if (found.kind === 'type' || !/^(node:)?crypto$/.test(found.specifier)) return []
  const drawsKeys = room === 'x509' || isWrite(path)
  const allowed = isIn(path, randomnessAllowed) && !isWrite(path)
  return found.names
    .filter((name) => (!allowed && randomness.test(name)) || (drawsKeys && keyMaking.test(name)))
    .map((name) => `must not draw randomness itself (${name})`)
}

function checkWords(path: string, { code, unknownImports }: ReadSource): string[] {
  const room = roomOf(path)
  const known = isKey(importTable, room) || isKey(assembly, room) || path === 'services.ts' || path === 'transactions.ts'
  return [
    ...(known ? [] : [`the room ${room} has no row in the import table`]),
    ...(unknownImports > 0 && !mayLoadUnknown.includes(path) ? ['loads a module whose name is not in the source'] : []),
    ...ambientWords.flatMap(({ name, pattern, allowed }) => (pattern.test(code) && !isIn(path, allowed) ? [`must not use ${name}`] : [])),
  ]
}

/** Circles of imports that exist when the program runs, each once, from its first file in order. */
function findCircles(tree: Tree): string[][] {
  const circles = new Map<string, string[]>()
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const before = trail.indexOf(path)
    if (before >= 0) {
      const ring = trail.slice(before)
      const first = ring.indexOf([...ring].sort()[0] ?? path)
      const turned = [...ring.slice(first), ...ring.slice(0, first)]
      circles.set(turned.join('\n'), [...turned, turned[0] ?? path])
      return
    }
    if (done.has(path)) return
    for (const found of tree.get(path)?.imports ?? []) {
      if (found.kind === 'value' && found.specifier.startsWith('.')) visit(resolve(path, found.specifier), [...trail, path])
    }
    done.add(path)
  }
  for (const path of tree.keys()) visit(path, [])
  return [...circles.values()]
}

function listReached(tree: Tree, start: string, room: string): string[] {
  const reached = new Set([start])
  for (const file of reached) {
    for (const found of tree.get(file)?.imports ?? []) {
      if (found.kind === 'type' || !found.specifier.startsWith('.')) continue
      const target = resolve(file, found.specifier)
      if (roomOf(target) === room) reached.add(target)
    }
  }
  return [...reached]
}

function reachesOut(found: FoundImport, forbidden: readonly string[]): boolean {
  return forbidden.includes(found.specifier.replace(/^node:/, '').split('/')[0] ?? '')
}

/** The folder below `src/`, or the name of a file beside the folders. `config.ts` and `config/` are one room. */
function roomOf(path: string): string {
  return (path.split('/')[0] ?? path).replace(/\.ts$/, '')
}

function isWrite(path: string): boolean {
  return path.endsWith('.tx.ts')
}

function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || (place.endsWith('/') && path.startsWith(place)))
}

function resolve(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier))
}

function isKey<T extends object>(table: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(table, key)
}
