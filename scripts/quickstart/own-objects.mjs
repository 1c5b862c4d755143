// @ts-check
// What quickstarts made in the user's own Docker, told by its name, and how it goes away again.
import { waitUntil } from '../../test/lab/wait.mjs'

/** @typedef {import('../../test/lab/engine-client.mjs').EngineClient} EngineClient */
/** @typedef {{type: string, name: string, path: string}} Made */

/** Nobody listens on port 1: the engine learns at once that there is nothing to pull, and takes what it has. */
const registry = 'localhost:1'

/** In the order in which they can go. @type {readonly (readonly [type: string, list: string, folder: string])[]} */
const types = [
  ['service', '/services', '/services'],
  ['network', '/networks', '/networks'],
  ['config', '/configs', '/configs'],
  ['image', '/images/json', '/images'],
]

/** @param {string} prefix @param {string} image */
export function referenceOf(prefix, image) {
  return `${registry}/${prefix}${image}`
}

/**
 * Objects of one run, or of all: with the record of the install, which is a config.
 * @param {EngineClient} engine
 * @param {string} [prefix]
 * @returns {Promise<Made[]>}
 */
export async function madeBy(engine, prefix = 'quickstart-[0-9a-f]{6}-') {
  const ours = new RegExp(`^(${registry}/)?${prefix}|^swarmkeeper-${prefix.slice(0, -1)}$`)
  const lists = await Promise.all(types.map((type) => namesOf(engine, type)))
  return lists.flat().filter(({ name }) => ours.test(name))
}

/**
 * @param {EngineClient} engine
 * @param {readonly [type: string, list: string, folder: string]} of
 * @returns {Promise<Made[]>}
 */
async function namesOf(engine, [type, list, folder]) {
  const all = /** @type {any[]} */ (await engine.call('GET', list))
  const names = all.flatMap((one) => one.RepoTags ?? (type === 'image' ? [] : [one.Spec?.Name ?? one.Name]))
  return names.map((name) => ({ type, name, path: `${folder}/${name}` }))
}

/**
 * What is in use by a task that is still ending cannot go yet. What never can does not keep the others.
 * @param {EngineClient} engine
 * @param {string} prefix
 */
export async function removeMade(engine, prefix) {
  for (const { name, path } of await madeBy(engine, prefix)) {
    const gone = async () => [200, 204, 404].includes((await engine.request('DELETE', path)).status)
    await waitUntil(`${name} to be removable`, gone, { timeoutMs: 30_000 }).catch(() => {})
  }
}

/** @param {Made} made */
export function removalOf({ type, name }) {
  return `docker ${type} rm ${name}`
}
