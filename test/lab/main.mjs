// @ts-check
// npm run lab: a lab to work with by hand, until Ctrl-C.
import { startLab } from './lab.mjs'
import { installMissing, missingForLab } from './requirements.mjs'

const words = process.argv.slice(2)
if (missingForLab().length > 0) await installMissing({ yes: words.includes('--yes') })
const lab = await startLab({
  nodes: words.filter((word) => word === 'worker' || word === 'manager'),
  say: (line) => console.log(`lab: ${line}`),
})
if (lab.missing) process.exit(1)

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

const alive = setInterval(() => {}, 2 ** 30)
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, async () => {
    console.log('lab: cleaning up')
    clearInterval(alive)
    await lab.dispose()
    process.exit(0)
  })
}
