import type { Action } from '../gateway/action.ts'
import { type Field, flatFields, inputSchema, type JsonSchema, outputSchema } from '../openapi/parameters.ts'
import { type ProblemName, problems } from '../problem.ts'
import { type ApiExample, apiExamples } from './api-examples.ts'
import { showResources } from './shown-resources.ts'

/** Answers that were recorded, by version and name of the operation, e.g. `2020-04-07 ListCsr`. */
export type RecordedAnswers = Readonly<Record<string, unknown>>

/** The pages of docs/api, by file name: Markdown, one page a subject, an index. */
export function renderApiReference(actions: readonly Action[], answers: RecordedAnswers): ReadonlyMap<string, string> {
  const pages = Map.groupBy(actions, subjectOf)
  const texts = [...pages].map(([subject, of]) => [`${subject}.md`, renderPage(subject, of, answers)] as const)
  return new Map([['README.md', renderIndex(pages)], ...texts])
}

/** The page that an action stands on. */
function subjectOf({ name, version, ramAction }: Action): string {
  if (version === '2019-08-15') return 'ims'
  if (version === '2015-04-01') return 'sts'
  if (ramAction.startsWith('ram:')) return 'ram'
  if (ramAction.startsWith('chancery:')) return name.includes('Account') ? 'accounts' : 'emulator'
  return casSubjects.find(([, names]) => names.test(name))?.[0] ?? 'orders'
}

const casSubjects: readonly (readonly [string, RegExp])[] = [
  ['acme', /Eab|Acme/],
  ['audit', /Event|Audit/],
  ['contacts', /Contact/],
  ['companies', /Compan/],
  ['csrs', /^[A-Z][a-z]+Csr(Detail)?$/],
  ['tags', /[Tt]agResources|TagKeys|ResourceGroup/],
  ['packages', /Package(State|Count)?$/],
  ['certificates', /Certs?$|Certificates?$|CertificateDetail$/],
]

/** What any operation may answer, in the order of the checks. */
export const protocolProblems: readonly ProblemName[] = [
  'unsupportedHttpMethod',
  'needSsl',
  'requestTooLarge',
  'requestHeaderTooLarge',
  'requestTimeout',
  'malformedHttp',
  'contentMd5NotMatched',
  'malformedParameters',
  'invalidVersion',
  'invalidAction',
  'invalidFormat',
  'incompleteSignature',
  'invalidSignatureMethod',
  'invalidSignatureVersion',
  'timestampMalformed',
  'timestampExpired',
  'accessKeyNotFound',
  'accessKeyInactive',
  'securityTokenMalformed',
  'securityTokenMismatch',
  'securityTokenExpired',
  'signatureDoesNotMatch',
  'signatureNonceUsed',
  'throttling',
  'noPermission',
  'missingParameter',
  'invalidParameter',
  'serviceUnavailable',
  'internalError',
]

const generated = '<!-- Generated from src/actions by src/cli/api-reference.ts (npm run docs). Do not edit. -->'

function renderIndex(pages: ReadonlyMap<string, readonly Action[]>): string {
  const rows = [...pages].map(([subject, of]) => `| [${subject}](${subject}.md) | ${of.map(({ name }) => `\`${name}\``).join(', ')} |`)
  return `# API reference

${generated}

Each operation with its parameters, answer and errors. Besides its own, every operation can answer the errors of the protocol, below; what an
operation means is in [compatibility.md](../compatibility.md). A running service shows the same list as OpenAPI 3.1 under
\`/openapi.json\`.

A parameter that holds \`.1\` is the first place of a list; further places have 2, 3 and so on. Values are texts on the wire.

The examples were called one after the other, and the answers are as they came. A \`{Name}\` in a call is what an earlier answer told. What
differs from one installation to the next is replaced in answers by a value of its kind: ids, times, keys, signatures; lists are cut after two.
Resources of an operation are relative: \`order/<OrderId>\` stands for \`acs:yundun-cert:*:<account>:order/<OrderId>\`.

| Subject | Operations |
|---|---|
${rows.join('\n')}

## Errors of the protocol

In the order in which they are looked for. \`{P}\` is the name of a parameter, as it was sent.

${renderProblems(protocolProblems)}
`
}

function renderPage(subject: string, actions: readonly Action[], answers: RecordedAnswers): string {
  const sections = actions.map((action) => renderAction(action, answers[`${action.version} ${action.name}`]))
  return `# API: ${subject}\n\n${generated}\n\n${sections.join('\n\n')}\n`
}

function renderAction(action: Action, answer: unknown): string {
  const example = findExample(action)
  const resources = renderResources(action, example)
  const facts = `Version \`${action.version}\` · RAM action \`${action.ramAction}\` · ${action.access} · resources: ${resources}`
  const input = flatFields(inputSchema(action), 'numbered')
  const output = flatFields(outputSchema(action), 'brackets')
  return [
    `## ${action.name}`,
    action.summary,
    facts + (action.anonymous === true ? ' · needs no key' : '') + (action.strict ? ' · refuses unknown parameters' : ''),
    input.length === 0 ? 'No parameters of its own.' : renderFields('Parameter', 'Mandatory', input),
    renderFields('Answer', 'Always', output),
    renderProblems(action.problems),
    renderExample(action, example, answer),
  ].join('\n\n')
}

function renderFields(title: string, always: string, fields: readonly Field[]): string {
  const rows = fields.map(({ name, required, schema }) => `| \`${name}\` | ${required ? 'yes' : ''} | ${renderRule(schema)} |`)
  return [`| ${title} | ${always} | Value |`, '|---|---|---|', ...rows].join('\n')
}

/** `text`, or what narrows it: words, pattern, limits. */
function renderRule(schema: JsonSchema): string {
  const words = Array.isArray(schema['enum']) ? `one of ${schema['enum'].map((word) => code(word)).join(', ')}` : undefined
  const limits = ['pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'default']
    .filter((keyword) => schema[keyword] !== undefined && !isSafeBound(schema[keyword]))
    .map((keyword) => `${keyword} ${code(schema[keyword])}`)
  return [words ?? schema.type ?? 'any', ...limits].join(', ')
}

/** The bounds that every whole number has say nothing. */
function isSafeBound(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER
}

function code(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === '' ? 'the empty text' : `\`${text.replaceAll('|', String.raw`\|`)}\``
}

function renderProblems(names: readonly ProblemName[]): string {
  if (names.length === 0) return 'Errors: those of the protocol alone.'
  const rows = [...new Set(names)].map((name) => {
    const { code: wire, status, message } = problems[name]
    return `| \`${wire}\` | ${status} | ${message.replaceAll('|', String.raw`\|`)} |`
  })
  return ['| Error | HTTP | Message |', '|---|---|---|', ...rows].join('\n')
}

/** The example that the page of an action shows: the first of its calls that is not made aside. */
export function findExample({ name, version }: Pick<Action, 'name' | 'version'>): ApiExample | undefined {
  return apiExamples.find((one) => one.action === name && (one.version ?? version) === version && one.aside === undefined)
}

/** What permission sees, in the words of a policy without the account: `order/<OrderId>`. */
function renderResources(action: Action, example: ApiExample | undefined): string {
  if (action.decidedBy === 'action') return 'decided by the operation itself'
  const patterns = example === undefined ? [] : showResources(action, example.parameters)
  return patterns.length === 0 ? '`*`' : patterns.map((pattern) => `\`${pattern}\``).join(', ')
}

function renderExample({ name, version }: Action, example: ApiExample | undefined, answer: unknown): string {
  if (example === undefined) return 'There is no recorded example.'
  const pairs = Object.entries({ Action: name, Version: version, ...example.parameters }).map(([key, value]) => `${key}=${value}`)
  const request = `Example, before encoding and signing:\n\n\`\`\`text\nPOST /\n\n${pairs.join('\n&')}\n\`\`\``
  return answer === undefined ? request : `${request}\n\nIts answer:\n\n\`\`\`json\n${JSON.stringify(answer, null, 2)}\n\`\`\``
}
