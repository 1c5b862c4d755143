import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { normalizeService, type WrittenService } from '../../../src/kinds/service/normalize.ts'
import { contextOf, problemOf, type World } from '../context.ts'
import { PLAIN } from './arbitrary-spec.ts'

const WORLD: World = {
  declared: {
    'Network/front': 'front',
    'Secret/db-password': 'db-password_0123456789ab',
    'Config/nginx-conf': 'nginx-conf_0123456789ab',
    'Config/gmsa': 'gmsa_0123456789ab',
  },
}

const written = (fields: Partial<WrittenService> = {}): WrittenService => ({
  name: 'hello',
  image: 'hello:1',
  ...fields,
})

const specOf = (fields: Partial<WrittenService>, world = WORLD) =>
  normalizeService(written(fields), contextOf(world)).spec

const refused = (fields: Partial<WrittenService>, world = WORLD): string =>
  problemOf(() => normalizeService(written(fields), contextOf(world)))

function warnings(fields: Partial<WrittenService>): readonly string[] {
  const context = contextOf(WORLD)
  normalizeService(written(fields), context)
  return context.warnings
}

describe('a service that says only its image', () => {
  it('has every default of Swarm', () => {
    expect(normalizeService(written(), contextOf())).toEqual({ name: 'hello', spec: PLAIN, uses: [] })
  })
})

describe('the definitions of the Swarm Orchestrator load as they are', () => {
  it('with their defaults, and build_context is named as not ours', () => {
    const context = contextOf()
    const { spec } = normalizeService(
      {
        name: 'my-service',
        image: 'registry:5000/my-image:1',
        replicas: 1,
        ports: ['8080:80'],
        env: { KEY: 'value' },
        constraints: ['node.hostname == my-node'],
        labels: {},
        networks: [],
        mounts: ['/host/path:/container/path'],
        build_context: 'my-project',
      },
      context,
    )
    expect(spec).toEqual({
      ...PLAIN,
      name: 'my-service',
      image: 'registry:5000/my-image:1',
      ports: [{ target: 80, published: 8080, protocol: 'tcp', mode: 'ingress' }],
      env: { KEY: 'value' },
      constraints: ['node.hostname == my-node'],
      mounts: [{ type: 'bind', source: '/host/path', target: '/container/path', readOnly: false }],
    })
    expect(context.warnings).toEqual([
      '/build_context: swarmkeeper does not build images: build and push it before, this line is not used',
    ])
  })

  it('the schema takes the same keys', () => {
    const schema = JSON.parse(readFileSync('schemas/service.json', 'utf8'))
    const keys = [
      'name',
      'image',
      'replicas',
      'ports',
      'env',
      'constraints',
      'labels',
      'networks',
      'mounts',
      'build_context',
    ]
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(keys))
  })
})

describe('image', () => {
  it.each([
    ['nginx:1.27', 'nginx:1.27'],
    ['docker.io/library/nginx:1.27', 'nginx:1.27'],
    ['index.docker.io/nginx:1.27', 'nginx:1.27'],
    ['docker.io/grafana/grafana:11', 'grafana/grafana:11'],
    ['localhost/hello:1', 'localhost/hello:1'],
    ['registry.example:5000/a/b:1', 'registry.example:5000/a/b:1'],
    ['127.0.0.1:5000/app', '127.0.0.1:5000/app:latest'],
    [`nginx@sha256:${'a'.repeat(64)}`, `nginx@sha256:${'a'.repeat(64)}`],
    [`nginx:1@sha256:${'a'.repeat(64)}`, `nginx:1@sha256:${'a'.repeat(64)}`],
  ])('%s is %s', (image, familiar) => {
    expect(specOf({ image }).image).toBe(familiar)
  })

  it.each(['Nginx', 'nginx:', 'nginx:a b', 'nginx@latest', 'a//b', '-x', `${'a'.repeat(64)}`, `${'x/'.repeat(200)}y`])(
    '%s is refused',
    (image) => {
      expect(refused({ image })).toMatch(/^\/image: /)
    },
  )

  it('swarm.md 1: an untagged image is :latest, with a warning', () => {
    expect(specOf({ image: 'nginx' }).image).toBe('nginx:latest')
    expect(warnings({ image: 'nginx' })).toEqual([
      '/image: an image without a tag is :latest: going back to it is not possible; pin a version',
    ])
    expect(warnings({ image: 'nginx:latest' })).toHaveLength(1)
    expect(warnings({ image: 'nginx:1.27' })).toEqual([])
  })
})

describe('ports', () => {
  const tcp = { protocol: 'tcp', mode: 'ingress' }

  it.each([
    ['80', [{ target: 80, ...tcp }]],
    [80, [{ target: 80, ...tcp }]],
    ['8080:80', [{ target: 80, published: 8080, ...tcp }]],
    ['53:53/udp', [{ target: 53, published: 53, protocol: 'udp', mode: 'ingress' }]],
    ['8443:443/TCP', [{ target: 443, published: 8443, ...tcp }]],
    [
      '8000-8001:80-81',
      [
        { target: 80, published: 8000, ...tcp },
        { target: 81, published: 8001, ...tcp },
      ],
    ],
    [
      { target: 53, published: 53, protocol: 'udp', mode: 'host' },
      [{ target: 53, published: 53, protocol: 'udp', mode: 'host' }],
    ],
    [{ target: 80, published: 0, name: 'web' }, [{ target: 80, ...tcp, name: 'web' }]],
  ] as const)('%j', (port, ports) => {
    expect(specOf({ ports: [port] as never }).ports).toEqual(ports)
  })

  it.each([
    ['127.0.0.1:80:80', "/ports/0: Swarm publishes on all addresses of a node: leave out '127.0.0.1:'"],
    ['8000-8002:80', "/ports/0: '8000-8002:80': the two ranges have different lengths"],
    ['90-80', "/ports/0: '90-80' is not a range of ports"],
    ['70000:80', "/ports/0: '70000' is not a range of ports"],
    ['http', "/ports/0: 'http' is not a port like 80, 8080:80, 8000-8002:80-82 or 53:53/udp"],
  ])('%s is refused', (port, problem) => {
    expect(refused({ ports: [port] })).toBe(problem)
  })

  it('one port is published once', () => {
    expect(refused({ ports: ['80:80', '80:81'] })).toBe('/ports: port 80/tcp is published twice')
    expect(specOf({ ports: ['53:53', '53:53/udp'] }).ports).toHaveLength(2)
  })

  it('dnsrr and the host network publish nothing', () => {
    expect(refused({ ports: ['80:80'], endpointMode: 'dnsrr' })).toMatch(
      /^\/endpointMode: dnsrr has no virtual address/,
    )
    expect(refused({ ports: ['80:80'], networks: ['host'] })).toMatch(/^\/ports: a service on the host network/)
  })
})

describe('mounts', () => {
  it.each([
    ['data:/var/lib/data', { type: 'volume', source: 'data', target: '/var/lib/data', readOnly: false }],
    ['/host:/container:ro', { type: 'bind', source: '/host', target: '/container', readOnly: true }],
    [
      '/host:/container:ro,rshared',
      { type: 'bind', source: '/host', target: '/container', readOnly: true, propagation: 'rshared' },
    ],
    ['data:/data:nocopy', { type: 'volume', source: 'data', target: '/data', readOnly: false, noCopy: true }],
    ['/data/', { type: 'volume', target: '/data', readOnly: false }],
    ['C:\\data:D:\\data', { type: 'bind', source: 'C:\\data', target: 'D:\\data', readOnly: false }],
    [
      { type: 'tmpfs', target: '/dev/shm', size: '4GiB', mode: '1777' },
      { type: 'tmpfs', target: '/dev/shm', readOnly: false, size: 4 * 2 ** 30, mode: '1777' },
    ],
    [
      { source: 'nfs', target: '/nfs', driver: 'local', driverOptions: { type: 'nfs' } },
      {
        type: 'volume',
        source: 'nfs',
        target: '/nfs',
        readOnly: false,
        driver: 'local',
        driverOptions: { type: 'nfs' },
      },
    ],
  ] as const)('%j', (mount, read) => {
    expect(specOf({ mounts: [mount] as never }).mounts).toEqual([read])
  })

  it.each([
    ['data:relative', "/mounts/0/target: 'relative' is not an absolute path"],
    [
      './data:/data',
      "/mounts/0: './data': a path of the node must be absolute, and files of the repository go into a Config",
    ],
    ['/a:/b:z', "/mounts/0: 'z' is not a mount option of Swarm: Swarm does not relabel"],
    ['/a:/b:ro:x', "/mounts/0: '/a:/b:ro:x' is not a mount like source:target[:options]"],
    [
      { type: 'bind', source: '/a', target: '/b', size: '1k' },
      "/mounts/0/size: 'size' is for mounts of type tmpfs, not bind",
    ],
    [{ type: 'tmpfs', source: 'a', target: '/b' }, '/mounts/0/source: a tmpfs has no source'],
    [{ type: 'npipe', target: '/b' }, '/mounts/0: a mount of type npipe needs a source'],
  ] as const)('%j is refused', (mount, problem) => {
    expect(refused({ mounts: [mount] as never })).toBe(problem)
  })

  it('two at one path are refused', () => {
    expect(refused({ mounts: ['one:/x', 'two:/x/'] })).toBe('/mounts/1: two mounts at /x')
  })
})

describe('environment', () => {
  it('takes scalars as text, lists, and null for a variable of the image that goes', () => {
    expect(specOf({ env: { A: 1, B: true, C: 'x', D: null } }).env).toEqual({ A: '1', B: 'true', C: 'x', D: null })
    expect(specOf({ env: ['A=b=c', 'GONE'] }).env).toEqual({ A: 'b=c', GONE: null })
    expect(refused({ env: ['=x'] })).toBe("/env/0: '' is not a name of a variable")
  })

  it('`env` goes before files, and later files before earlier ones', () => {
    const files = { 'a.env': '# a\n\nA=a\nB=a\n  C=a\n', 'b.env': '\uFEFFB=b\r\nC=b\r\n' }
    expect(specOf({ envFile: ['a.env', 'b.env'], env: { C: 'c' } }, { files }).env).toEqual({ A: 'a', B: 'b', C: 'c' })
  })

  it('swarm.md 19: a bare name in a file does not read the environment of the controller', () => {
    expect(refused({ envFile: 'a.env' }, { files: { 'a.env': 'A=1\nHOME' } })).toBe(
      "/envFile: a.env:2: 'HOME' has no value; write HOME= for an empty one",
    )
  })

  it('quotes in a file are part of the value, with a warning', () => {
    const context = contextOf({ files: { 'a.env': 'A="x"' } })
    expect(normalizeService(written({ envFile: 'a.env' }), context).spec.env).toEqual({ A: '"x"' })
    expect(context.warnings).toEqual(['/envFile: a.env:1: the quotes are part of the value of A'])
  })
})

describe('command', () => {
  it.each([
    ['serve --port 80', ['serve', '--port', '80']],
    [`sh -c 'echo "$HOME"'`, ['sh', '-c', 'echo "$HOME"']],
    ['a "b \\" c" d\\ e', ['a', 'b " c', 'd e']],
    [`x '' "" y`, ['x', '', '', 'y']],
    [`'a'b"c"`, ['abc']],
    ['  ', []],
    [
      ['as', 'it is'],
      ['as', 'it is'],
    ],
  ])('%j is %j', (command, words) => {
    expect(specOf({ command }).command).toEqual(words)
  })

  it.each(["it's", 'open "quote', 'ends \\'])('%s is refused', (command) => {
    expect(refused({ command })).toMatch(/^\/command: the command (has an open quote|ends with a backslash)/)
  })

  it('a long text takes no longer than its length', () => {
    const started = performance.now()
    expect(refused({ command: `"${'\\"'.repeat(50_000)}` })).toMatch(/open quote/)
    expect(specOf({ command: 'word '.repeat(5000) }).command).toHaveLength(5000)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('references', () => {
  it('become live names, and are named as used', () => {
    const { spec, uses } = normalizeService(
      written({
        networks: ['front', 'host'],
        secrets: ['db-password'],
        configs: [{ source: 'nginx-conf', target: '/etc/nginx/nginx.conf', mode: '0440' }],
        credentialSpec: { config: 'gmsa' },
      }),
      contextOf(WORLD),
    )
    const owned = { uid: '0', gid: '0' }
    expect(spec.networks.map((network) => network.name)).toEqual(['front', 'host'])
    expect(spec.secrets).toEqual([{ name: 'db-password_0123456789ab', target: 'db-password', ...owned, mode: '0444' }])
    expect(spec.configs).toEqual([
      { name: 'gmsa_0123456789ab', ...owned, mode: '0444' },
      { name: 'nginx-conf_0123456789ab', target: '/etc/nginx/nginx.conf', ...owned, mode: '0440' },
    ])
    expect(spec.credentialSpec).toEqual({ config: 'gmsa_0123456789ab' })
    expect(uses).toHaveLength(4)
    expect(uses).toContainEqual({ kind: 'Secret', name: 'db-password' })
  })

  it.each([
    [{ secrets: ['other'] }, '/secrets/0', 'Secret'],
    [{ configs: ['other'] }, '/configs/0', 'Config'],
    [{ networks: ['other'] }, '/networks/0', 'Network'],
  ])('swarm.md 19: %j is not declared', (fields, pointer, kind) => {
    expect(refused(fields)).toBe(
      `${pointer}: no ${kind} 'other' is declared; one that exists and is not ours needs a document with \`external: true\``,
    )
  })

  it('two files at one path are refused', () => {
    expect(refused({ secrets: ['db-password', 'db-password'] })).toBe('/secrets/1: two files at db-password')
  })
})

describe('modes', () => {
  it.each([
    [{ mode: 'global', replicas: 2 }, '/replicas: a service of mode global has no replicas'],
    [{ completions: 2 }, '/completions: completions is for mode replicated-job'],
    [{ mode: 'replicated-job', update: {} }, '/update: a job may not carry update: it is not updated but run again'],
    [
      { mode: 'global-job', restart: { condition: 'any' } },
      '/restart/condition: a job that ends well is not started again: on-failure or none',
    ],
  ] as const)('swarm.md 16: %j is refused', (fields, problem) => {
    expect(refused(fields)).toBe(problem)
  })

  it('a job runs all of its completions at once where nothing else is said', () => {
    expect(specOf({ mode: 'replicated-job', completions: 3 })).toMatchObject({ completions: 3, maxConcurrent: 3 })
    expect(specOf({ mode: 'replicated-job' })).toMatchObject({ completions: 1, restart: { condition: 'on-failure' } })
    expect(specOf({ mode: 'replicated-job' })).not.toHaveProperty('replicas')
  })

  it('swarm.md 11: unmanaged replicas stay unmanaged', () => {
    expect(specOf({ replicas: 'unmanaged' }).replicas).toBe('unmanaged')
  })
})

describe('limits', () => {
  it('swarm.md 13: a name of more than 63 characters', () => {
    expect(refused({ name: 'n'.repeat(64) })).toBe('/name: the name has 64 characters; Swarm takes 63 for a service')
  })

  it("labels of swarmkeeper's own", () => {
    expect(refused({ labels: { 'swarmkeeper.app': 'x' } })).toMatch(/^\/labels: labels that begin with 'swarmkeeper\.'/)
  })

  it.each([
    [{ stopGracePeriod: '10' }, '/stopGracePeriod'],
    [{ update: { delay: 'soon' } }, '/update/delay'],
    [{ resources: { limits: { memory: 'much' } } }, '/resources/limits/memory'],
    [{ resources: { limits: { memory: '1MiB' } } }, '/resources/limits/memory'],
    [{ resources: { reservations: { cpus: 0.0001 } } }, '/resources/reservations/cpus'],
    [{ healthcheck: { timeout: '10us' } }, '/healthcheck/timeout'],
    [{ healthcheck: { interval: '1x' } }, '/healthcheck/interval'],
    [{ healthcheck: { test: ['true'] } }, '/healthcheck/test'],
    [{ constraints: ['node.role = worker'] }, '/constraints/0'],
    [{ hosts: ['db'] }, '/hosts/0'],
    [{ seccomp: { mode: 'custom' } }, '/seccomp/profile'],
  ] as const)('%j is refused where it stands', (fields, pointer) => {
    expect(refused(fields as never).split(': ')[0]).toBe(pointer)
  })
})

describe('the rest of the container', () => {
  it('is read', () => {
    const spec = specOf({
      healthcheck: { test: 'exit 0', interval: '5s', retries: 3 },
      hosts: { db: ['10.0.0.5', 'fd00::5'] },
      capAdd: ['net_admin', 'CAP_NET_ADMIN'],
      capDrop: ['NET_ADMIN', 'all'],
      ulimits: { nofile: { soft: 1, hard: 2 }, core: 0 },
      resources: { limits: { cpus: '0.5', memory: '1GiB' }, reservations: { generic: { gpu: 1 } } },
      logging: { driver: 'json-file', options: { 'max-size': '10m', compress: true } },
      seccomp: { mode: 'default' },
      selinux: { type: 'svirt_apache_t' },
      platforms: ['linux/arm64'],
    })
    expect(spec).toMatchObject({
      healthcheck: { test: ['CMD-SHELL', 'exit 0'], interval: 5000, retries: 3 },
      hosts: [
        { name: 'db', ip: '10.0.0.5' },
        { name: 'db', ip: 'fd00::5' },
      ],
      capAdd: ['CAP_NET_ADMIN'],
      capDrop: ['ALL'],
      ulimits: [
        { name: 'core', soft: 0, hard: 0 },
        { name: 'nofile', soft: 1, hard: 2 },
      ],
      resources: { limits: { cpus: 0.5, memory: 2 ** 30 }, reservations: { generic: { gpu: 1 } } },
      logging: { driver: 'json-file', options: { 'max-size': '10m', compress: 'true' } },
      selinux: { disable: false, type: 'svirt_apache_t' },
      platforms: [{ os: 'linux', architecture: 'arm64' }],
    })
    expect(spec).not.toHaveProperty('seccomp')
  })

  it('a list of hosts keeps the colons of IPv6', () => {
    expect(specOf({ hosts: ['db:fd00::5'] }).hosts).toEqual([{ name: 'db', ip: 'fd00::5' }])
  })

  it('an image check is switched off', () => {
    expect(specOf({ healthcheck: { disable: true } }).healthcheck).toEqual({ test: ['NONE'] })
  })
})

describe('hazards', () => {
  const pinned = { constraints: ['node.hostname == a'] }
  const data = { mounts: ['data:/data'] }

  it('a writable volume with start-first', () => {
    expect(warnings({ ...data, ...pinned, update: { order: 'start-first' } })).toEqual([
      '/update/order: with start-first, the old and the new task write data at the same time during an update',
    ])
  })

  it('a writable volume with several replicas', () => {
    expect(warnings({ ...data, ...pinned, replicas: 2 })).toEqual([
      '/replicas: several tasks write data at the same time, or each node has a volume of its own',
    ])
  })

  it('a local volume that no constraint keeps on its node', () => {
    expect(warnings(data)).toEqual([
      '/mounts: data is a volume of one node, and nothing keeps the task on that node: on another one it starts empty',
    ])
  })

  it('a volume without a name', () => {
    expect(warnings({ mounts: ['/data'] })).toEqual([
      '/mounts: a volume without a name is another, empty one with every new task',
    ])
  })

  it.each([
    ['a pinned one', { ...data, ...pinned }],
    ['a read-only one', { mounts: ['data:/data:ro'] }],
    [
      'one over NFS',
      { mounts: [{ source: 'data', target: '/data', driver: 'local', driverOptions: { type: 'nfs' } }] },
    ],
  ])('%s is none', (_, fields) => {
    expect(warnings(fields)).toEqual([])
  })
})
