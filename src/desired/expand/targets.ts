import { groupBy } from '../../lib/group-by.ts'
import { didYouMean } from '../../lib/nearest.ts'
import { type DesiredTarget, isPlace } from '../../model/desired.ts'
import { NormalizeProblem } from '../../model/kind.ts'
import type { Problem } from '../../model/problem.ts'
import type { Host } from '../../model/written/host.ts'
import type { Document, Documents } from '../document.ts'
import { byOrigin, compareText, type Findings, whereIs } from './findings.ts'

export interface Targets {
  readonly declared: readonly DesiredTarget[]
  /** Declared, but not to be trusted: apps that use them wait. */
  readonly broken: readonly string[]
  /** Something under `targets/` could not be read: any target may be in it. */
  readonly unread: boolean
}

const NOT_TARGETS = new Set(['Fleet', 'Policy'])

export function readTargets(
  read: Documents,
  findings: Findings,
  normalizeHost: (written: Host) => unknown = () => undefined,
): Targets {
  const candidates = read.documents.filter((document) => document.app === undefined && !NOT_TARGETS.has(document.kind))
  const byName = groupBy([...candidates].sort(byOrigin), (document) => document.name ?? '')
  const twice = [...byName].filter(([, group]) => group.length > 1)
  for (const [name, group] of twice) reportTwice(name, group, findings)
  const broken = new Set([...twice.map(([name]) => name), ...(read.brokenTargets ?? [])])
  const hosts = candidates.filter((document) => document.kind === 'Host')
  for (const host of hosts) if (!isSoundHost(host, { normalizeHost, findings })) broken.add(host.name ?? '')
  for (const host of sharedMachines(hosts, findings)) broken.add(host)
  for (const host of brokenJumps(hosts, { broken, findings })) broken.add(host)
  const sound = [...byName].flatMap(([name, [first]]) => (first && !broken.has(name) ? [targetOf(name, first)] : []))
  return {
    declared: sound.sort((a, b) => compareText(a.name, b.name)),
    broken: [...broken].sort(),
    unread: read.problems.some(isOfTargets),
  }
}

const isOfTargets = ({ severity, app, position }: Problem): boolean =>
  severity === 'error' && app === undefined && /(^|\/)targets\//.test(position.path)

const targetOf = (name: string, { kind, value, position }: Document): DesiredTarget => ({
  name,
  kind,
  config: value,
  origin: position(''),
})

interface HostContext {
  readonly normalizeHost: (written: Host) => unknown
  readonly findings: Findings
}

function isSoundHost(document: Document, { normalizeHost, findings }: HostContext): boolean {
  try {
    normalizeHost(document.value as unknown as Host)
    return true
  } catch (error) {
    if (!(error instanceof NormalizeProblem)) throw error
    findings.error(document, error.pointer, error.message)
    return false
  }
}

/** Hosts under one address: each would own what the other does, and take back what it did. */
function sharedMachines(hosts: readonly Document[], findings: Findings): readonly string[] {
  const byAddress = groupBy([...hosts].sort(byOrigin), ({ value: { address, port = 22, jump } }) =>
    JSON.stringify(address === 'local' ? address : [address, port, jump]),
  )
  const shared = [...byAddress.values()].filter((group) => new Set(group.map(({ name }) => name)).size > 1)
  for (const [first, ...others] of shared) for (const other of others) reportShared(other, first, findings)
  return shared.flat().map(({ name = '' }) => name)
}

function reportShared(document: Document, first: Document | undefined, findings: Findings): void {
  const where = first ? `'${first.name}', at ${whereIs(first.position(''))}` : ''
  findings.error(
    document,
    '/address',
    `this is the address of the host ${where}; a machine has one document: neither is used`,
  )
}

/** Hosts whose way leads nowhere: through a host that is not declared, declared with errors, or behind themselves. */
function brokenJumps(
  hosts: readonly Document[],
  { broken, findings }: { readonly broken: ReadonlySet<string>; readonly findings: Findings },
): readonly string[] {
  const jumps = new Map(hosts.map(({ name = '', value }) => [name, value.jump as string | undefined]))
  return hosts.flatMap((document) => {
    const problem = problemOfWay(document.name ?? '', jumps, broken)
    if (problem !== undefined) findings.error(document, '/jump', problem)
    return problem === undefined ? [] : [document.name ?? '']
  })
}

function problemOfWay(
  name: string,
  jumps: ReadonlyMap<string, string | undefined>,
  broken: ReadonlySet<string>,
): string | undefined {
  const passed = new Set([name])
  for (let next = jumps.get(name); next !== undefined; next = jumps.get(next)) {
    if (passed.has(next)) return `the way to '${name}' leads in a circle: ${[...passed, next].join(' through ')}`
    if (broken.has(next)) return `the host '${next}' is declared with errors`
    if (!jumps.has(next)) return `no Host is called '${next}'${didYouMean(next, jumps.keys())}`
    passed.add(next)
  }
  return undefined
}

/** Which of two addresses was meant cannot be known, and a guess would write to the wrong place. */
function reportTwice(name: string, [first, ...others]: readonly Document[], findings: Findings): void {
  for (const other of others) {
    const where = first ? whereIs(first.position('')) : ''
    findings.error(other, '/name', `the target '${name}' is already declared at ${where}; neither is used`)
  }
}

/** The target of a document, or why there is none to be had. */
export function chooseTarget(
  written: unknown,
  targets: Targets,
): { readonly target: string } | { readonly problem: string } {
  const names = targets.declared.filter(isPlace).map((target) => target.name)
  if (typeof written === 'string') {
    if (names.includes(written)) return { target: written }
    const asked = targets.declared.find((target) => target.name === written)
    if (asked)
      return { problem: `'${written}' is an ${asked.kind}: it is asked what it knows, and nothing lives on it` }
    if (targets.broken.includes(written)) return { problem: `the target '${written}' is declared with errors` }
    return { problem: `no target is called '${written}'${didYouMean(written, names)}${unreadNote(targets)}` }
  }
  const swarms = targets.declared.filter((target) => target.kind === 'Swarm').map((target) => target.name)
  const [only, ...others] = swarms
  const uncertain = targets.unread || targets.broken.length > 0
  if (only !== undefined && others.length === 0 && !uncertain) return { target: only }
  if (only === undefined) return { problem: `no Swarm is declared under targets/${unreadNote(targets)}` }
  if (others.length === 0) return { problem: `say the target, for example 'target: ${only}'${unreadNote(targets)}` }
  return { problem: `say the target: the fleet has the Swarms ${swarms.join(', ')}` }
}

const unreadNote = (targets: Targets): string =>
  targets.unread
    ? ' (something under targets/ could not be read)'
    : targets.broken.length > 0
      ? ` (${targets.broken.join(', ')} ${targets.broken.length > 1 ? 'are' : 'is'} declared with errors)`
      : ''
