// @ts-check
// A real Alertmanager, and a Prometheus that tells it of alerts: each alone on loopback, with a storage of its own.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start } from './processes.mjs'
import { waitUntil } from './wait.mjs'

/**
 * @typedef {object} Served
 * @property {string} url
 * @property {(config: unknown) => Promise<void>} configure another configuration, which it reads at once
 * @property {() => Promise<void>} dispose
 */

/**
 * For `describe.skipIf(!alertsPossible())`: says loudly what is missing, or throws where a lab is required.
 * @returns {boolean}
 */
export function alertsPossible() {
  const missing = ['prometheus', 'prometheus-alertmanager'].filter((name) => !existsSync(`/usr/bin/${name}`))
  if (missing.length === 0) return true
  const message = `This machine lacks ${missing.join(', ')}. On Debian: apt-get install ${missing.join(' ')}`
  if (process.env.SWARMKEEPER_LAB === 'required') throw new Error(message)
  console.error(message)
  return false
}

/**
 * @param {unknown} config of its configuration file; JSON is YAML
 * @returns {Promise<Served>}
 */
export function startAlertmanager(config) {
  return serve('prometheus-alertmanager', { 'config.yml': config }, ({ directory, address }) => [
    `--config.file=${join(directory, 'config.yml')}`,
    `--storage.path=${join(directory, 'data')}`,
    `--web.listen-address=${address}`,
    // No gossip: it would take a port for everybody.
    '--cluster.listen-address=',
  ])
}

/**
 * @param {unknown} config of its configuration file
 * @param {Readonly<Record<string, unknown>>} [files] beside it: rule files
 * @returns {Promise<Served>}
 */
export function startAlerting(config, files = {}) {
  return serve('prometheus', { 'config.yml': config, ...files }, ({ directory, address }) => [
    `--config.file=${join(directory, 'config.yml')}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=${address}`,
    '--web.enable-lifecycle',
    '--storage.tsdb.retention.time=1h',
  ])
}

/**
 * @param {string} program
 * @param {Readonly<Record<string, unknown>>} files
 * @param {(at: {readonly directory: string, readonly address: string}) => readonly string[]} words
 * @returns {Promise<Served>}
 */
async function serve(program, files, words) {
  const directory = mkdtempSync(join(tmpdir(), `swarmkeeper-${program}-`))
  const write = (/** @type {string} */ name, /** @type {unknown} */ content) =>
    writeFileSync(join(directory, name), JSON.stringify(content, null, 2))
  for (const [name, content] of Object.entries(files)) write(name, content)
  mkdirSync(join(directory, 'data'))
  const address = `127.0.0.1:${await freePort()}`
  const url = `http://${address}`
  const log = join(directory, 'log')
  const ledger = join(directory, 'ledger')
  const running = start([program, ...words({ directory, address })], { name: program, log, ledger })
  await waitUntil(program, async () => (await fetch(`${url}/-/ready`)).ok, {
    giveUp: () => (running.alive() ? undefined : `it ended; see ${log}`),
  })
  return {
    url,
    configure: async (config) => {
      write('config.yml', config)
      const answer = await fetch(`${url}/-/reload`, { method: 'POST' })
      if (!answer.ok) throw new Error(`${program} refuses its configuration: ${await answer.text()}`)
    },
    dispose: async () => {
      await running.stop(2_000)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
