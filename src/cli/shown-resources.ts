import type { Action } from '../gateway/action.ts'
import type { Caller } from '../gateway/caller.ts'
import { nestParameters } from '../gateway/parameters.ts'

const caller: Caller = {
  accountId: 1_234_567_890_123_456,
  principal: 'acs:ram::1234567890123456:root',
  accessKeyId: 'LTAI5tExampleKeyId000000',
  identity: { kind: 'account' },
}

/**
 * The resources of a call as the reference shows them: each value of a parameter as `<Parameter>`, e.g. `order/<OrderId>`. Found by asking the
 * action's own target, so they are what permission sees.
 *
 * @param parameters `{Name}` stands for an id
 */
export function showResources(action: Action, parameters: Readonly<Record<string, string>>): readonly string[] {
  const names = Object.entries(parameters)
  // Ids that no other parameter has.
  const filled = names.map(([name, text], place) => [name, text.replaceAll(/\{\w+\}/g, String(910_000_001 + place))] as const)
  const resources = action.target?.resources?.(nestParameters(filled).input, caller) ?? []
  const show = (part: string) => {
    const parameter = filled.find(([, text]) => text === part)
    return parameter === undefined ? part : `<${parameter[0]}>`
  }
  return resources.map((resource) => resource.split('/').map(show).join('/'))
}
