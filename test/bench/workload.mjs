// @ts-check
// What both sides bring about: on every host one folder and twenty workers, each a unit with a file of settings. Their
// texts are the same to the byte, which the bench proves; see ansible/templates for the other side's.

export const HOSTS = 8
export const WORKERS = 20
const LASTS = '86400'

/** @typedef {{name: string, port: number, threads: number}} Worker */

/** @type {readonly Worker[]} */
const workers = Array.from({ length: WORKERS }, (_, at) => ({
  name: `worker-${String(at + 1).padStart(2, '0')}`,
  port: 9000 + at,
  threads: 1 + (at % 4),
}))

export const unitNames = workers.map(({ name }) => `${name}.service`)

/** The variables of the playbook. */
export const variables = { workers, lasts: LASTS }

/** @param {Worker} worker */
function settingsOf({ name, port, threads }) {
  return `# Settings of ${name}\nNAME=${name}\nPORT=${port}\nTHREADS=${threads}\nLASTS=${LASTS}\n`
}

/** @param {Worker} worker */
function unitOf({ name, threads }) {
  return `[Unit]
Description=Worker ${name}, ${threads} threads
After=network.target

[Service]
Type=exec
EnvironmentFile=/etc/bench/${name}.env
ExecStart=/usr/bin/sleep \${LASTS}
Restart=on-failure
RestartSec=2s

[Install]
WantedBy=multi-user.target
`
}

/**
 * The same as a config repository: eight `Host` documents, and one document for each thing on all of them.
 * @param {readonly import('../lab/host.mjs').Host[]} hosts
 * @returns {Record<string, string>}
 */
export function repositoryOf(hosts) {
  return {
    'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
    'targets/hosts.yaml': documents(
      hosts.map((host) => ({
        kind: 'Host',
        name: host.name,
        address: host.address,
        user: 'root',
        hostKey: host.hostKey(),
        credential: 'fleet-key',
        labels: { role: 'worker' },
      })),
    ),
    'apps/workers/folder.yaml': documents([
      { kind: 'Directory', name: 'settings', hosts: WORKER_HOSTS, path: '/etc/bench', mode: '0755' },
    ]),
    ...Object.fromEntries(workers.flatMap(filesOf)),
  }
}

const WORKER_HOSTS = { role: 'worker' }

/**
 * @param {Worker} worker
 * @returns {[path: string, content: string][]}
 */
function filesOf(worker) {
  const { name } = worker
  const folder = 'apps/workers'
  const settings = {
    kind: 'File',
    name: `${name}-env`,
    hosts: WORKER_HOSTS,
    path: `/etc/bench/${name}.env`,
    file: `${name}.env`,
    mode: '0640',
  }
  const unit = {
    kind: 'Unit',
    name: `${name}.service`,
    hosts: WORKER_HOSTS,
    file: `${name}.service`,
    enabled: true,
    state: 'running',
    restartOn: [`File/${name}-env`],
    keeper: { stableFor: '0s' }, // active is proven, and not waited for longer: nor does the other side
  }
  return [
    [`${folder}/${name}.yaml`, documents([settings, unit])],
    [`${folder}/${name}.env`, settingsOf(worker)],
    [`${folder}/${name}.service`, unitOf(worker)],
  ]
}

/** JSON is YAML. @param {readonly object[]} all */
function documents(all) {
  return all.map((one) => `${JSON.stringify(one, undefined, 2)}\n`).join('---\n')
}
