// @ts-check
// Makes a Swarm of the lab's engines. Each has its own network namespace, so the usual ports are free there.

/**
 * @typedef {object} Swarm
 * @property {string} id
 * @property {string} remote address:port at which nodes join
 * @property {(engine: import('./engine.mjs').Engine, role: 'manager' | 'worker') => Promise<string>} join the node's id
 * @property {(node: string, change: {role?: 'manager' | 'worker', availability?: 'active' | 'pause' | 'drain', labels?: Record<string, string>}) => Promise<void>} updateNode
 */

/**
 * @typedef {object} SwarmOptions
 * @property {number} [port] of the control plane, default 2377
 * @property {number} [dataPathPort] of vxlan, default 4789
 * @property {number} [heartbeatSeconds] a node counts as down after about three missed ones; default 5, as Swarm's
 * @property {string} [addressPool] of overlay networks, default 10.32.0.0/12 in subnets of 256
 */

/**
 * @param {import('./engine.mjs').Engine} engine
 * @param {SwarmOptions} [options]
 * @returns {Promise<Swarm>}
 */
export async function initSwarm(engine, options = {}) {
  const remote = `${engine.address}:${options.port ?? 2377}`
  await engine.call('POST', '/swarm/init', {
    body: {
      ListenAddr: remote,
      AdvertiseAddr: remote,
      DataPathPort: options.dataPathPort ?? 4789,
      DefaultAddrPool: [options.addressPool ?? '10.32.0.0/12'],
      SubnetSize: 24,
      Spec: { Dispatcher: { HeartbeatPeriod: (options.heartbeatSeconds ?? 5) * 1e9 } },
    },
  })
  const swarm = await engine.call('GET', '/swarm')
  return {
    id: swarm.ID,
    remote,
    join: (joining, role) => join(engine, { joining, role, remote }),
    updateNode: nodeUpdater(engine),
  }
}

/**
 * @param {import('./engine.mjs').Engine} engine
 * @param {{joining: import('./engine.mjs').Engine, role: 'manager' | 'worker', remote: string}} options
 * @returns {Promise<string>}
 */
async function join(engine, { joining, role, remote }) {
  const { JoinTokens: tokens } = await engine.call('GET', '/swarm')
  const own = `${joining.address}:${remote.split(':')[1] ?? '2377'}`
  await joining.call('POST', '/swarm/join', {
    body: {
      ListenAddr: own,
      AdvertiseAddr: own,
      RemoteAddrs: [remote],
      JoinToken: role === 'manager' ? tokens.Manager : tokens.Worker,
    },
  })
  const info = await joining.call('GET', '/info')
  return info.Swarm.NodeID
}

/**
 * Swarm writes node objects by itself (heartbeats, reachability), so a version conflict is read again and repeated.
 * @param {import('./engine.mjs').Engine} engine
 * @returns {Swarm['updateNode']}
 */
function nodeUpdater(engine) {
  return async (id, change) => {
    for (let attempt = 1; ; attempt += 1) {
      const node = await engine.call('GET', `/nodes/${id}`)
      const body = {
        ...node.Spec,
        ...(change.role === undefined ? {} : { Role: change.role }),
        ...(change.availability === undefined ? {} : { Availability: change.availability }),
        ...(change.labels === undefined ? {} : { Labels: change.labels }),
      }
      const answer = await engine.request('POST', `/nodes/${id}/update?version=${node.Version.Index}`, { body })
      if (answer.status < 400) return
      if (attempt === 5 || !/out of sequence/.test(String(answer.body))) throw new Error(`node ${id}: ${answer.body}`)
    }
  }
}
