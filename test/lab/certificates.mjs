// @ts-check
// A certificate authority for one lab, to reach an engine as `tcp://` with TLS on both sides, as --tlsverify asks.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './processes.mjs'

/** @typedef {{key: string, cert: string}} KeyPair PEM */

/**
 * @param {string} dir a folder that it may fill
 * @returns {Promise<{ca: string, server: KeyPair, client: KeyPair, stranger: KeyPair}>} `stranger` is signed by nobody
 */
export async function createCertificates(dir) {
  mkdirSync(dir, { recursive: true })
  const ca = await selfSigned(dir, 'ca')
  const signed = (/** @type {string} */ name) =>
    make(dir, name, ['-CA', join(dir, 'ca.crt'), '-CAkey', join(dir, 'ca.key'), '-addext', extensions])
  const [server, client, stranger] = await Promise.all([
    signed('server'),
    signed('client'),
    selfSigned(dir, 'stranger'),
  ])
  return { ca: ca.cert, server, client, stranger }
}

const extensions = 'subjectAltName=IP:127.0.0.1,DNS:localhost'

/**
 * @param {string} dir
 * @param {string} name
 */
function selfSigned(dir, name) {
  return make(dir, name, [])
}

/**
 * @param {string} dir
 * @param {string} name
 * @param {readonly string[]} words
 * @returns {Promise<KeyPair>}
 */
async function make(dir, name, words) {
  const [key, cert] = [join(dir, `${name}.key`), join(dir, `${name}.crt`)]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  await run(['openssl', 'req', '-x509', ...curve, '-subj', `/CN=lab ${name}`, '-keyout', key, '-out', cert, ...words])
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}
