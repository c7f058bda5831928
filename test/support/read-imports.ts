/** One import of a file, however it is written. */
export interface FoundImport {
  readonly specifier: string
  /** `type`: gone when the file runs. `url`: `new URL('./file.ts', import.meta.url)`, which a worker loads. */
  readonly kind: 'value' | 'type' | 'url'
  /** Names taken from the module, before any `as`; empty for `*`, default and side effects. */
  readonly names: readonly string[]
}

/** What the import test reads in a source file. */
export interface ReadSource {
  readonly imports: readonly FoundImport[]
  /** How many dynamic imports name their module by something else than a literal. */
  readonly unknownImports: number
  /** The source without comments and without the content of strings and patterns. */
  readonly code: string
}

/** Reads the imports of TypeScript source: static, dynamic, `export ... from`, `import('...')` in types, and URLs of modules. */
export function readImports(source: string): ReadSource {
  const { code, strings } = blankText(source)
  const specifier = (index: string | undefined) => strings[Number(index)] ?? ''
  const imports: FoundImport[] = []

  for (const [, , typeWord, clause = '', index] of code.matchAll(/\b(import|export)\s+(type\s+)?([\w$\s{},*]*?)\bfrom\s*"@(\d+)"/g)) {
    const list = /\{([^}]*)\}/.exec(clause)?.[1]
    const items = (list ?? '').split(',').flatMap((item) => item.trim() || [])
    const onlyTypes = list !== undefined && items.length > 0 && items.every((item) => item.startsWith('type ')) && /^\s*\{/.test(clause)
    const names = items.map((item) => item.replace(/^type\s+/, '').split(/\s/)[0] ?? '')
    imports.push({ specifier: specifier(index), kind: typeWord !== undefined || onlyTypes ? 'type' : 'value', names })
  }
  for (const [, index] of code.matchAll(/\bimport\s*"@(\d+)"/g)) imports.push({ specifier: specifier(index), kind: 'value', names: [] })
  for (const [, index] of code.matchAll(/\b(?:import|require)\s*\(\s*"@(\d+)"\s*[,)]/g)) {
    imports.push({ specifier: specifier(index), kind: 'value', names: [] })
  }
  for (const [, index] of code.matchAll(/\bnew\s+URL\s*\(\s*"@(\d+)"\s*,\s*import\.meta\.url/g)) {
    imports.push({ specifier: specifier(index), kind: 'url', names: [] })
  }
  const unknownImports = [...code.matchAll(/(?<![.\w$])(?:import|require)\s*\(\s*(?!["\s])/g)].length
  return { imports, unknownImports, code }
}

/** Replaces comments by blanks, strings by `"@n"` and patterns and template text by nothing. */
function blankText(source: string): { code: string; strings: readonly string[] } {
  const strings: string[] = []
  let code = ''
  let at = 0

  // Reads code up to the end or, inside a template, up to the brace that closes its expression.
  const readCode = (insideTemplate: boolean): void => {
    let depth = 0
    while (at < source.length) {
      const rest = source.slice(at, at + 2)
      const char = source.charAt(at)
      if (rest === '//') skipTo('\n')
      else if (rest === '/*') skipPast('*/')
      else if (char === "'" || char === '"') readString(char)
      else if (char === '`') readTemplate()
      else if (char === '/' && startsPattern(code)) readPattern()
      else {
        if (char === '{') depth++
        if (char === '}' && depth-- === 0 && insideTemplate) return
        code += char
        at++
      }
    }
  }
  const skipTo = (end: string) => {
    const found = source.indexOf(end, at)
    at = found < 0 ? source.length : found
    code += ' '
  }
  const skipPast = (end: string) => {
    skipTo(end)
    at += end.length
  }
  const readString = (quote: string) => {
    const from = ++at
    while (at < source.length && source.charAt(at) !== quote) at += source.charAt(at) === '\\' ? 2 : 1
    code += `"@${strings.push(source.slice(from, at)) - 1}"`
    at++
  }
  const readTemplate = () => {
    const from = ++at
    code += '('
    let plain = true
    while (at < source.length && source.charAt(at) !== '`') {
      if (source.startsWith('${', at)) {
        plain = false
        at += 2
        readCode(true)
        code += ' '
      } else if (source.charAt(at) === '\\') at++
      at++
    }
    // A template without expressions is a string, also as a module's name.
    code = plain ? `${code.slice(0, -1)}"@${strings.push(source.slice(from, at)) - 1}"` : `${code})`
    at++
  }
  const readPattern = () => {
    let inClass = false
    for (at++; at < source.length && (inClass || source.charAt(at) !== '/'); at++) {
      const char = source.charAt(at)
      if (char === '\\') at++
      else if (char === '[') inClass = true
      else if (char === ']') inClass = false
    }
    code += '0'
    at++
  }

  readCode(false)
  return { code, strings }
}

/** A slash divides after a value and starts a pattern elsewhere. */
function startsPattern(before: string): boolean {
  return /(?:^|[=(,:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|await|yield|void))\s*$/.test(before.slice(-20))
}
