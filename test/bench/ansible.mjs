// @ts-check
// The other side: ansible-playbook with what makes it fast, pipelining and connections that are kept.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../lab/processes.mjs'
import { HOSTS, variables } from './workload.mjs'

/**
 * `check` and `apply` give how long they took, in milliseconds, and throw where Ansible did not do what it was to do.
 * @typedef {object} Ansible
 * @property {() => Promise<void>} connect its connections are there before anything is measured, and stay
 * @property {() => Promise<number>} check of hosts that are as the playbook wants them
 * @property {() => Promise<number>} apply to hosts that have nothing of it
 * @property {() => Promise<void>} dispose
 */

const endWithUs = ['setpriv', '--pdeathsig', 'KILL', '--']

/** @returns {Promise<string | undefined>} its version; undefined: it is not installed */
export async function ansibleVersion() {
  const said = await run(['ansible-playbook', '--version']).catch(() => undefined)
  return said?.split('\n')[0]
}

/**
 * @param {{dir: string, hosts: import('../lab/hosts.mjs').Hosts}} options
 * @returns {Promise<Ansible>}
 */
export async function createAnsible({ dir, hosts }) {
  mkdirSync(dir)
  // a socket has no room for a long path
  const sockets = join('/tmp', `bench-${process.pid}`)
  mkdirSync(sockets, { mode: 0o700 })
  const known = hosts.all.map(({ address, hostKey }) => `${address} ${hostKey()}\n`).join('')
  writeFileSync(join(dir, 'known_hosts'), known)
  writeFileSync(join(dir, 'inventory.json'), JSON.stringify(inventoryOf(hosts)))
  writeFileSync(join(dir, 'ansible.cfg'), configOf({ dir, sockets }))
  const playbook = join(import.meta.dirname, 'ansible/playbook.yml')
  const env = { ...process.env, HOME: dir, ANSIBLE_CONFIG: join(dir, 'ansible.cfg'), LC_ALL: 'C.UTF-8' }

  /** @param {readonly string[]} options @param {RegExp} wrong */
  const play = async (options, wrong) => {
    const begin = performance.now()
    const said = await run([...endWithUs, 'ansible-playbook', ...options, playbook], { env, timeoutMs: 1_800_000 })
    const ms = performance.now() - begin
    const recap = said.split('PLAY RECAP')[1] ?? ''
    if (recap === '' || wrong.test(recap)) throw new Error(`Ansible did not do what it was to do:\n${recap}`)
    return ms
  }
  return {
    connect: async () =>
      void (await run(['ansible', 'workers', '-m', 'ansible.builtin.ping'], { env, timeoutMs: 120_000 })),
    check: () => play(['--check', '--diff'], /(changed|unreachable|failed)=[1-9]/),
    apply: () => play([], /(unreachable|failed)=[1-9]|changed=0/),
    dispose: async () => {
      for (const { address } of hosts.all) {
        const words = ['ssh', '-o', `ControlPath=${sockets}/%C`, '-O', 'exit', `root@${address}`]
        await run(words).catch(() => {})
      }
      rmSync(sockets, { recursive: true, force: true })
    },
  }
}

/** @param {import('../lab/hosts.mjs').Hosts} hosts */
function inventoryOf({ all, keyFile }) {
  const vars = {
    ansible_user: 'root',
    ansible_ssh_private_key_file: keyFile,
    ansible_python_interpreter: '/usr/bin/python3', // looks for none
    ...variables,
  }
  const hosts = Object.fromEntries(all.map(({ name, address }) => [name, { ansible_host: address }]))
  return { all: { children: { workers: { hosts, vars } } } }
}

/** @param {{dir: string, sockets: string}} places */
function configOf({ dir, sockets }) {
  return `[defaults]
inventory = ${dir}/inventory.json
forks = ${HOSTS}
host_key_checking = true
retry_files_enabled = false
local_tmp = ${dir}/tmp

[ssh_connection]
pipelining = true
control_path = ${sockets}/%%C
ssh_args = -F /dev/null -C -o ControlMaster=auto -o ControlPersist=600s -o UserKnownHostsFile=${dir}/known_hosts
`
}
