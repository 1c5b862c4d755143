import type { GroupSpec } from '../../kinds/rule-file/spec.ts'
import { didYouMean } from '../../lib/nearest.ts'
import type { DesiredTarget } from '../../model/desired.ts'
import type { Problem } from '../../model/problem.ts'
import type { AlertRules } from '../../model/written/alert-rules.ts'
import type { Keeper } from '../../model/written/keeper.ts'
import type { Prometheus } from '../../model/written/prometheus.ts'
import { decodeText } from '../decode.ts'
import type { Document } from '../document.ts'
import { readWritten } from '../resolve-path.ts'
import type { Composite, CompositeContext, Member } from './composite.ts'

/** What a rule file says, and what is wrong with it, by its own lines (src/promql). */
export type ReadRuleFile = (file: { readonly text: string; readonly path: string }) => {
  readonly groups: readonly GroupSpec[]
  readonly problems: readonly Omit<Problem, 'app' | 'pointer'>[]
}

/**
 * `kind: AlertRules`: a rule file as it is becomes what brings it to its Prometheus (a file on its host, a config of its
 * service) and, after that, what Prometheus made of it.
 */
export const alertRulesComposite = (readRules: ReadRuleFile): Composite => ({
  name: 'AlertRules',
  expand: (document, context) => {
    const asked: Asked = { document, written: document.value as unknown as AlertRules, context }
    const groups = groupsOf(asked, readRules)
    const prometheus = prometheusOf(asked)
    if (!prometheus || !groups) return []
    const brought = bringing(asked, prometheus)
    return brought ? [...brought.members, ruleFile(asked, { ...brought, groups })] : []
  },
})

interface Asked {
  readonly document: Document
  readonly written: AlertRules
  readonly context: CompositeContext
}

function refuse({ document, context }: Asked, pointer: string, message: string): undefined {
  context.report({ severity: 'error', position: document.position(pointer), pointer, message })
  return undefined
}

/** Undefined where the file is not to be had. What is wrong in it is told with its own lines. */
function groupsOf(asked: Asked, readRules: ReadRuleFile): readonly GroupSpec[] | undefined {
  const { document, written, context } = asked
  const found = readWritten(context.files, document.position('/file').path, written.file)
  if ('refused' in found) return refuse(asked, '/file', found.refused)
  const decoded = decodeText(found.content)
  if ('refused' in decoded) return refuse(asked, '/file', decoded.refused)
  const { groups, problems } = readRules({ text: decoded.text, path: found.path })
  for (const problem of problems) context.report({ ...problem, pointer: '' })
  return groups
}

type Rules = NonNullable<Prometheus['rules']>

function prometheusOf(asked: Asked): Rules | undefined {
  const { written, context } = asked
  const { declared, broken, unread } = context.targets
  const found = declared.find(({ name }) => name === written.target)
  if (!found) {
    if (broken.includes(written.target)) return refuse(asked, '/target', `'${written.target}' is declared with errors`)
    const names = declared.filter(({ kind }) => kind === 'Prometheus').map(({ name }) => name)
    const note = unread ? ' (something under targets/ could not be read)' : didYouMean(written.target, names)
    return refuse(asked, '/target', `no Prometheus is called '${written.target}'${note}`)
  }
  if (found.kind !== 'Prometheus')
    return refuse(asked, '/target', `'${found.name}' is no Prometheus: its kind is ${found.kind}`)
  const { rules } = found.config as Prometheus
  if (!rules) return refuse(asked, '/target', `the Prometheus '${found.name}' takes no rules: it says no \`rules\``)
  return rules
}

/** How the file gets there, where Prometheus sees it, and after what it is loaded. */
interface Brought {
  readonly members: readonly Member[]
  readonly path: string
  readonly after: string
}

function bringing(asked: Asked, rules: Rules): Brought | undefined {
  const ways = [rules.host ?? rules.dir, rules.local, rules.swarm].filter((way) => way !== undefined)
  if (ways.length > 1) return refuse(asked, '/target', 'its `rules` say more than one of host, local and swarm')
  if (rules.swarm) return bySwarm(asked, rules.swarm)
  if (rules.local !== undefined) return onHost(asked, localHost(asked), rules.local)
  const { host, dir } = rules
  if (host === undefined || dir === undefined) {
    return refuse(asked, '/target', 'its `rules` say no place: host and dir, local, or swarm')
  }
  return onHost(asked, hostNamed(asked, host), dir)
}

const hosts = ({ context }: Asked): readonly DesiredTarget[] =>
  context.targets.declared.filter(({ kind }) => kind === 'Host')

function hostNamed(asked: Asked, name: string): string | undefined {
  const names = hosts(asked).map((host) => host.name)
  if (names.includes(name)) return name
  if (asked.context.targets.broken.includes(name))
    return refuse(asked, '/target', `its host '${name}' is declared with errors`)
  return refuse(
    asked,
    '/target',
    `its rules are on the host '${name}', and no Host is called that${didYouMean(name, names)}`,
  )
}

function localHost(asked: Asked): string | undefined {
  const local = hosts(asked).find(({ config }) => (config as { readonly address?: unknown }).address === 'local')
  if (local) return local.name
  return refuse(asked, '/target', 'its rules are on this machine, and no Host with `address: local` is declared')
}

function onHost(asked: Asked, host: string | undefined, dir: string): Brought | undefined {
  if (host === undefined) return undefined
  const { written } = asked
  const path = pathIn(dir, written.name)
  const name = fileNameOf(written)
  const value = {
    kind: 'File',
    name,
    hosts: [host],
    path,
    file: written.file,
    mode: '0644',
    keeper: fileKeeper(written, dir),
  }
  return { members: [memberOf(asked, value)], path, after: `${host}/File/${name}` }
}

/** A config is mounted where its service starts: the service starts again for other rules. */
function bySwarm(asked: Asked, { service: named, dir }: NonNullable<Rules['swarm']>): Brought | undefined {
  const { document, written, context } = asked
  const service = named.replace(/^Service\//, '')
  const found = context.documents.find(
    (other) => other.kind === 'Service' && other.name === service && other.app === document.app,
  )
  if (!found) {
    const why = `its rules are mounted into Service/${service}, and the app '${document.app}' declares no such Service`
    return refuse(asked, '/target', `${why}; of a stack, the compose file itself mounts them as a config`)
  }
  const { target } = found.value as { readonly target?: string }
  const on = target === undefined ? {} : { target }
  const name = fileNameOf(written)
  const path = pathIn(dir, written.name)
  const value = { kind: 'Config', name, file: written.file, keeper: fileKeeper(written, dir), ...on }
  const mount = { service, source: name, target: path }
  const after = target === undefined ? `Service/${service}` : `${target}/Service/${service}`
  return { members: [{ ...memberOf(asked, value), mount }], path, after }
}

const pathIn = (dir: string, name: string): string => `${dir.replace(/\/+$/, '')}/${name}.yaml`

/** Names of files and rule files are those of one app each; the same rules may go to several Prometheus. */
const fileNameOf = ({ target, name }: AlertRules): string => `${target}-${name}.rules`

/** What Prometheus refuses does not stay: with it in its folder it would not start again. */
const GOES = { onFirstFailure: 'remove' } as const

function fileKeeper({ keeper = {} }: AlertRules, dir: string): Keeper {
  const { checks: _checks, moved, ...rest } = keeper
  const from = moved?.from
  return { ...GOES, ...rest, ...(from === undefined ? {} : { moved: { ...moved, from: pathIn(dir, from) } }) }
}

/** It comes after the file, and so after all that the file comes after; whose it is, is said of the file alone. */
function ruleFileKeeper({ keeper = {} }: AlertRules, after: string): Keeper {
  const { adopt: _adopt, moved: _moved, ignore: _ignore, ...rest } = keeper
  return { ...GOES, ...rest, dependsOn: [after] }
}

function ruleFile(asked: Asked, { path, after, groups }: Brought & { readonly groups: readonly GroupSpec[] }): Member {
  const { name, target, expectAbsent = [] } = asked.written
  const keeper = ruleFileKeeper(asked.written, after)
  return memberOf(asked, { kind: 'RuleFile', name, target, path, groups, expectAbsent, keeper })
}

type Named = Readonly<Record<string, unknown>> & { readonly kind: string; readonly name: string }

const memberOf = ({ document, written }: Asked, value: Named): Member => ({
  document: { ...document, kind: value.kind, name: value.name, value: { ...value } },
  of: `AlertRules/${written.name}`,
})
