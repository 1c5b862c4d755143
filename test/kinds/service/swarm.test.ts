import { describe, expect, it } from 'vitest'
import { compareService } from '../../../src/kinds/service/compare.ts'
import { serviceFromWire } from '../../../src/kinds/service/from-wire.ts'
import { serviceImage } from '../../../src/kinds/service/image.ts'
import { SUSPENDED_CONSTRAINT, serviceKind } from '../../../src/kinds/service/kind.ts'
import type { ServiceSpec } from '../../../src/kinds/service/spec.ts'
import { serviceToWire } from '../../../src/kinds/service/to-wire.ts'
import type { WireServiceSpec } from '../../../src/kinds/service/wire.ts'
import { ReconcileError } from '../../../src/model/error.ts'
import type { ImagePin } from '../../../src/model/kind.ts'
import { IDS, NETWORK_NAMES, PLAIN } from './arbitrary-spec.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
const OTHER = `sha256:${'b'.repeat(64)}`
const AMD64 = [{ architecture: 'amd64', os: 'linux' }]
const pin = (digest: string, platforms: ImagePin['platforms'] = AMD64): ImagePin => ({ digest, platforms })

const specOf = (fields: Partial<ServiceSpec> = {}): ServiceSpec => ({ ...PLAIN, pin: pin(DIGEST), ...fields })
const wireOf = (spec: ServiceSpec, live?: WireServiceSpec): WireServiceSpec =>
  serviceToWire(spec, { ids: IDS, stamp: {}, ...(live ? { live } : {}) })
const liveOf = (wire: WireServiceSpec) => serviceFromWire(wire, { networks: NETWORK_NAMES })
const diffsOf = (spec: ServiceSpec, wire: WireServiceSpec) => compareService(spec, liveOf(wire))

const web80 = { target: 80, published: 8080, protocol: 'tcp', mode: 'ingress' } as const

describe('swarm.md 1: the digest is pinned by us', () => {
  it('sends name:tag@digest and the platforms of the manifest, without `unknown` and with `arm` left open', () => {
    const platforms = [...AMD64, { architecture: 'arm', os: 'linux' }, { architecture: 'unknown', os: 'unknown' }]
    const wire = wireOf(specOf({ pin: pin(DIGEST, platforms) }))
    expect(wire.TaskTemplate?.ContainerSpec?.Image).toBe(`hello:1@${DIGEST}`)
    expect(wire.TaskTemplate?.Placement?.Platforms).toEqual([{ Architecture: 'amd64', OS: 'linux' }, { OS: 'linux' }])
  })

  it('compares by digest, and by the written reference where nothing is pinned', () => {
    const wire = wireOf(specOf())
    const { pin: _, ...unpinned } = specOf()
    expect(diffsOf(unpinned, wire)).toEqual([])
    expect(diffsOf(specOf({ image: 'hello:1.0' }), wire)).toEqual([])
    expect(diffsOf(specOf({ pin: pin(OTHER) }), wire)).toEqual([
      { path: '/image', from: `hello:1@${DIGEST}`, to: `hello:1@${OTHER}`, effect: 'restart' },
    ])
    expect(diffsOf({ ...unpinned, image: 'hello:2' }, wire)).toHaveLength(1)
    expect(diffsOf(specOf({ image: 'elsewhere/hello:1' }), wire)).toHaveLength(1)
  })

  it('adoption takes the digest of live for the same reference, and only for that', () => {
    const live = liveOf(wireOf(specOf()))
    expect(serviceImage.ofLive(specOf(), live)).toEqual(pin(DIGEST))
    expect(serviceImage.ofLive(specOf({ image: 'hello:2' }), live)).toBeUndefined()
  })

  it('looks nothing up for a digest or `resolve: never`', () => {
    expect(serviceImage.written(specOf())).toBe('hello:1')
    expect(serviceImage.written(specOf({ resolve: 'never' }))).toBeUndefined()
    expect(serviceImage.written(specOf({ image: `hello@${DIGEST}` }))).toBeUndefined()
  })
})

describe('swarm.md 2: platforms stay, and a port change is never swallowed', () => {
  it('keeps the platforms of live when the image does not change', () => {
    const live = wireOf(specOf({ pin: pin(DIGEST, [{ architecture: 'arm64', os: 'linux' }]) }))
    const next = wireOf(specOf({ env: { A: '1' } }), live)
    expect(next.TaskTemplate?.Placement).toEqual(live.TaskTemplate?.Placement)
  })

  it('a new image brings its own platforms', () => {
    const next = wireOf(specOf({ pin: pin(OTHER, [{ architecture: 'arm64', os: 'linux' }]) }), wireOf(specOf()))
    expect(next.TaskTemplate?.Placement?.Platforms).toEqual([{ Architecture: 'arm64', OS: 'linux' }])
  })

  it('platforms that people ask for go before those of the image, and are compared', () => {
    const spec = specOf({ platforms: [{ architecture: 'arm64', os: 'linux' }] })
    expect(wireOf(spec).TaskTemplate?.Placement?.Platforms).toEqual([{ Architecture: 'arm64', OS: 'linux' }])
    expect(diffsOf(spec, wireOf(specOf()))).toMatchObject([{ path: '/platforms', effect: 'restart' }])
    expect(diffsOf(spec, wireOf(spec, wireOf(specOf())))).toEqual([])
  })

  it('brings lost platforms back with the next restart, and never for their own sake', () => {
    const live = wireOf(specOf())
    const lost = { ...live, TaskTemplate: { ...live.TaskTemplate, Placement: {} } }
    expect(diffsOf(specOf(), lost)).toEqual([])
    expect(wireOf(specOf({ replicas: 3 }), lost).TaskTemplate).toEqual(lost.TaskTemplate)
    const next = wireOf(specOf({ env: { A: '1' } }), lost)
    expect(next.TaskTemplate?.Placement?.Platforms).toEqual([{ Architecture: 'amd64', OS: 'linux' }])
  })

  it('forces the tasks to be replaced with a port change, for placement may hide it', () => {
    const live = wireOf(specOf({ ports: [web80] }))
    const next = wireOf(specOf({ ports: [{ ...web80, published: 8081 }], constraints: ['node.role == worker'] }), live)
    expect(next.TaskTemplate?.ForceUpdate).toBe(1)
  })
})

describe('swarm.md 9: ForceUpdate is copied from live, and never compared', () => {
  const live = wireOf(specOf())
  const forced = { ...live, TaskTemplate: { ...live.TaskTemplate, ForceUpdate: 7 } }

  it('is no difference, and stays', () => {
    expect(diffsOf(specOf(), forced)).toEqual([])
    expect(wireOf(specOf({ env: { A: '1' } }), forced).TaskTemplate?.ForceUpdate).toBe(7)
  })

  it('goes up by one for a trigger that is new or moved', () => {
    const spec = specOf({ triggers: { 'prod/Config/nginx': 'one' } })
    expect(diffsOf(spec, forced)).toEqual([
      { path: '/triggers/prod~1Config~1nginx', from: undefined, to: 'one', effect: 'restart' },
    ])
    const started = wireOf(spec, forced)
    expect(started.TaskTemplate?.ForceUpdate).toBe(8)
    expect(diffsOf(spec, started)).toEqual([])
    expect(wireOf(specOf({ triggers: { 'prod/Config/nginx': 'two' } }), started).TaskTemplate?.ForceUpdate).toBe(9)
  })

  it('a trigger that only live has is no difference', () => {
    expect(diffsOf(specOf(), wireOf(specOf({ triggers: { operator: 'token' } }), live))).toEqual([])
  })

  it('a trigger is no restart of a service that is only now created', () => {
    expect(wireOf(specOf({ triggers: { operator: 'token' } })).TaskTemplate?.ForceUpdate).toBe(0)
  })
})

describe('swarm.md 10: what restarts tasks', () => {
  const live = wireOf(specOf({ labels: { a: '1' } }))

  it.each([
    ['labels', specOf({ labels: { a: '2' } }), '/labels/a'],
    ['replicas', specOf({ labels: { a: '1' }, replicas: 2 }), '/replicas'],
    ['update', specOf({ labels: { a: '1' }, update: { ...PLAIN.update, delay: 90_000 } }), '/update/delay'],
  ])('%s do not, and leave the task template as it is', (_, spec, path) => {
    expect(diffsOf(spec, live)).toMatchObject([{ path, effect: 'none' }])
    expect(wireOf(spec, live).TaskTemplate).toEqual(live.TaskTemplate)
  })

  it('labels of containers do', () => {
    const spec = specOf({ labels: { a: '1' }, containerLabels: { a: '1' } })
    expect(diffsOf(spec, live)).toMatchObject([{ path: '/containerLabels/a', effect: 'restart' }])
  })

  it('any change of a job does: it runs again', () => {
    const { replicas: _, ...rest } = specOf({ mode: 'global-job', restart: { ...PLAIN.restart, condition: 'none' } })
    expect(diffsOf({ ...rest, labels: { a: '2' } }, wireOf(rest))).toMatchObject([
      { path: '/labels/a', effect: 'restart' },
    ])
  })

  it('durations and sizes are shown as people write them', () => {
    const spec = specOf({
      labels: { a: '1' },
      update: { ...PLAIN.update, delay: 90_000 },
      resources: { limits: { memory: 2 ** 30 }, reservations: { generic: {} } },
    })
    const shown = diffsOf(spec, live).map(({ path, from, to }) => [path, from, to])
    expect(shown).toContainEqual(['/update/delay', '0s', '1m30s'])
    expect(shown).toContainEqual(['/resources/limits/memory', undefined, '1GiB'])
  })
})

describe('labels: foreign ones stay, ours go when they are declared no more', () => {
  it('survives an update of ours', () => {
    const live = wireOf(specOf({ labels: { ours: '1' } }))
    const foreign = {
      ...live,
      Labels: { ...live.Labels, 'com.docker.stack.namespace': 'st' },
      TaskTemplate: {
        ...live.TaskTemplate,
        ContainerSpec: { ...live.TaskTemplate?.ContainerSpec, Labels: { theirs: '1' } },
      },
    }
    expect(diffsOf(specOf({ labels: { ours: '1' } }), foreign)).toEqual([])
    const next = wireOf(specOf({ labels: { mine: '2' }, containerLabels: { c: '1' } }), foreign)
    expect(next.Labels).toMatchObject({ mine: '2', 'com.docker.stack.namespace': 'st' })
    expect(next.TaskTemplate?.ContainerSpec?.Labels).toEqual({ theirs: '1', c: '1' })
  })

  it('a label taken out of the document is a difference, and goes', () => {
    const live = wireOf(specOf({ labels: { a: '1', b: '2' } }))
    expect(diffsOf(specOf({ labels: { b: '2' } }), live)).toEqual([
      { path: '/labels/a', from: '1', to: undefined, effect: 'none' },
    ])
    const next = wireOf(specOf({ labels: { b: '2' } }), live)
    expect(liveOf(next).labels).toEqual({ b: '2' })
    expect(diffsOf(specOf({ labels: { b: '2' } }), next)).toEqual([])
  })

  it('sets the stamp and nothing else where nothing else differs', () => {
    const live = wireOf(specOf())
    const stamped = serviceToWire(specOf(), { live, ids: IDS, stamp: { 'swarmkeeper.app': 'hello' } })
    expect(stamped).toEqual({ ...live, Labels: { 'swarmkeeper.app': 'hello' } })
  })
})

describe('swarm.md 11: replicas that are left out of an update become 1', () => {
  const five = wireOf(specOf({ replicas: 5 }))

  it('unmanaged ones are never a difference, and live is sent', () => {
    const spec = specOf({ replicas: 'unmanaged', env: { A: '1' } })
    expect(diffsOf(specOf({ replicas: 'unmanaged' }), five)).toEqual([])
    expect(wireOf(spec, five).Mode).toEqual({ Replicated: { Replicas: 5 } })
  })

  it('unmanaged ones come back after a suspension', () => {
    const spec = specOf({ replicas: 'unmanaged' })
    const rested = serviceKind.suspend(spec)
    if (!rested) throw new Error('a replicated service can rest')
    const resting = wireOf(rested, five)
    expect(resting.Mode).toEqual({ Replicated: { Replicas: 0 } })
    expect(wireOf(rested, resting)).toEqual(resting)
    expect(diffsOf(spec, resting)).toEqual([{ path: '/replicas', from: 0, to: 5, effect: 'none' }])
    expect(wireOf(spec, resting)).toEqual(five)
  })
})

describe('suspend', () => {
  it('leaves a global service no node, and gives them back', () => {
    const { replicas: _, ...spec } = specOf({ mode: 'global', constraints: ['node.role == worker'] })
    const rested = serviceKind.suspend(spec)
    if (!rested) throw new Error('a global service can rest')
    const live = wireOf(spec)
    const resting = wireOf(rested, live)
    expect(resting.TaskTemplate?.Placement?.Constraints).toEqual([SUSPENDED_CONSTRAINT, 'node.role == worker'].sort())
    expect(wireOf(spec, resting)).toEqual(live)
  })

  it('a job cannot rest', () => {
    expect(serviceKind.suspend(specOf({ mode: 'replicated-job' }))).toBeUndefined()
  })
})

describe('swarm.md 12: both sides are normalised', () => {
  it('networks are compared by name and sent by id', () => {
    const spec = specOf({ networks: [{ name: 'a', aliases: ['x'], driverOptions: {} }] })
    const wire = wireOf(spec)
    expect(wire.TaskTemplate?.Networks).toEqual([{ Target: 'netaid', Aliases: ['x'] }])
    expect(diffsOf(spec, wire)).toEqual([])
  })

  it('networks at their old place are read, and move to the new one with the next change', () => {
    const spec = specOf({ networks: [{ name: 'a', aliases: [], driverOptions: {} }] })
    const old = { ...wireOf(specOf()), Networks: [{ Target: 'netaid' }] }
    expect(diffsOf(spec, old)).toEqual([])
    const next = wireOf(specOf({ networks: [{ name: 'b-1', aliases: [], driverOptions: {} }] }), old)
    expect(next.Networks).toBeUndefined()
    expect(next.TaskTemplate?.Networks).toEqual([{ Target: 'netb-1id' }])
  })

  it('a live service that says nothing has the defaults of Swarm', () => {
    const bare = {
      Name: 'hello',
      TaskTemplate: { ContainerSpec: { Image: `hello:1@${DIGEST}` } },
      Mode: { Replicated: {} },
    }
    expect(diffsOf(specOf(), bare)).toEqual([])
  })

  it('an update policy without parallelism is all at once, and none at all is one by one', () => {
    expect(liveOf({ UpdateConfig: {} }).update.parallelism).toBe(0)
    expect(liveOf({}).update.parallelism).toBe(1)
  })

  it('constraints are the same however they are spaced', () => {
    const live = wireOf(specOf())
    const spaced = {
      ...live,
      TaskTemplate: { ...live.TaskTemplate, Placement: { Constraints: ['node.role==worker'] } },
    }
    expect(diffsOf(specOf({ constraints: ['node.role == worker'] }), spaced)).toEqual([])
  })

  it('`Privileges` are always sent', () => {
    expect(wireOf(specOf()).TaskTemplate?.ContainerSpec?.Privileges).toEqual({
      CredentialSpec: null,
      SELinuxContext: null,
      NoNewPrivileges: false,
    })
  })
})

describe('swarm.md 13: references of secrets and configs', () => {
  const ref = { name: 'a', target: 'password', uid: '0', gid: '0', mode: '0400' }

  it('carry id and name', () => {
    expect(wireOf(specOf({ secrets: [ref] })).TaskTemplate?.ContainerSpec?.Secrets).toEqual([
      { SecretID: 'secaid', SecretName: 'a', File: { Name: 'password', UID: '0', GID: '0', Mode: 0o400 } },
    ])
  })

  it('to something that is not there cannot be sent', () => {
    const missing = () => wireOf(specOf({ secrets: [{ ...ref, name: 'gone' }] }))
    expect(missing).toThrowError(ReconcileError)
    expect(missing).toThrowError("the secret 'gone' is not on the Swarm")
  })

  it('a credential spec in a config names it by id, and is read back by name', () => {
    const runtime = { name: 'gmsa', uid: '0', gid: '0', mode: '0444' }
    const spec = specOf({ configs: [runtime], credentialSpec: { config: 'gmsa' } })
    const wire = wireOf(spec)
    expect(wire.TaskTemplate?.ContainerSpec?.Privileges?.CredentialSpec).toEqual({ Config: 'congmsaid' })
    expect(wire.TaskTemplate?.ContainerSpec?.Configs).toEqual([
      { Runtime: {}, ConfigID: 'congmsaid', ConfigName: 'gmsa' },
    ])
    expect(diffsOf(spec, wire)).toEqual([])
  })
})

describe('swarm.md 16: mode and name cannot be changed', () => {
  const { replicas: _, ...plain } = specOf()

  it('a mode change is a replacement', () => {
    expect(diffsOf({ ...plain, mode: 'global' }, wireOf(specOf()))).toContainEqual({
      path: '/mode',
      from: 'replicated',
      to: 'global',
      effect: 'replace',
    })
  })

  it('jobs carry no update policy', () => {
    const live = { ...wireOf({ ...plain, mode: 'replicated-job' }), UpdateConfig: { Parallelism: 1 } }
    const wire = wireOf({ ...plain, mode: 'replicated-job', maxConcurrent: 2, completions: 6 }, live)
    expect(wire).not.toHaveProperty('UpdateConfig')
    expect(wire.Mode).toEqual({ ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 6 } })
  })

  it('a published ingress port is one for the cluster', () => {
    expect(
      serviceKind.ports?.(
        specOf({
          ports: [web80, { ...web80, published: 53, mode: 'host' }, { target: 1, protocol: 'tcp', mode: 'ingress' }],
        }),
      ),
    ).toEqual(['ingress/tcp/8080', 'host/tcp/53'])
  })
})

describe('data (architecture, rule 12)', () => {
  const data = { type: 'volume', source: 'old-name', target: '/var/lib/data', readOnly: false } as const
  const live = wireOf(specOf({ mounts: [data] }))

  it('another volume under an existing mount says where the data stays', () => {
    expect(diffsOf(specOf({ mounts: [{ ...data, source: 'new-name' }] }), live)).toMatchObject([
      { path: '/mounts', effect: 'restart', data: 'the data of /var/lib/data stays in volume old-name' },
    ])
  })

  it('so does a host path in its place', () => {
    const bind = { type: 'bind', source: '/srv/data', target: '/var/lib/data', readOnly: false } as const
    expect(diffsOf(specOf({ mounts: [bind] }), live)[0]?.data).toBe(
      'the data of /var/lib/data stays in volume old-name',
    )
    expect(diffsOf(specOf({ mounts: [data] }), wireOf(specOf({ mounts: [bind] })))[0]?.data).toBe(
      'the data of /var/lib/data stays in the host path /srv/data',
    )
  })

  it.each([
    ['another mount beside it', [data, { ...data, source: 'more', target: '/more' }]],
    ['the same volume, read-only', [{ ...data, readOnly: true }]],
  ])('%s is none', (_, mounts) => {
    const [diff] = diffsOf(specOf({ mounts }), live)
    expect(diff).not.toHaveProperty('data')
  })

  it.each([
    ['a writable volume', data, true],
    ['a read-only volume', { ...data, readOnly: true }, false],
    ['a writable host path', { ...data, type: 'bind', source: '/srv/x' }, true],
    ['a socket', { ...data, type: 'bind', source: '/var/run/docker.sock' }, false],
    ['the X11 socket folder', { ...data, type: 'bind', source: '/tmp/.X11-unix' }, false],
    ['an anonymous volume', { type: 'volume', target: '/x', readOnly: false }, false],
    ['memory', { type: 'tmpfs', target: '/x', readOnly: false }, false],
  ] as const)('%s: has data is %3$s', (_, mount, has) => {
    expect(serviceKind.hasData?.(specOf({ mounts: [mount] }))).toBe(has)
  })
})
