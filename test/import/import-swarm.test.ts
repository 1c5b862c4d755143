import { describe, expect, it } from 'vitest'
import { config, DIGEST, fileOf, importFrom, network, STACK, service, stackService } from './import-world.ts'

describe('what compose v3 cannot say', () => {
  it('stands in a Service document of the same app, and the rest of the stack stays together', async () => {
    const report = await importFrom({
      services: [stackService('shop', 'web'), stackService('shop', 'db', { groups: ['100'] })],
    })
    expect(report.notes).toEqual([{ subject: 'Service/shop_db', message: 'it would change /groups' }])
    expect(fileOf(report, 'apps/shop/compose.yaml')).not.toContain('db')
    expect(fileOf(report, 'apps/shop/shop_db.yaml')).toContain('groups:')
    expect(report.counts).toMatchObject({ stacks: 1, services: 2, networks: 1 })
  })

  it('an image that was changed by hand after the deployment', async () => {
    const changed = stackService('shop', 'web', { image: `hello:2@${DIGEST}` })
    const report = await importFrom({ services: [changed] })
    expect(report.notes).toMatchObject([{ message: 'it would change /image' }])
    expect(fileOf(report, 'apps/shop/shop_web.yaml')).toContain('image: hello:2\n')
  })

  it('an image without a digest, which no registry is asked about', async () => {
    const report = await importFrom({ services: [stackService('shop', 'web', { image: 'hello:1' })] })
    expect(fileOf(report, 'apps/shop/shop_web.yaml')).toContain('resolve: never')
  })

  it('a network with more than a subnet is a document, to which the compose file refers', async () => {
    const pool = { subnet: '172.30.0.0/16', gateway: '172.30.0.1', auxAddresses: {} }
    const ipam = { driver: 'default', options: {}, config: [pool] }
    const report = await importFrom({
      services: [stackService('shop', 'web')],
      networks: [network('shop_default', { ipam, ipv6: true, labels: { [STACK]: 'shop' } })],
    })
    expect(report.notes).toEqual([{ subject: 'Network/shop_default', message: 'it would change /ipv6' }])
    expect(fileOf(report, 'apps/shop/shop_default.network.yaml')).toContain('gateway: "172.30.0.1"')
  })
})

describe('what cannot be adopted is named, and not written', () => {
  it('a capability beside all of them', async () => {
    const odd = { ...service('odd'), capAdd: ['ALL', 'CAP_CHOWN'] }
    const report = await importFrom({ services: [odd, service('even')] })
    expect(report.leftOut).toEqual([{ subject: 'Service/odd', message: 'it would change /capAdd' }])
    expect(report.files.map(({ path }) => path)).toEqual(['apps/even/even.yaml'])
  })
})

describe('secrets and configs', () => {
  const ref = (name: string) => ({ name, target: name, uid: '0', gid: '0', mode: '0444' })

  it('secrets are references, configs come with their content', async () => {
    const report = await importFrom({
      services: [stackService('shop', 'web', { secrets: [ref('shop_key')], configs: [ref('shop_app.yml')] })],
      configs: [config('shop_app.yml', 'a: $b\n', { [STACK]: 'shop' })],
    })
    expect(report.notes).toEqual([])
    const compose = fileOf(report, 'apps/shop/compose.yaml')
    expect(compose).toContain('name: shop_key')
    expect(compose).toContain('file: ./configs/app.yml.txt')
    expect(fileOf(report, 'apps/shop/configs/app.yml.txt')).toBe('a: $b\n')
  })

  it('a config that two apps use has a place of its own; one that is no text is only referred to', async () => {
    const both = { configs: [ref('shared'), ref('binary')] }
    const report = await importFrom({
      services: [service('a', both), service('b', both)],
      configs: [config('shared', 'x'), config('binary', Buffer.from([0xff, 0xfe]))],
    })
    expect(fileOf(report, 'apps/configs/configs/shared')).toBe('x')
    expect(report.notes).toMatchObject([{ subject: 'Config/binary' }])
    expect(report.files.filter(({ path }) => path.includes('binary'))).toEqual([])
  })
})

describe('what is whose', () => {
  it('what this install or another one owns is left alone', async () => {
    const report = await importFrom({
      services: [
        service('ours', { networks: [{ name: 'net', aliases: [], driverOptions: {} }] }),
        service('theirs'),
        service('new', { networks: [{ name: 'net', aliases: [], driverOptions: {} }] }),
      ],
      networks: [network('net')],
      owners: {
        'Service/ours': { who: 'us', app: 'a', digest: 'd' as never },
        'Network/net': { who: 'us', app: 'a', digest: 'd' as never },
        'Service/theirs': { who: 'other', install: 'else' },
      },
    })
    expect(report.files.map(({ path }) => path)).toEqual(['apps/new/new.yaml'])
    expect(report.owned).toBe(2)
    expect(fileOf(report, 'apps/new/new.yaml')).not.toContain('external')
  })

  it('a network of two apps has a place of its own, one of another stack is named', async () => {
    const net = { networks: [{ name: 'edge', aliases: [], driverOptions: {} }] }
    const report = await importFrom({
      services: [
        service('a', net),
        service('b', net),
        stackService('shop', 'web', { networks: [{ name: 'edge', aliases: ['web'], driverOptions: {} }] }),
      ],
      networks: [network('edge')],
    })
    expect(report.notes).toEqual([])
    expect(fileOf(report, 'apps/networks/edge.network.yaml')).toContain('kind: Network')
    expect(fileOf(report, 'apps/shop/compose.yaml')).toContain('external: true')
  })

  it('a filter takes one stack, and of networks only what nobody else uses', async () => {
    const edge = { name: 'edge', aliases: ['web'], driverOptions: {} }
    const own = { name: 'shop_default', aliases: ['web'], driverOptions: {} }
    const report = await importFrom(
      { services: [stackService('shop', 'web', { networks: [own, edge] }), service('b', { networks: [edge] })] },
      { stack: 'shop' },
    )
    expect(report.counts).toMatchObject({ stacks: 1, services: 1, networks: 1 })
    expect(report.files.every(({ path }) => path.startsWith('apps/shop/'))).toBe(true)
  })
})

describe('hazards of what runs', () => {
  const volume = (source: string) => ({ type: 'volume' as const, source, target: '/data', readOnly: false })
  const hazards = async (swarm: Parameters<typeof importFrom>[0], code: string) =>
    (await importFrom(swarm)).hazards.filter((hazard) => hazard.code === code)

  it('data that floats, with where it is and the constraint that holds it there', async () => {
    const db = service('db', { mounts: [volume('data')] })
    const swarm = { services: [db], nodes: ['one', 'two'], volumes: { data: ['two', 'two'] } }
    expect(await hazards(swarm, 'data')).toEqual([
      {
        code: 'data',
        subject: 'db',
        message: 'nothing keeps it on the node of its volume data: on another one it starts empty; its data is on two',
        todo: 'add the constraint node.hostname == two',
      },
    ])
    expect(await hazards({ ...swarm, nodes: ['one'] }, 'data')).toEqual([])
    const held = service('db', { mounts: [volume('data')], constraints: ['node.hostname == two'] })
    expect(await hazards({ ...swarm, services: [held] }, 'data')).toEqual([])
  })

  it('two writers of one volume', async () => {
    const twice = service('db', { mounts: [volume('data')], replicas: 2 })
    expect(await hazards({ services: [twice] }, 'data')).toMatchObject([
      { message: expect.stringContaining('several tasks') },
    ])
  })

  it('the socket of Docker', async () => {
    const source = '/var/run/docker.sock'
    const mounts = [{ type: 'bind' as const, source, target: source, readOnly: true }]
    expect(await hazards({ services: [service('proxy', { mounts })] }, 'docker-socket')).toHaveLength(1)
  })

  it('what is not at rest is adopted later', async () => {
    const health = { web: { status: 'degraded' as const, message: '0/1 running' } }
    expect(await hazards({ services: [service('web')], health }, 'not-at-rest')).toEqual([
      { code: 'not-at-rest', subject: 'web', message: '0/1 running: it is adopted when it is at rest' },
    ])
  })

  it.each([
    ['DB_PASSWORD', 'hunter2hunter2', true],
    ['MYSQL_ROOT_PASSWORD', 'x', true],
    ['PGPASSWORD', 'x1y2', true],
    ['SECRET_KEY_BASE', 'abcdef', true],
    ['APP_KEY', 'base64:abc', true],
    ['API_TOKEN', 'abc', true],
    ['dbPassword', 'abc', true],
    ['DATABASE_URL', 'postgres://user:pass@db/app', true],
    ['ANYTHING', `ghp_${'a'.repeat(36)}`, true],
    ['DB_PASSWORD_FILE', '/run/secrets/db', false],
    ['DB_PASSWORD', '', false],
    ['DATABASE_URL', 'postgres://db/app', false],
    ['TOKEN_TTL', '3600s', false],
    ['USE_TOKENS', 'true', false],
    ['LOG_LEVEL', 'debug', false],
    ['url', 'https://ghost.localhost', false],
    ['KEYBOARD', 'us-intl', false],
  ])('env %s=%s looks like a secret: %s', async (name, value, expected) => {
    const found = await hazards({ services: [service('web', { env: { [name]: value } })] }, 'secret-in-env')
    expect(found.map(({ message }) => message)).toEqual(
      expected ? [`env ${name} of service web looks like a secret`] : [],
    )
  })
})
