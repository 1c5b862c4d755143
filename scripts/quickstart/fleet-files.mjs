// @ts-check
// The config repository of the story: a shop and a blog.

/** @typedef {import('./ground.mjs').Ground} Ground */

const shell = (/** @type {readonly string[]} */ ...lines) => ['/bin/sh', '-c', lines.join('; ')]

/** @type {import('./ground.mjs').Images} */
export const images = {
  'shop:1.0': { env: { VERSION: '1.0' }, healthcheck: true },
  'shop:1.1': {
    env: { VERSION: '1.1' },
    command: shell(
      "echo 'shop 1.1 starting'",
      "echo 'reading orders'",
      "echo 'fatal: no such table: orders_v2 (was the migration run?)'",
      'exit 7',
    ),
    healthcheck: true,
  },
  'shop:1.2': { env: { VERSION: '1.2' }, healthcheck: true },
  'blog:1.0': { env: { VERSION: '1.0' } },
  'blog:1.1': { env: { VERSION: '1.1' } },
}

/** @param {Ground} ground */
export function fleetFiles(ground) {
  return {
    'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
    'targets/swarm.yaml': lines('kind: Swarm', 'name: swarm', `endpoints: ["${ground.dockerHost}"]`),
    'apps/shop/shop.yaml': shop(ground, '1.0'),
    'apps/blog/blog.yaml': blog(ground, '1.0'),
    'apps/blog/motto.txt': 'Small steps, each of them proven.\n',
  }
}

/** @param {Ground} ground @param {string} version */
export function shop({ prefix, reference, placement }, version) {
  return lines(
    'kind: Service',
    `name: ${prefix}shop`,
    `image: ${reference(`shop:${version}`)}`,
    'replicas: 2',
    'update: { parallelism: 1, order: start-first, monitor: 1s }',
    'restart: { delay: 1s }',
    ...placement,
    'keeper: { stableFor: 1s, bake: 0s }    # in a hurry; the defaults are 15s and 5m',
  )
}

/** @param {Ground} ground @param {string} version */
export function blog({ prefix, reference, placement, address, port }, version) {
  return lines(
    'kind: Config',
    `name: ${prefix}motto`,
    'file: motto.txt',
    '---',
    'kind: Service',
    `name: ${prefix}blog`,
    `image: ${reference(`blog:${version}`)}`,
    `configs: [{ source: ${prefix}motto, target: /etc/motto }]`,
    `ports: [{ target: 8080, published: ${port}, mode: host }]`,
    'update: { monitor: 1s }',
    ...placement,
    'keeper:',
    '  stableFor: 1s',
    '  bake: 0s',
    `  checks: [{ http: { url: "http://${address}:${port}/version", body: "${version}" } }]`,
  )
}

/**
 * The operator's settings, beside the repository and not in it.
 * @param {{install: string, key: string, url: string, ground: Ground}} of
 */
export function settings({ install, key, url, ground }) {
  return lines(
    `install: ${install}`,
    `key: { value: ${key} }`,
    `repository: { url: "${url}" }`,
    `allowedAddresses: ["${ground.address}:${ground.port}"]`,
  )
}

const lines = (/** @type {readonly string[]} */ ...all) => `${all.join('\n')}\n`
