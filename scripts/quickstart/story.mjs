// @ts-check
// The story that the quickstart tells, a function a step. Each shows what it claims or throws NotShown.
import { blog, fleetFiles, shop } from './fleet-files.mjs'
import { claim, NotShown } from './world.mjs'

/**
 * @typedef {object} Stage
 * @property {import('./ground.mjs').Ground} ground
 * @property {import('./world.mjs').World} world
 * @property {import('./narrator.mjs').Narrator} narrator
 */

/** @type {readonly (readonly [title: string, tell: (stage: Stage) => Promise<void>])[]} */
export const story = [
  ['A repository becomes what runs', firstApply],
  ['Nothing differs, nothing is sent', secondRun],
  ['Somebody changes something by hand', drift],
  ['A bad revision is merged', badRevision],
  ['The next merge does not ship it again', nextMerge],
  ['A good version goes through', goodRevision],
  ['What is so, and what was done', lookBack],
  ['Taking it all away', cleanUp],
]

/** @param {Stage} stage */
async function firstApply({ ground, world, narrator }) {
  narrator.say(
    `Desired state is a git repository: a folder per app, flat documents in it. Here are two apps, a shop and a blog
    with a config and a health check. This is all of the shop:`,
  )
  narrator.file('apps/shop/shop.yaml', shop(ground, '1.0'))
  await world.merge(fleetFiles(ground), 'A shop and a blog')
  await world.keeper(['plan'], { exit: 2, shows: [/\+ .*Service\/\S*shop/, /3 to create/] })
  narrator.say(
    'A plan writes nothing. An apply does what the plan said, and waits for proof: healthy, stable, checks passed.',
  )
  await world.keeper(['apply'], { exit: 0, shows: [/shop\s+proven/, /blog\s+proven/] })
  await world.runs('shop', 2, '1.0')
  claim((await world.visit()) === '1.0', 'the blog does not answer with version 1.0')
  narrator.shown('The Swarm runs what the repository says.')
}

/** @param {Stage} stage */
async function secondRun({ ground, world, narrator }) {
  await world.keeper(['plan'], { exit: 0, shows: [/nothing to do/] })
  ground.counter.forget()
  await world.keeper(['apply'], { exit: 0, shows: [/2 apps as desired/] })
  const [asked, written] = [ground.counter.calls.length, ground.counter.writes().length]
  claim(written === 0, `the second apply sent ${written} writes to the engine`)
  narrator.shown(`Counted at the engine: ${asked} requests, 0 of them writes.`)
}

/** @param {Stage} stage */
async function drift({ world, narrator }) {
  narrator.say('Behind our back, the shop is scaled to 5, as `docker service scale shop=5` would.')
  await world.scale('shop', 5)
  await world.keeper(['drift'], { exit: 2, shows: [/replicas: 5 -> 2/] })
  await world.keeper(['apply'], { exit: 0, shows: [/healed/] })
  await world.runs('shop', 2, '1.0')
  narrator.shown(
    'Found, and healed: 2 replicas again. Drift whose cure restarts something is only reported, by default.',
  )
}

/** @param {Stage} stage */
async function badRevision({ ground, world, narrator }) {
  narrator.say('Version 1.1 of the shop crashes when it starts. Nobody noticed in review.')
  narrator.file(
    'apps/shop/shop.yaml',
    `- image: ${ground.reference('shop:1.0')}\n+ image: ${ground.reference('shop:1.1')}`,
  )
  const before = await world.runs('shop', 2, '1.0')
  await world.merge({ 'apps/shop/shop.yaml': shop(ground, '1.1') }, 'shop 1.1')
  const shows = [/shop\s+rolled back/, /non-zero exit \(7\)/, /fatal: no such table: orders_v2/, /held back/]
  await world.keeper(['apply'], { exit: 3, shows })
  const after = await world.runs('shop', 2, '1.0')
  claim(String(before) === String(after), 'the tasks of shop 1.0 were replaced')
  narrator.shown(
    'Rolled back, with the reason, the exit code and the log. The same two tasks of 1.0 served all the time.',
  )
}

/** @param {Stage} stage */
async function nextMerge({ ground, world, narrator }) {
  narrator.say('The next morning somebody merges a new version of the blog. The bad shop is still in the repository.')
  const before = await world.service('shop')
  await world.merge({ 'apps/blog/blog.yaml': blog(ground, '1.1') }, 'blog 1.1')
  ground.counter.forget()
  await world.keeper(['apply'], { exit: 3, shows: [/blog\s+proven/, /shop\s+held back/] })
  const after = await world.service('shop')
  const sent = ground.counter.writes().filter((call) => call.path.includes(after.ID))
  claim(sent.length === 0 && after.Version.Index === before.Version.Index, 'the shop was written to')
  await world.runs('shop', 2, '1.0')
  claim((await world.visit()) === '1.1', 'the blog does not answer with version 1.1')
  narrator.shown(
    'The blog moved on; the shop was not touched: its revision is held back until it is edited or retried.',
  )
}

/** @param {Stage} stage */
async function goodRevision({ ground, world, narrator }) {
  narrator.say('The shop is repaired.')
  await world.merge({ 'apps/shop/shop.yaml': shop(ground, '1.2') }, 'shop 1.2: with the migration')
  await world.keeper(['apply'], { exit: 0, shows: [/shop\s+proven/], hides: [/held back/] })
  await world.runs('shop', 2, '1.2')
  narrator.shown('The edit ended the hold: shop 1.2 is proven, and is what a rollback would go back to from now on.')
}

/** @param {Stage} stage */
async function lookBack({ ground, world, narrator }) {
  await world.keeper(['status'], { exit: 0, shows: [/✓ shop\s+healthy/, /✓ blog\s+healthy/] })
  await world.keeper(['history'], { exit: 0, shows: [/shop\s+\S+\s+rolled-back/, /shop\s+\S+\s+healed/] })
  narrator.shown('Every decision is on record, with who asked for it.')
  narrator.say('What is on record is enough to plan with, where the Swarm cannot be reached:')
  ground.counter.forget()
  await world.keeper(['plan', '--offline'], { exit: 0, shows: [/nothing to do/] })
  claim(ground.counter.calls.length === 0, 'plan --offline asked the engine')
  narrator.shown('Counted at the engine: 0 requests.')
}

/** @param {Stage} stage */
async function cleanUp({ ground, world, narrator }) {
  narrator.say('Both apps are deleted from the repository: what is not desired any more is pruned, if it is ours.')
  const files = Object.keys(fleetFiles(ground)).filter((path) => path.startsWith('apps/'))
  await world.merge(Object.fromEntries(files.map((path) => [path, null])), 'Close the shop and the blog')
  await world.keeper(['plan'], { exit: 2, shows: [/to prune/] })
  await world.keeper(['apply'], { exit: 0 })
  const remains = await ground.remains()
  if (remains.length > 0) throw new NotShown(`still on the Swarm: ${remains.join(', ')}`)
  narrator.shown('No service is left on the Swarm.')
}
