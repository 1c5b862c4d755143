// @ts-check
// npm run lab: a lab to work with by hand, until Ctrl-C. `npm run lab -- hosts=3` adds hosts with systemd and sshd.
import { startHosts } from './hosts.mjs'
import { startLab } from './lab.mjs'
import { installMissing, missingForHosts, missingForLab } from './requirements.mjs'

const words = process.argv.slice(2)
const hostCount = Number(words.find((word) => word.startsWith('hosts='))?.slice('hosts='.length) ?? 0)
const find = hostCount > 0 ? missingForHosts : missingForLab
if (find().length > 0) await installMissing({ yes: words.includes('--yes'), find })
const lab = await startLab({
  nodes: words.filter((word) => word === 'worker' || word === 'manager'),
  say: (line) => console.log(`lab: ${line}`),
})
if (lab.missing) process.exit(1)

const hosts =
  hostCount > 0 ? await startHosts({ count: hostCount, say: (line) => console.log(`lab: ${line}`) }) : undefined
const repository = await lab.git.create('config')
await repository.commit({ 'fleet.yaml': 'kind: Fleet\nname: lab\n' }, { message: 'An empty fleet' })
console.log(`
A Swarm of ${lab.engines.length} (more: npm run lab -- worker manager), a registry and a git server. Ctrl-C ends them.

  export DOCKER_HOST=${lab.dockerHost}
  git clone ${repository.url}          (push works as well)
  images: ${lab.registry.host}/app:1 app:2 app:3 app:crash app:slow web:1 web:2 web:sick job:1 job:2 job:fail
  registry from this machine: ${lab.registry.url}
  ports published with mode=host: ${lab.engines.map((engine) => `${engine.name} ${engine.address}`).join(', ')}
  logs and data: ${lab.dir}

  docker service create --name web --publish mode=host,published=18080,target=8080 ${lab.registry.reference('web:1')}
  curl http://${lab.address}:18080/status.json
`)
if (hosts) {
  const login = (/** @type {{address: string}} */ host) => `ssh -i ${hosts.keyFile} deploy@${host.address}`
  console.log(`Hosts (users ${Object.keys(hosts.users).join(', ')}):`)
  for (const host of hosts.all) console.log(`  ${host.name}  ${login(host)}\n          hostKey: ${host.hostKey()}`)
}

const alive = setInterval(() => {}, 2 ** 30)
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, async () => {
    console.log('lab: cleaning up')
    clearInterval(alive)
    await hosts?.dispose()
    await lab.dispose()
    process.exit(0)
  })
}
