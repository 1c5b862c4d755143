// @ts-check
// Small images made without any network: a static busybox and one program whose environment says how it behaves.
// All share one layer; an image is a configuration on top of it. A service may override every variable.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { staticBusybox } from './requirements.mjs'
import { packTar } from './tar.mjs'

/**
 * How a test image behaves.
 *
 * - `VERSION`: answered by `/`, `/version` and `/status.json` (with the host name); `/env` lists the environment, and
 *   `/root/…` serves any file of the container, e.g. `/root/run/secrets/token`
 * - `MODE`: `serve` (default, port `PORT` or 8080), `crash` (20 log lines, then ends with `EXIT_CODE` or 1) or `job`
 *   (appends its version to /var/runs/log, waits `RUN_SECONDS`, ends with `EXIT_CODE` or 0)
 * - `START_DELAY`: seconds before it listens, fails or works
 * - `HEALTH`: `bad` makes the health check of `web` images fail; `SICK_AFTER`: from that many seconds on
 * - `STOP_CODE`: the exit code when it is told to stop, 0 by default. A task whose unhealthy container ends with 0 is
 *   `complete` without an error, with another code `failed` and says why; `web:sick` has 143
 * - `CRASH_AFTER`: a serving app ends with `EXIT_CODE` or 1 after that many seconds
 *
 * @typedef {object} ImageSpec
 * @property {Readonly<Record<string, string>>} [env]
 * @property {boolean} [healthcheck] every second
 * @property {readonly string[]} [command] instead of the program
 * @property {readonly string[]} [entrypoint] goes before whatever command a service has
 * @property {Readonly<Record<string, string>>} [labels]
 * @property {readonly string[]} [volumes] paths that the image declares as volumes
 */

const program = `#!/bin/sh
say() { echo "$(date -u +%H:%M:%S) \${VERSION:-0}: $*"; }
rest() { sleep "$1" & wait $!; }
trap 'say "stopped by a signal"; exit "\${STOP_CODE:-0}"' TERM INT
date +%s > /tmp/started
say "starting as \${MODE:-serve}"
[ -n "$START_DELAY" ] && rest "$START_DELAY"
case "\${MODE:-serve}" in
crash)
  for line in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19; do say "step $line of 19"; done
  say "fatal: cannot open the database" >&2
  exit "\${EXIT_CODE:-1}" ;;
job)
  mkdir -p /var/runs && echo "\${VERSION:-0}" >> /var/runs/log
  rest "\${RUN_SECONDS:-0}"
  say "job done"
  exit "\${EXIT_CODE:-0}" ;;
esac
www=/tmp/www
mkdir -p "$www"
ln -sfn / "$www/root"
env | sort > "$www/env"
echo "\${VERSION:-0}" > "$www/version"
echo "{\\"version\\": \\"\${VERSION:-0}\\", \\"host\\": \\"$(hostname)\\", \\"ready\\": true}" > "$www/status.json"
cp "$www/version" "$www/index.html"
httpd -f -vv -p "\${PORT:-8080}" -h "$www" &
server=$!
say "listening on \${PORT:-8080}"
if [ -n "$CRASH_AFTER" ]; then rest "$CRASH_AFTER"; say "fatal: crashed after $CRASH_AFTER s" >&2; exit "\${EXIT_CODE:-1}"; fi
wait $server
`

// No -T: the static busybox of Debian 12 ends in a segmentation fault with it.
const healthProbe = `#!/bin/sh
[ "$HEALTH" = bad ] && { echo "health: told to be bad"; exit 1; }
if [ -n "$SICK_AFTER" ] && [ "$(($(date +%s) - $(cat /tmp/started)))" -ge "$SICK_AFTER" ]; then
  echo "health: sick since $SICK_AFTER s"; exit 1
fi
wget -q -O /dev/null "http://127.0.0.1:\${PORT:-8080}/version"
`

const applets =
  'sh cat cp date echo env false grep hostname httpd id kill ln ls mkdir nc nslookup ping ps rm sleep sort tail test timeout touch true wc wget ['

/** The images that a lab's registry holds from the start, as `repository:tag`. @type {Readonly<Record<string, ImageSpec>>} */
export const standardImages = {
  'app:1': { env: { VERSION: '1' } },
  'app:2': { env: { VERSION: '2' } },
  'app:3': { env: { VERSION: '3' } },
  'app:crash': { env: { VERSION: 'crash', MODE: 'crash' } },
  'app:slow': { env: { VERSION: 'slow', START_DELAY: '5' } },
  'web:1': { env: { VERSION: '1' }, healthcheck: true },
  'web:2': { env: { VERSION: '2' }, healthcheck: true },
  'web:sick': { env: { VERSION: 'sick', HEALTH: 'bad', STOP_CODE: '143' }, healthcheck: true },
  'job:1': { env: { VERSION: '1', MODE: 'job' } },
  'job:2': { env: { VERSION: '2', MODE: 'job' } },
  'job:fail': { env: { VERSION: 'fail', MODE: 'job', EXIT_CODE: '3' } },
}

/** @typedef {{tar: Buffer, diffId: string, gzip: Buffer, digest: string}} Layer */

/** @type {Layer | undefined} */
let cachedLayer

/** The one layer of all images. @returns {Layer} */
export function baseLayer() {
  if (cachedLayer) return cachedLayer
  const busybox = staticBusybox()
  if (busybox === undefined) throw new Error('no static busybox on this machine (Debian: busybox-static)')
  const tar = packTar([
    ...['bin/', 'etc/', 'var/', 'var/runs/', 'proc/', 'sys/', 'dev/', 'run/'].map((path) => ({ path })),
    { path: 'tmp/', mode: 0o1777 },
    { path: 'etc/passwd', content: 'root:x:0:0:root:/:/bin/sh\napp:x:1000:1000:app:/:/bin/sh\n' },
    { path: 'etc/group', content: 'root:x:0:\napp:x:1000:\n' },
    { path: 'bin/busybox', content: readFileSync(busybox), mode: 0o755 },
    ...applets.split(' ').map((applet) => ({ path: `bin/${applet}`, link: 'busybox' })),
    { path: 'bin/app', content: program, mode: 0o755 },
    { path: 'bin/health', content: healthProbe, mode: 0o755 },
  ])
  const gzip = gzipSync(tar, { level: 1 })
  cachedLayer = { tar, diffId: sha256(tar), gzip, digest: sha256(gzip) }
  return cachedLayer
}

/**
 * The image's configuration object, as a registry stores it.
 * @param {ImageSpec} spec
 * @param {string} architecture in Docker's words: amd64, arm64
 */
export function imageConfig(spec, architecture) {
  const env = Object.entries({ PATH: '/bin', ...spec.env }).map(([name, value]) => `${name}=${value}`)
  return {
    architecture,
    os: 'linux',
    created: '2024-01-01T00:00:00Z',
    config: {
      Env: env,
      Cmd: spec.command ?? (spec.entrypoint ? [] : ['/bin/app']),
      ...(spec.entrypoint === undefined ? {} : { Entrypoint: spec.entrypoint }),
      ExposedPorts: { '8080/tcp': {} },
      ...(spec.healthcheck ? { Healthcheck: healthcheck } : {}),
      ...(spec.labels === undefined ? {} : { Labels: spec.labels }),
      ...(spec.volumes === undefined ? {} : { Volumes: Object.fromEntries(spec.volumes.map((path) => [path, {}])) }),
    },
    rootfs: { type: 'layers', diff_ids: [baseLayer().diffId] },
    history: [{ created: '2024-01-01T00:00:00Z', created_by: 'lab' }],
  }
}

/**
 * Puts an image into an engine without a registry, as `docker import` does: such an image has no digest.
 * @param {import('./engine-client.mjs').EngineClient} engine
 * @param {string} reference
 * @param {ImageSpec} spec
 */
export async function importImage(engine, reference, spec) {
  const { config } = imageConfig(spec, nativeArchitecture())
  const changes = [
    ...Object.entries({ PATH: '/bin', ...spec.env }).map(([name, value]) => `ENV ${name}=${quoted(value)}`),
    `CMD ${JSON.stringify(config.Cmd)}`,
    'EXPOSE 8080',
    ...(spec.healthcheck ? ['HEALTHCHECK --interval=1s --timeout=3s --retries=2 CMD ["/bin/health"]'] : []),
    ...Object.entries(spec.labels ?? {}).map(([name, value]) => `LABEL ${name}=${quoted(value)}`),
    ...(spec.volumes ?? []).map((path) => `VOLUME ${path}`),
  ]
  const colon = reference.lastIndexOf(':')
  const query = new URLSearchParams({ fromSrc: '-', repo: reference.slice(0, colon), tag: reference.slice(colon + 1) })
  for (const change of changes) query.append('changes', change)
  await engine.call('POST', `/images/create?${query}`, { body: baseLayer().tar })
}

/**
 * A value in the words of a Dockerfile.
 * @param {string} value
 */
function quoted(value) {
  return `"${value.replace(/["\\$]/g, '\\$&')}"`
}

/** @returns {string} */
export function nativeArchitecture() {
  return process.arch === 'x64' ? 'amd64' : process.arch
}

/** @param {Uint8Array | string} bytes */
export function sha256(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

const healthcheck = { Test: ['CMD', '/bin/health'], Interval: 1e9, Timeout: 3e9, Retries: 2 }
