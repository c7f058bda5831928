import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { actions } from '../../src/actions/index.ts'
import { namedBy, namesNothing, nobodysWorld, recipeOf, recipes, type World } from '../support/action-recipes.ts'
import { buildWorld } from '../support/build-world.ts'
import { describeService } from '../support/service.ts'
import type { CallAnswer, SigningKey } from '../support/signed-call.ts'
import { createTenantAccount, createUserWithKey, grant } from '../support/tenants.ts'

/** What a caller can tell of an answer, with the ids that it sent taken out. */
function toldBy({ status, body }: CallAnswer, sent: World): unknown {
  const { RequestId: _id, Recommend: _link, ...rest } = body
  const detail = rest['AccessDeniedDetail']
  // Sealed: it never looks twice the same.
  const sealed = typeof detail === 'object' && detail !== null ? { AccessDeniedDetail: { ...detail, EncodedDiagnosticMessage: '' } } : {}
  let text = JSON.stringify({ status, ...rest, ...sealed })
  for (const [name, value] of Object.entries(sent)) text = text.replaceAll(value, `<${name}>`)
  return JSON.parse(text)
}

it('every action names something that somebody owns, or is known to name nothing', () => {
  for (const { name, version } of actions) {
    const named = namedBy(recipeOf({ name, version }), nobodysWorld)
    assert.equal(named.length === 0, namesNothing.has(name), `the recipe of ${name} names ${named.join(', ') || 'nothing'}`)
  }
  const known = new Set(actions.flatMap(({ name, version }) => [name, `${version} ${name}`]))
  for (const name of [...namesNothing, ...Object.keys(recipes)]) assert.ok(known.has(name), `there is no action ${name}`)
})

describeService('the ids and names of another account', (service) => {
  let foreign: World
  let own: World
  let callers: Readonly<Record<string, SigningKey>>

  before(async () => {
    const owner = await createTenantAccount(service(), 'owner')
    const stranger = await createTenantAccount(service(), 'stranger')
    foreign = await buildWorld(service(), owner.accountId, owner.key, 'foreign')
    own = await buildWorld(service(), stranger.accountId, stranger.key, 'own')
    const user = await createUserWithKey(service(), 'stranger', stranger.key)
    await grant(service(), 'stranger', [{ Effect: 'Allow', Action: '*', Resource: '*' }], stranger.key)
    // An account assumes no role and a user may, so both have to be asked.
    callers = { 'the account': stranger.key, 'a user with every permission': user }
  })

  // Before any call names them: what a caller asked for is in its own trail.
  it('are in no list', async () => {
    for (const { name, version } of actions.filter((action) => action.access === 'list')) {
      for (const [who, key] of Object.entries(callers)) {
        const { status, text } = await service().call(name, recipeOf({ name, version })(own), { version, key })
        for (const id of Object.values(foreign)) assert.ok(!text.includes(id), `${name} by ${who} answers ${id}: ${status}`)
      }
    }
  })

  it('are answered as ids and names that do not exist, by every action, also beside what is the caller’s own', async () => {
    for (const { name, version } of actions.filter((action) => !namesNothing.has(action.name))) {
      const recipe = recipeOf({ name, version })
      const named = namedBy(recipe, own)
      const worlds = named.map((one) => [one, { ...own, [one]: foreign[one] }, { ...own, [one]: nobodysWorld[one] }] as const)
      for (const [what, theirs, nobodys] of [['all', foreign, nobodysWorld] as const, ...worlds]) {
        for (const [who, key] of Object.entries(callers)) {
          const place = `${name} by ${who}, ${what} of another account`
          const told = await service().call(name, recipe(theirs), { version, key })
          const missing = await service().call(name, recipe(nobodys), { version, key })
          assert.deepEqual(toldBy(told, theirs), toldBy(missing, nobodys), place)
          assert.notEqual(told.status, 200, `${place}: ${told.text}`)
          assert.ok(told.status < 500, `${place}: ${told.text}`)
        }
      }
    }
  })
})
