// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what people write
import { describe, expect, it } from 'vitest'
import { partsOf } from '../../../src/model/id.ts'
import { errors, found, names, problems, STACK, shop, web } from './stack-world.ts'

describe('a Stack becomes the resources that `docker stack deploy` would make', () => {
  const files = {
    'compose.yaml': web(
      '    configs: [site]',
      '    secrets: [token]',
      '    volumes: [data:/data]',
      '    deploy: {placement: {constraints: [node.role == manager]}}',
      '  migrate:',
      '    image: migrate:3',
      '    deploy: {mode: replicated-job}',
      'volumes: {data: {}}',
      'networks: {default: {attachable: true}}',
      'configs: {site: {file: ./site.conf}}',
      'secrets: {token: {file: secret/token.txt, labels: {team: a}}}',
    ),
    'site.conf': 'one',
    'secret/token.txt': 'open sesame',
  }

  it('services, networks, configs and secrets, by the names that Docker gives them', async () => {
    const desired = await shop(files)
    expect(problems(desired)).toEqual([])
    expect(names(desired)).toEqual([
      'Config/shop_site_…',
      'Network/shop_default',
      'Secret/shop_token_…',
      'Service/shop_migrate',
      'Service/shop_web',
    ])
    expect(found(desired, 'Network/shop_default').spec).toMatchObject({ driver: 'overlay', attachable: true })
    expect(found(desired, 'Service/shop_migrate').spec).toMatchObject({ mode: 'replicated-job', completions: 1 })
  })

  it('with the labels by which the docker stack commands find them', async () => {
    const desired = await shop(files)
    const namespace = { 'com.docker.stack.namespace': 'shop' }
    expect(found(desired, 'Service/shop_web').spec).toMatchObject({
      labels: { ...namespace, 'com.docker.stack.image': 'nginx:1.27' },
      containerLabels: namespace,
      mounts: [{ source: 'shop_data', labels: namespace }],
    })
    expect(found(desired, 'Network/shop_default').spec.labels).toEqual(namespace)
    expect(found(desired, 'Config/shop_site_…').spec.labels).toEqual(namespace)
    expect(found(desired, 'Secret/shop_token_…').spec.labels).toEqual({ ...namespace, team: 'a' })
  })

  it('its services refer to the present generations, come after them, and change with them alone', async () => {
    const before = await shop(files)
    const after = await shop({ ...files, 'site.conf': 'two' })
    const config = (desired: typeof before) => partsOf(found(desired, 'Config/shop_site_…').id).name
    const service = found(before, 'Service/shop_web')
    expect(service.spec.configs).toMatchObject([{ name: config(before), target: 'site' }])
    expect(service.after).toContain(found(before, 'Config/shop_site_…').id)
    expect(config(after)).not.toBe(config(before))
    expect(found(after, 'Service/shop_web').spec.configs).toMatchObject([{ name: config(after) }])
    expect(found(after, 'Service/shop_web').digest).not.toBe(service.digest)
    for (const same of ['Service/shop_migrate', 'Secret/shop_token_…', 'Network/shop_default']) {
      expect(found(after, same).digest).toBe(found(before, same).digest)
    }
  })

  it('a name that leaves no room for a generation is shortened, and stays one of its own', async () => {
    const long = 'a'.repeat(50)
    const desired = await shop({
      'compose.yaml': web(
        `    configs: [${long}b, ${long}c]`,
        'configs:',
        `  ${long}b: {file: site.conf}`,
        `  ${long}c: {file: site.conf}`,
      ),
      'site.conf': 'one',
    })
    expect(errors(desired)).toEqual([])
    const { configs } = found(desired, 'Service/shop_web').spec
    const live = configs.map(({ name }: { name: string }) => name)
    expect(live.every((name: string) => /^shop_a+_[0-9a-f]{8}_[0-9a-f]{12}$/.test(name) && name.length === 64)).toBe(
      true,
    )
    expect(new Set(live).size).toBe(2)
    expect(configs.map(({ target }: { target: string }) => target)).toEqual([`${long}b`, `${long}c`])
  })

  it('the same compose file is two stacks under two names', async () => {
    const desired = await shop({ ...files, 'shop.yaml': `${STACK}---\n${STACK.replace('name: shop', 'name: blue')}` })
    expect(names(desired)).toEqual(expect.arrayContaining(['Service/shop_web', 'Service/blue_web']))
  })

  it('the same stack twice is refused where the newcomer stands', async () => {
    const desired = await shop({ ...files, 'second.yaml': STACK })
    expect(errors(desired)[0]).toMatch(/^shop\.yaml:\d+:\d+ \/name: prod\/\S+ is already declared at apps\/shop\//)
  })
})

describe('several files', () => {
  const two = { 'shop.yaml': STACK.replace('[compose.yaml]', '[compose.yaml, prod/over.yaml]') }

  it('are merged in their order, and paths in all of them are relative to the first', async () => {
    const desired = await shop({
      ...two,
      'compose.yaml': web('    configs: [a]', 'configs: {a: {file: a.conf}}'),
      'prod/over.yaml': 'services: {web: {image: "nginx:1.28", configs: [b]}}\nconfigs: {b: {file: b.conf}}',
      'a.conf': 'a',
      'b.conf': 'b',
    })
    expect(errors(desired)).toEqual([])
    expect(found(desired, 'Service/shop_web').spec).toMatchObject({
      image: 'nginx:1.28',
      configs: [{ target: 'a' }, { target: 'b' }],
    })
  })

  it('each value says where it was written, and a default that it is one', async () => {
    const desired = await shop({
      ...two,
      'compose.yaml': web('    environment: {A: b}', '    deploy: {replicas: 2}'),
      'prod/over.yaml': 'services:\n  web:\n    deploy: {replicas: 3}\n    user: nobody',
    })
    const { id, origin } = found(desired, 'Service/shop_web')
    const where = (field: string) => desired.where?.(id, field)
    expect(origin).toMatchObject({ path: 'apps/shop/prod/over.yaml', line: 2 })
    expect(where('image')).toEqual({ path: 'apps/shop/compose.yaml', line: 3, column: 5 })
    expect(where('replicas')).toEqual({ path: 'apps/shop/prod/over.yaml', line: 3, column: 14 })
    expect(where('env')).toMatchObject({ path: 'apps/shop/compose.yaml', line: 4 })
    expect(where('user')).toMatchObject({ path: 'apps/shop/prod/over.yaml', line: 4 })
    expect(where('healthcheck')).toBeUndefined()
  })

  it('what is wrong stands where it was written, also in a list that was put together', async () => {
    const desired = await shop({
      ...two,
      'compose.yaml': web('    volumes: [z:/z, ./b:/b]', 'volumes: {z: {}}'),
      'prod/over.yaml': 'services:\n  web:\n    volumes:\n      - none:/a\n    secrets:\n      - nothing',
    })
    expect(errors(desired)).toEqual([
      "compose.yaml:4:21 /services/web/volumes/1: the bind mount of 'apps/shop/b' has no absolute path of the node: what the repository holds goes to the nodes as a config, what a service keeps into a volume",
      "prod/over.yaml:4:9 /services/web/volumes/0: no volume 'none' is declared under the top-level 'volumes'",
      "prod/over.yaml:6:9 /services/web/secrets/0: no secret 'nothing' is declared under the top-level 'secrets'",
    ])
  })

  it('in the file that has the item, also where another one has one with its number', async () => {
    const desired = await shop({
      ...two,
      'compose.yaml': web(
        '    ports: [{target: 80, published: 90, protocol: icmp}]',
        '    secrets: [wrong]',
        '    deploy: {placement: {constraints: [nonsense]}}',
      ),
      'prod/over.yaml':
        'services:\n  web:\n    ports: ["80:80"]\n    secrets: [right]\n    deploy: {placement: {constraints: [a == b, worse]}}\nsecrets: {right: {external: true}}',
    })
    expect(errors(desired).map((line) => line.replace(/(\d) .*: /, '$1: '))).toEqual([
      "compose.yaml:4:13: 'icmp' is not tcp, udp or sctp",
      "compose.yaml:5:15: no secret 'wrong' is declared under the top-level 'secrets'",
      "compose.yaml:6:40: 'nonsense' is not a constraint like node.role == worker",
      "prod/over.yaml:5:48: 'worse' is not a constraint like node.role == worker",
    ])
  })

  it('a relative path that a later file replaces is none of ours', async () => {
    const desired = await shop({
      ...two,
      'compose.yaml': web('    volumes: [./data:/data]'),
      'prod/over.yaml': 'services: {web: {volumes: ["/srv/data:/data"]}}',
    })
    expect(errors(desired)).toEqual([])
  })
})

describe('variables', () => {
  const compose = { 'compose.yaml': 'services:\n  web:\n    image: nginx:${TAG}\n    user: ${WHO:-nobody}${WHAT}' }
  const stack = (lines: string) => ({ 'shop.yaml': STACK + lines })

  it('come from the env file, by its path in the repository', async () => {
    const good = await shop({
      ...compose,
      ...stack('envFile: ../../env/shop.env\n'),
      '/env/shop.env': 'TAG=1.27\nWHAT=x',
    })
    expect(errors(good)).toEqual([])
    expect(found(good, 'Service/shop_web').spec).toMatchObject({ image: 'nginx:1.27', user: 'nobodyx' })
  })

  it('without a value are errors, each at its place', async () => {
    expect(errors(await shop(compose))).toEqual([
      "compose.yaml:3:18 /services/web/image: the variable 'TAG' is not set",
      "compose.yaml:4:25 /services/web/user: the variable 'WHAT' is not set",
    ])
  })

  it('`unset: blank` makes them empty, as Docker does', async () => {
    const desired = await shop({ ...compose, ...stack('unset: blank\n') })
    expect(errors(desired)).toEqual([
      "compose.yaml:3:5 /services/web/image: 'nginx:' is not an image reference; like registry.example:5000/name:tag",
    ])
  })

  it('those of the Fleet are for documents, not for compose files; nor is the environment of the process', async () => {
    const fleet = { '/swarmkeeper.yaml': 'kind: Fleet\nversion: 1\nvars: v.env\n', '/v.env': 'TAG=1\nFILE=a.env\n' }
    const files = { ...fleet, ...stack('envFile: ${FILE}\n'), 'a.env': 'WHAT=x\n' }
    expect(errors(await shop({ ...compose, ...files }))).toEqual([
      "compose.yaml:3:18 /services/web/image: the variable 'TAG' is not set",
    ])
    expect(process.env.PATH).toBeDefined()
    expect(errors(await shop({ 'compose.yaml': 'services: {web: {image: "a:${PATH}"}}' }))).toHaveLength(1)
  })

  it('what is wrong with the env file is said in it', async () => {
    const desired = await shop({ ...compose, ...stack('envFile: a.env\n'), 'a.env': 'TAG="1"\nWHAT\n' })
    expect(problems(desired)).toEqual(
      expect.arrayContaining([
        "a.env:1:1 warning: the quotes are part of the value of 'TAG', as docker reads env files",
        "a.env:2:1 the line has no '='; write NAME=value",
      ]),
    )
  })
})

describe('what is external', () => {
  const compose = (more: string) => ({
    'compose.yaml': web('    secrets: [db]', '    networks: [front]', 'networks: {front: {external: true}}', more),
  })
  const external = compose('secrets: {db: {external: true, name: db-password}}')

  it('must exist, where no document declares it', async () => {
    const desired = await shop(external)
    expect(errors(desired)).toEqual([])
    expect(names(desired)).toEqual(['Service/shop_web'])
    expect(found(desired, 'Service/shop_web').spec.secrets).toMatchObject([{ name: 'db-password', target: 'db' }])
  })

  it('is the present generation of a declared secret, and the declared network, also those of another app', async () => {
    const desired = await shop({
      ...external,
      'apps/base/base.yaml':
        'kind: Secret\nname: db-password\nfile: p.txt\n---\nkind: Network\nname: front\ndriver: overlay\n',
      'apps/base/p.txt': 'open sesame',
    })
    expect(errors(desired)).toEqual([])
    const secret = found(desired, 'Secret/db-password_…', 'base')
    const service = found(desired, 'Service/shop_web')
    expect(service.spec.secrets).toMatchObject([{ name: partsOf(secret.id).name }])
    expect(service.after).toEqual([found(desired, 'Network/front', 'base').id, secret.id])
    expect(desired.apps.get('shop')?.dependsOnApps).toEqual(['base'])
  })

  it('is the present generation of what another stack declares', async () => {
    const desired = await shop({
      'compose.yaml': web('    configs: [c]', 'configs: {c: {external: true, name: other_c}}'),
      'other.yaml': 'kind: Stack\nname: other\ncompose: [other.compose.yml]\n',
      'other.compose.yml': 'configs: {c: {file: c.conf}}',
      'c.conf': 'c',
    })
    expect(errors(desired)).toEqual([])
    expect(found(desired, 'Service/shop_web').spec.configs[0].name).toMatch(/^other_c_[0-9a-f]{12}$/)
  })

  it('may be named by many stacks', async () => {
    const desired = await shop({
      ...external,
      'two.yaml': 'kind: Stack\nname: two\ncompose: [compose.yaml]\n',
    })
    expect(errors(desired)).toEqual([])
  })
})

describe('`keeper`', () => {
  const keeper = (text: string) => ({ 'shop.yaml': `${STACK}keeper: ${text}\n` })
  const compose = { 'compose.yaml': web('  db:', '    image: postgres:16') }

  it('is that of every resource of the stack', async () => {
    const desired = await shop({ ...compose, ...keeper('{adopt: true, drift: report, bake: 1m, prune: keep}') })
    for (const { handling } of desired.apps.get('shop')?.wanted ?? []) {
      expect(handling).toMatchObject({ adopt: 'stamp', drift: 'report', bakeMs: 60_000, prune: 'keep' })
    }
  })

  it('checks are asked after its services, under the name of the stack', async () => {
    const check = '{checks: [{tcp: {host: 127.0.0.1, port: 80}}]}'
    const desired = await shop({ ...compose, ...keeper(check) })
    expect(errors(desired)).toEqual([])
    const checks = (name: string) => found(desired, name).handling.checks.map((one) => one.name)
    expect(checks('Network/shop_default')).toEqual([])
    expect(checks('Service/shop_db')).toEqual(['shop check 1'])
    expect(checks('Service/shop_web')).toEqual(['shop check 1'])
  })

  it('a mistake in it is said once, in the document', async () => {
    const desired = await shop({ ...compose, ...keeper('{dependsOn: [Service/nothing]}') })
    expect(errors(desired)).toEqual(["shop.yaml:4:22 /keeper/dependsOn/0: no document declares 'Service/nothing'"])
  })

  it('a misspelt Stack is told by its name', async () => {
    const desired = await shop({ ...compose, ...keeper('{dependsOn: [Stack/shpo]}') })
    expect(errors(desired)).toEqual([
      "shop.yaml:4:22 /keeper/dependsOn/0: no document declares 'Stack/shpo'; did you mean 'Stack/shop'?",
    ])
  })

  it('dependsOn a Stack means everything of it that runs', async () => {
    const desired = await shop({
      ...compose,
      'late.yaml': 'kind: Service\nname: late\nimage: a:1\nkeeper: {dependsOn: [Stack/shop]}\n',
    })
    expect(errors(desired)).toEqual([])
    expect(found(desired, 'Service/late').after).toEqual(['prod/Service/shop_db', 'prod/Service/shop_web'])
  })
})

describe('what Swarm does not do is a warning, what it refuses an error', () => {
  it('with what to use instead, in the compose file', async () => {
    const desired = await shop({ 'compose.yaml': web('    restart: always', '    build: .', '    depends_on: [db]') })
    expect(problems(desired)).toEqual([
      expect.stringMatching(/^compose\.yaml:4:5 warning: \/services\/web\/restart: .*deploy\.restart_policy/),
      expect.stringMatching(/^compose\.yaml:5:5 warning: \/services\/web\/build: .*push/),
      expect.stringMatching(/^compose\.yaml:6:5 warning: \/services\/web\/depends_on: /),
    ])
  })

  it('hazards of a Service are those of a stack, at the keys of the compose file', async () => {
    const desired = await shop({
      'compose.yaml': [
        'services:',
        '  web:',
        '    image: nginx',
        '    volumes: [data:/data]',
        '    deploy: {replicas: 2, update_config: {order: start-first}}',
        'volumes: {data: {}}',
      ].join('\n'),
    })
    expect(problems(desired).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'compose.yaml:3:5 warning: /services/web/image:',
      'compose.yaml:4:5 warning: /services/web/volumes:',
      'compose.yaml:5:14 warning: /services/web/deploy/replicas:',
      'compose.yaml:5:43 warning: /services/web/deploy/update_config/order:',
    ])
  })

  it.each([
    [
      'a service name that is too long',
      { 'compose.yaml': `services: {${'w'.repeat(60)}: {image: "a:1"}}` },
      /Swarm takes 63/,
    ],
    [
      'a config without content',
      { 'compose.yaml': `${web()}\nconfigs: {a: {}}` },
      /compose\.yaml:4:11 .*external: true/,
    ],
    [
      'a secret that is not there',
      { 'compose.yaml': `${web()}\nsecrets: {a: {file: a.txt}}` },
      /compose\.yaml:4:15 .*no file 'apps\/shop\/a\.txt'/,
    ],
    [
      'a file of the machine',
      { 'compose.yaml': `${web()}\nsecrets: {a: {file: /etc/passwd}}` },
      /'\/etc\/passwd' is absolute/,
    ],
    [
      'a file above the repository',
      { 'compose.yaml': `${web()}\nsecrets: {a: {file: ../../../etc/passwd}}` },
      /'\.\.\/\.\.\/\.\.\/etc\/passwd' leaves the repository/,
    ],
    [
      'a folder above the repository',
      { 'compose.yaml': web('    volumes: ["../../../data:/data"]') },
      /bind mount of '\.\.\/data' has no absolute path of the node/,
    ],
    ['a home folder', { 'compose.yaml': web('    volumes: ["~/data:/data"]') }, /no absolute path of the node/],
    [
      'what Swarm refuses',
      { 'compose.yaml': web('    deploy: {placement: {constraints: [nonsense]}}') },
      /compose\.yaml:4:\d+ .*not a constraint/,
    ],
    [
      'updates of a job',
      { 'compose.yaml': web('    deploy: {mode: global-job, update_config: {parallelism: 1}}') },
      /a job may not carry update_config/,
    ],
    [
      'a compose file that is not there',
      {},
      /shop\.yaml:3:11 \/compose\/0: there is no file 'apps\/shop\/compose\.yaml'/,
    ],
    [
      'an env file of a service that is not there',
      { 'compose.yaml': web('    env_file: [a.env]') },
      /compose\.yaml:4:16 .*there is no file 'a\.env'/,
    ],
  ])('%s', async (_, files, message) => {
    const desired = await shop(files)
    expect(errors(desired).join('\n')).toMatch(message)
    expect(desired.apps.get('shop')?.broken).toBe(true)
  })

  it('everything that is wrong is said at once', async () => {
    const desired = await shop({
      'compose.yaml': web('    volumes: [none:/a]', '    networks: [nowhere]', '  b: {image: "b:1", secrets: [s]}'),
    })
    expect(errors(desired)).toHaveLength(3)
  })
})
