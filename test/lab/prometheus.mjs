// @ts-check
// A real Prometheus, alone on loopback, with a storage, a configuration and a folder of rules of its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tail } from './engine.mjs'
import { start } from './processes.mjs'
import { describeMissing, missingForPrometheus } from './requirements.mjs'
import { waitUntil } from './wait.mjs'

/**
 * @typedef {object} PrometheusOptions
 * @property {readonly string[]} [scrape] `host:port` of what it scrapes, beside itself
 * @property {string} [every] interval of scrapes and evaluations; default 1s
 * @property {string} [alertmanager] `host:port` that it sends alerts to
 * @property {string} [rules] folder whose `*.yaml` it reads; one of its own where it is not said
 * @property {readonly string[]} [flags] more of them
 */

/**
 * @typedef {object} Prometheus
 * @property {string} url
 * @property {string} address `127.0.0.1:PORT`
 * @property {number} pid
 * @property {string} rules the folder whose `*.yaml` it reads
 * @property {(query: string) => Promise<readonly {metric: Record<string, string>, value: [number, string]}[]>} query
 * @property {() => Promise<any>} loaded groups with their rules, as it lists them
 * @property {() => Promise<Response>} reload
 * @property {() => Promise<void>} restart on the same storage
 * @property {() => string} log
 * @property {() => Promise<void>} stop
 * @property {() => Promise<void>} dispose
 */

/**
 * For `describe.skipIf(!prometheusPossible())`: says loudly what is missing, or throws where a lab is required.
 * @returns {boolean}
 */
export function prometheusPossible() {
  const missing = missingForPrometheus()
  if (missing.length === 0) return true
  if (process.env.SWARMKEEPER_LAB === 'required') throw new Error(describeMissing(missing))
  console.error(`SKIPPED: Prometheus. ${describeMissing(missing)}`)
  return false
}

/**
 * @param {PrometheusOptions} [options]
 * @returns {Promise<Prometheus>}
 */
export async function startPrometheus(options = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-prometheus-'))
  const rules = options.rules ?? join(directory, 'rules')
  mkdirSync(rules, { recursive: true })
  const address = `127.0.0.1:${await freePort()}`
  const url = `http://${address}`
  const file = join(directory, 'prometheus.yml')
  writeFileSync(file, JSON.stringify(configuration({ ...options, rules, address }), null, 2))
  const words = [
    'prometheus',
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=${address}`,
    '--web.enable-lifecycle',
    ...(options.flags ?? []),
  ]
  const log = join(directory, 'log')
  const begin = async () => {
    const begun = start(words, { name: 'prometheus', log, ledger: join(directory, 'ledger') })
    await waitUntil('Prometheus', async () => (await fetch(`${url}/-/ready`)).ok, {
      giveUp: () => (begun.alive() ? undefined : `it ended; its log says:\n${tail(log)}`),
    })
    return begun
  }
  let running = await begin()
  const ask = async (/** @type {string} */ path) => {
    const { status, data, error } = /** @type {any} */ (await (await fetch(`${url}/api/v1/${path}`)).json())
    if (status !== 'success') throw new Error(`Prometheus says: ${error}`)
    return data
  }
  return {
    url,
    address,
    rules,
    get pid() {
      return running.pid
    },
    query: async (query) => (await ask(`query?query=${encodeURIComponent(query)}`)).result,
    loaded: async () => (await ask('rules')).groups,
    reload: () => fetch(`${url}/-/reload`, { method: 'POST' }),
    restart: async () => {
      await running.stop(5_000)
      running = await begin()
    },
    log: () => tail(log),
    stop: () => running.stop(5_000),
    dispose: async () => {
      await running.stop()
      rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
}

/**
 * JSON is YAML.
 * @param {PrometheusOptions & {rules: string, address: string}} options
 */
function configuration({ scrape = [], every = '1s', alertmanager, rules, address }) {
  const job = (/** @type {string} */ name, /** @type {readonly string[]} */ targets) => ({
    job_name: name,
    static_configs: [{ targets }],
  })
  const others = scrape.length === 0 ? [] : [job('scraped', scrape)]
  const alerting = { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] }
  return {
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    rule_files: [join(rules, '*.yaml')],
    scrape_configs: [job('prometheus', [address]), ...others],
    ...(alertmanager === undefined ? {} : { alerting }),
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
