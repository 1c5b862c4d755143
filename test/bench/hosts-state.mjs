// @ts-check
// What stands on the hosts, asked and taken back beside both sides: not through their connections.
import { createHash } from 'node:crypto'
import { unitNames } from './workload.mjs'

/** @typedef {import('../lab/host.mjs').Host} Host */

/**
 * Nothing of either side is left.
 * @param {readonly Host[]} hosts
 */
export async function resetHosts(hosts) {
  const units = unitNames.join(' ')
  const script = `
systemctl stop ${units} 2>/dev/null
systemctl disable --quiet ${units} 2>/dev/null
cd /etc/systemd/system && rm -f ${units}
rm -rf /etc/bench /var/lib/swarmkeeper
systemctl daemon-reload
systemctl reset-failed ${units} 2>/dev/null
! systemctl list-units --all --plain --no-legend 'worker-*' | grep .`
  await Promise.all(hosts.map((host) => host.run(['sh', '-c', script])))
}

/**
 * Throws unless every unit is active on every host.
 * @param {readonly Host[]} hosts
 */
export async function requireActive(hosts) {
  const words = ['systemctl', 'is-active', '--', ...unitNames]
  await Promise.all(
    hosts.map(async (host) => {
      const states = (await host.run(words)).trim().split('\n')
      if (states.length !== unitNames.length || states.some((state) => state !== 'active')) {
        throw new Error(`${host.name}: not all units are active: ${states.join(' ')}`)
      }
    }),
  )
}

/**
 * One digest for all that was asked for: contents, owners, modes, and what is enabled and active.
 * @param {readonly Host[]} hosts
 */
export async function stateOf(hosts) {
  const units = unitNames.join(' ')
  const script = `
cd /etc/systemd/system && sha256sum ${units} /etc/bench/*
stat -c '%n %F %U %G %a' ${units} /etc/bench /etc/bench/*
systemctl is-enabled ${units}
systemctl is-active ${units}
systemctl show -p Id,FragmentPath,EnvironmentFiles ${units}`
  const states = await Promise.all(hosts.map((host) => host.run(['sh', '-c', script])))
  return createHash('sha256').update(states.join('\n')).digest('hex')
}
