// @ts-check
// A real docker-registry at the lab's switch. Engines know it as registry.test:5000, so that the same image references
// work in every lab; from the host it is reached at `url`. Images are written straight through its API, no engine needed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tail } from './engine.mjs'
import { baseLayer, imageConfig, nativeArchitecture, sha256, standardImages } from './images.mjs'
import { run, start } from './processes.mjs'
import { waitUntil } from './wait.mjs'

export const registryName = 'registry.test'

/**
 * @typedef {object} Registry
 * @property {string} host `registry.test:5000`: how engines of the lab name it in image references
 * @property {string} url how processes of the host reach it
 * @property {{username: string, password: string} | undefined} auth
 * @property {(name: string, spec: import('./images.mjs').ImageSpec, options?: {platforms?: readonly string[]}) => Promise<string>} push
 *   writes `repository:tag` and returns its digest; with `platforms` (`linux/amd64`, …) a manifest list
 * @property {(name: string) => Promise<string>} digest of `repository:tag`, asked from the registry
 * @property {(name: string) => string} reference `app:1` to `registry.test:5000/app:1`
 * @property {() => Promise<void>} stop
 * @property {() => Promise<void>} start again on the same data
 */

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json'
const listType = 'application/vnd.docker.distribution.manifest.list.v2+json'

/**
 * @param {{dir: string, ledger: string, address: string, inside: (words: readonly string[]) => string[], port?: number,
 *   auth?: {username: string, password: string} | undefined,
 *   images?: Readonly<Record<string, import('./images.mjs').ImageSpec>>}} options
 * @returns {Promise<Registry & {dispose: () => Promise<void>}>}
 */
export async function startRegistry({ dir, ledger, address, inside, port = 5000, auth, images = standardImages }) {
  mkdirSync(dir, { recursive: true })
  const config = join(dir, 'config.json')
  writeFileSync(config, JSON.stringify(await configuration({ dir, address, port, auth })))
  const log = join(dir, 'registry.log')
  const url = `http://${address}:${port}`
  /** @type {import('./processes.mjs').Running | undefined} */
  let running
  const startServer = async () => {
    const started = start(inside(['docker-registry', 'serve', config]), { name: 'registry', log, ledger })
    running = started
    await waitUntil('the registry', async () => (await fetch(`${url}/v2/`)).status < 500, {
      everyMs: 20,
      giveUp: () => (started.alive() ? undefined : `it ended; its log says:\n${tail(log)}`),
    })
  }
  const stop = async () => running?.stop()
  const send = sender(url, auth)
  const push = /** @type {Registry['push']} */ (
    (name, spec, { platforms } = {}) =>
      platforms === undefined ? pushImage(send, name, spec) : pushList(send, { name, spec, platforms })
  )
  try {
    await startServer()
    await uploadLayers(send, new Set(Object.keys(images).map((name) => split(name).repository)))
    await Promise.all(Object.entries(images).map(([name, spec]) => push(name, spec)))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    host: `${registryName}:${port}`,
    url,
    auth,
    push,
    digest: async (name) => {
      const { repository, tag } = split(name)
      const answer = await send('HEAD', `/v2/${repository}/manifests/${tag}`, {
        headers: { accept: `${manifestType}, ${listType}` },
      })
      return answer.headers.get('docker-content-digest') ?? ''
    },
    reference: (name) => `${registryName}:${port}/${name}`,
    stop,
    start: startServer,
    dispose: stop,
  }
}

/**
 * @param {{dir: string, address: string, port: number, auth: {username: string, password: string} | undefined}} options
 */
async function configuration({ dir, address, port, auth }) {
  if (auth !== undefined) writeFileSync(join(dir, 'htpasswd'), `${auth.username}:${await bcrypt(auth.password)}\n`)
  return {
    version: 0.1,
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: join(dir, 'data') }, delete: { enabled: true } },
    http: { addr: `${address}:${port}`, secret: 'lab' },
    ...(auth === undefined ? {} : { auth: { htpasswd: { realm: 'lab', path: join(dir, 'htpasswd') } } }),
  }
}

/**
 * The registry takes bcrypt alone; Debian's crypt(3) can make it, and perl-base is on every Debian.
 * @param {string} password
 */
async function bcrypt(password) {
  const script = 'chomp(my $word = <STDIN>); print crypt($word, q($2b$05$thelabsaltthelabsalteu))'
  return run(['perl', '-e', script], { input: `${password}\n` })
}

/** @typedef {(method: string, path: string, options?: {body?: Uint8Array | string, headers?: Record<string, string>}) => Promise<Response>} Send */

/**
 * @param {string} url
 * @param {{username: string, password: string} | undefined} auth
 * @returns {Send}
 */
function sender(url, auth) {
  const credentials = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
  return async (method, path, { body, headers = {} } = {}) => {
    const answer = await fetch(new URL(path, url), {
      method,
      headers: { ...headers, ...(credentials === undefined ? {} : { authorization: `Basic ${credentials}` }) },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(20_000),
    })
    if (!answer.ok) throw new Error(`registry: ${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
}

/**
 * @param {Send} send
 * @param {ReadonlySet<string>} repositories
 */
async function uploadLayers(send, repositories) {
  await Promise.all([...repositories].map((repository) => upload(send, repository, baseLayer().gzip)))
}

/**
 * @param {Send} send
 * @param {string} repository
 * @param {Uint8Array} bytes
 */
async function upload(send, repository, bytes) {
  const digest = sha256(bytes)
  const begun = await send('POST', `/v2/${repository}/blobs/uploads/`)
  const location = new URL(begun.headers.get('location') ?? '', begun.url)
  location.searchParams.set('digest', digest)
  await send('PUT', `${location.pathname}${location.search}`, {
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  })
  return { digest, size: bytes.length }
}

/**
 * @param {Send} send
 * @param {string} name
 * @param {import('./images.mjs').ImageSpec} spec
 */
async function pushImage(send, name, spec) {
  const { repository, tag } = split(name)
  const { body } = await manifest(send, { repository, spec, architecture: nativeArchitecture() })
  return put(send, `/v2/${repository}/manifests/${tag}`, { body, type: manifestType })
}

/**
 * @param {Send} send
 * @param {{name: string, spec: import('./images.mjs').ImageSpec, platforms: readonly string[]}} options
 */
async function pushList(send, { name, spec, platforms }) {
  const { repository, tag } = split(name)
  const manifests = []
  for (const platform of platforms) {
    const [os = 'linux', architecture = 'amd64', variant] = platform.split('/')
    const { body, size } = await manifest(send, { repository, spec, architecture })
    const digest = await put(send, `/v2/${repository}/manifests/${sha256(body)}`, { body, type: manifestType })
    const words = { os, architecture, ...(variant === undefined ? {} : { variant }) }
    manifests.push({ mediaType: manifestType, digest, size, platform: words })
  }
  const body = JSON.stringify({ schemaVersion: 2, mediaType: listType, manifests })
  return put(send, `/v2/${repository}/manifests/${tag}`, { body, type: listType })
}

/**
 * @param {Send} send
 * @param {{repository: string, spec: import('./images.mjs').ImageSpec, architecture: string}} options
 */
async function manifest(send, { repository, spec, architecture }) {
  const layer = baseLayer()
  const present = await send('HEAD', `/v2/${repository}/blobs/${layer.digest}`).then(
    () => true,
    () => false,
  )
  if (!present) await upload(send, repository, layer.gzip)
  const config = await upload(send, repository, Buffer.from(JSON.stringify(imageConfig(spec, architecture))))
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...config },
    layers: [
      { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: layer.gzip.length, digest: layer.digest },
    ],
  })
  return { body, size: Buffer.byteLength(body) }
}

/**
 * @param {Send} send
 * @param {string} path
 * @param {{body: string, type: string}} options
 */
async function put(send, path, { body, type }) {
  const answer = await send('PUT', path, { body, headers: { 'content-type': type } })
  return answer.headers.get('docker-content-digest') ?? sha256(body)
}

/** @param {string} name */
function split(name) {
  const [repository = '', tag = 'latest'] = name.split(':')
  return { repository, tag }
}
