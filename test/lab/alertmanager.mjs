// @ts-check
// A real Alertmanager, alone on loopback, with a storage of its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tail } from './engine.mjs'
import { start } from './processes.mjs'
import { waitUntil } from './wait.mjs'

/**
 * @typedef {object} Alertmanager
 * @property {string} address `127.0.0.1:PORT`
 * @property {(config: unknown) => Promise<void>} configure another configuration, which it reads at once
 * @property {() => Promise<void>} dispose
 */

/**
 * @param {unknown} config of its configuration file; JSON is YAML
 * @returns {Promise<Alertmanager>}
 */
export async function startAlertmanager(config) {
  const directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-alertmanager-'))
  const file = join(directory, 'alertmanager.yml')
  const write = (/** @type {unknown} */ content) => writeFileSync(file, JSON.stringify(content, null, 2))
  write(config)
  mkdirSync(join(directory, 'data'))
  const address = `127.0.0.1:${await freePort()}`
  const words = [
    'prometheus-alertmanager',
    `--config.file=${file}`,
    `--storage.path=${join(directory, 'data')}`,
    `--web.listen-address=${address}`,
    // No gossip: it would take a port for everybody.
    '--cluster.listen-address=',
  ]
  const log = join(directory, 'log')
  const running = start(words, { name: 'alertmanager', log, ledger: join(directory, 'ledger') })
  await waitUntil('Alertmanager', async () => (await fetch(`http://${address}/-/ready`)).ok, {
    giveUp: () => (running.alive() ? undefined : `it ended; its log says:\n${tail(log)}`),
  })
  return {
    address,
    configure: async (content) => {
      write(content)
      const answer = await fetch(`http://${address}/-/reload`, { method: 'POST' })
      if (!answer.ok) throw new Error(`Alertmanager refuses its configuration: ${await answer.text()}`)
    },
    dispose: async () => {
      await running.stop(2_000)
      rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
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
