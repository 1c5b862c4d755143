/**
 * Bodies as two writers may say the same thing: an absent field is the engine's default, an empty one is an absent one,
 * lists without an order are sorted, labels of ours and suffixes of generations are taken off, ids are the engine's.
 */
export type Body = Readonly<Record<string, unknown>>

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)

/** moby/swarmkit api/defaults/service.go, moby daemon/cluster/convert/service.go. Durations are nanoseconds. */
const UPDATE: Body = {
  Parallelism: 1,
  Delay: 0,
  FailureAction: 'pause',
  Monitor: 5e9,
  MaxFailureRatio: 0,
  Order: 'stop-first',
}
const RESTART: Body = { Condition: 'any', Delay: 5e9, MaxAttempts: 0, Window: 0 }

/** The body of `POST /services/create`. */
export function serviceMeaning(body: Body): unknown {
  const task = bodyOf(body.TaskTemplate)
  const endpoint = bodyOf(body.EndpointSpec)
  const isJob = /Job$/.test(Object.keys(bodyOf(body.Mode)).join())
  const policies = isJob ? {} : { UpdateConfig: update(body.UpdateConfig), RollbackConfig: update(body.RollbackConfig) }
  return withoutEmpty({
    ...body,
    ...policies,
    Labels: labels(body.Labels),
    Mode: JSON.stringify(mode(bodyOf(body.Mode))),
    EndpointSpec: { ...endpoint, Mode: endpoint.Mode ?? 'vip', Ports: each(endpoint.Ports, port) },
    TaskTemplate: {
      ...task,
      ContainerSpec: container(bodyOf(task.ContainerSpec)),
      RestartPolicy: restart(bodyOf(task.RestartPolicy)),
      Placement: placement(bodyOf(task.Placement)),
      Networks: each(task.Networks, (network) => ({ ...network, Aliases: sorted(network.Aliases) })),
      Resources: resources(bodyOf(task.Resources)),
    },
  })
}

/** The body of `POST /networks/create`. */
export function networkMeaning(body: Body): unknown {
  const ipam = isBody(body.IPAM) ? { ...body.IPAM, Driver: body.IPAM.Driver || 'default' } : undefined
  return withoutEmpty({ ...body, Labels: labels(body.Labels), Scope: body.Scope || 'swarm', IPAM: ipam })
}

/** The body of `POST /secrets/create` or `/configs/create`. */
export function fileMeaning(body: Body): unknown {
  return withoutEmpty({ ...body, Name: withoutGeneration(body.Name), Labels: labels(body.Labels) })
}

const bodyOf = (value: unknown): Body => (isBody(value) ? value : {})

function mode({ Replicated, ReplicatedJob, ...rest }: Body): Body {
  if (isBody(ReplicatedJob)) {
    const concurrent = ReplicatedJob.MaxConcurrent ?? 1
    return {
      ReplicatedJob: { MaxConcurrent: concurrent, TotalCompletions: ReplicatedJob.TotalCompletions ?? concurrent },
    }
  }
  return isBody(Replicated) ? { Replicated: { Replicas: Replicated.Replicas ?? 1 } } : rest
}

/** More attempts than a JavaScript number can count are as many as there are. */
function restart(written: Body): unknown {
  const { Condition, MaxAttempts, ...rest } = { ...RESTART, ...withoutBlank(written) }
  return {
    ...rest,
    Condition: lower(Condition).replaceAll('_', '-'),
    MaxAttempts: Number(MaxAttempts) < 2 ** 53 ? MaxAttempts : 0,
  }
}

const update = (written: unknown): unknown => ({ ...UPDATE, ...withoutBlank(bodyOf(written)) })

/** The engine reads words in any case. */
const lower = (word: unknown): string => String(word).toLowerCase()

function port(written: Body): Body {
  return {
    ...written,
    Protocol: lower(written.Protocol || 'tcp'),
    PublishMode: lower(written.PublishMode || 'ingress'),
    PublishedPort: written.PublishedPort ?? 0,
    TargetPort: written.TargetPort ?? 0,
  }
}

function container(spec: Body): unknown {
  const privileges = bodyOf(spec.Privileges)
  return {
    ...spec,
    Labels: labels(spec.Labels),
    StopGracePeriod: spec.StopGracePeriod ?? 10e9,
    Isolation: lower(spec.Isolation || 'default'),
    Env: sorted(spec.Env),
    Hosts: sorted(spec.Hosts),
    Mounts: each(spec.Mounts, mount),
    Ulimits: each(spec.Ulimits, (limit) => limit),
    CapabilityAdd: sorted(spec.CapabilityAdd),
    CapabilityDrop: sorted(spec.CapabilityDrop),
    Secrets: each(spec.Secrets, ({ SecretID: _, SecretName, ...rest }) => ({
      ...rest,
      SecretName: withoutGeneration(SecretName),
    })),
    Configs: each(spec.Configs, ({ ConfigID: _, ConfigName, Runtime, ...rest }) => ({
      ...rest,
      ...(Runtime ? { Runtime: 'yes' } : {}),
      ConfigName: withoutGeneration(ConfigName),
    })),
    Privileges: { ...privileges, CredentialSpec: credentialSpec(privileges.CredentialSpec, spec) },
  }
}

/** Names its config by id: the list of configs beside it has the name. */
function credentialSpec(written: unknown, { Configs: configs }: Body): unknown {
  if (!isBody(written)) return null
  if (!written.Config) return withoutBlank(written)
  const found = Array.isArray(configs) ? configs.map(bodyOf).find((one) => one.ConfigID === written.Config) : undefined
  return withoutBlank({ ...written, Config: withoutGeneration(found?.ConfigName) })
}

function mount({ Target, ...written }: Body): Body {
  const bind = bodyOf(written.BindOptions)
  const { Propagation: propagation, ...rest } = bind
  return {
    ...written,
    ...(Target ? { Target } : {}),
    ReadOnly: written.ReadOnly ?? false,
    BindOptions: propagation && propagation !== 'rprivate' ? bind : rest,
  }
}

/** Swarm trims both sides of a constraint. */
function placement(written: Body): unknown {
  const constraints = (Array.isArray(written.Constraints) ? written.Constraints : []).map((text) =>
    String(text).replace(/^\s*([^=!]*?)\s*(==|!=)\s*(.*?)\s*$/s, '$1$2$3'),
  )
  return { ...written, Constraints: sorted(constraints), Platforms: each(written.Platforms, (one) => one) }
}

function resources(written: Body): unknown {
  const reservations = bodyOf(written.Reservations)
  return {
    ...written,
    Reservations: { ...reservations, GenericResources: each(reservations.GenericResources, generic) },
  }
}

const generic = ({ DiscreteResourceSpec: counted, ...rest }: Body): Body =>
  isBody(counted) ? { ...rest, DiscreteResourceSpec: { Value: 0, ...counted } } : rest

const labels = (written: unknown): unknown =>
  Object.fromEntries(Object.entries(bodyOf(written)).filter(([key]) => !key.startsWith('swarmkeeper.')))

const withoutGeneration = (name: unknown): unknown =>
  typeof name === 'string' ? name.replace(/_[0-9a-f]{12}$/, '') : (name ?? null)

const sorted = (list: unknown): unknown => (Array.isArray(list) ? [...new Set(list)].sort() : [])

/** A list of objects whose order means nothing. */
function each(list: unknown, change: (item: Body) => Body): unknown {
  if (!Array.isArray(list)) return []
  const items = list.map((item) => withoutEmpty(change(bodyOf(item))))
  return items
    .map((item) => [canonical(item), item] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, item]) => item)
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, item) =>
    isBody(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  )

/** Go prints what is not set as null or as an empty text. */
const withoutBlank = (body: Body): Body =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== ''))

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item))
  if (!isBody(value)) return value
  const entries = Object.entries(value).map(
    ([key, item]) => [key, item === undefined ? null : withoutEmpty(item)] as const,
  )
  return Object.fromEntries(entries.filter(([, item]) => !isEmpty(item)))
}

const isEmpty = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value).length === 0)

const isContainer = (value: unknown): value is Body => typeof value === 'object' && value !== null

/** Where two values differ: `/TaskTemplate/…: ours … docker …`. */
export function differences(ours: unknown, docker: unknown, path = ''): readonly string[] {
  if (isContainer(ours) && isContainer(docker) && Array.isArray(ours) === Array.isArray(docker)) {
    const keys = [...new Set([...Object.keys(ours), ...Object.keys(docker)])].sort()
    return keys.flatMap((key) => differences(ours[key], docker[key], `${path}/${key}`))
  }
  if (Object.is(ours, docker)) return []
  return [`${path}: ours ${shown(ours)} docker ${shown(docker)}`]
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200)
