import { compareText } from '../desired/expand/findings.ts'
import { ownedPointers } from '../kinds/file/json-merge.ts'
import type { FileSpec } from '../kinds/file/spec.ts'
import type { ProgramSpec } from '../kinds/program/spec.ts'
import { KINDS } from '../kinds/registry.ts'
import type { UnitSpec } from '../kinds/unit/spec.ts'
import { isTemplate, parseUnitName } from '../kinds/unit/unit-name.ts'
import { groupBy } from '../lib/group-by.ts'
import { UNREAD_TARGETS } from '../model/desired.ts'
import { partsOf } from '../model/id.ts'
import type { OrphanedTarget } from '../model/outcome.ts'
import type { Recorded } from '../model/resource.ts'
import type { Store } from '../model/store.ts'
import type { Look } from '../reconcile/look.ts'
import { quoteWords } from '../shell/words.ts'

/** Recorded on a target that no document declares any more (rule 13). One that is declared with errors is declared. */
export function orphansOf(store: Store, { targets, desired: { brokenTargets } }: Look): readonly Recorded[] {
  if (brokenTargets.includes(UNREAD_TARGETS)) return []
  const declared = new Set([...targets.keys(), ...brokenTargets])
  // What only shows what a file brings is no thing of its own: the file is what stays.
  const left = store.record().filter(({ kind }) => KINDS.get(kind)?.reflects !== true)
  return left.filter(({ id }) => !declared.has(partsOf(id).target))
}

/** A target that was only renamed: another one that answers is the same machine, or Swarm. */
export function renamedTo(target: string, store: Store, { identities }: Look): string | undefined {
  const identity = store.fleet().targets[target]
  const found = identity === undefined ? undefined : [...identities].find(([, other]) => other === identity)
  return found?.[0]
}

/** Address and credential went with the document: what is left there, a person takes away, on the machine itself. */
export function orphanedTargets(
  orphans: readonly Recorded[],
  { install, isNow = () => undefined }: { readonly install: string; isNow?(target: string): string | undefined },
): readonly OrphanedTarget[] {
  const byTarget = groupBy(orphans, ({ id }) => partsOf(id).target)
  return [...byTarget].map(([target, left]) => {
    const now = isNow(target)
    if (now !== undefined) return { target, isNow: now, cleanUp: [] }
    const sorted = [...left].sort((a, b) => rankOf(b) - rankOf(a) || compareText(b.id, a.id))
    const commands = sorted.flatMap(removalOf)
    const own = [
      ['systemctl', 'daemon-reload'],
      ['rm', '-r', '--', `/var/lib/swarmkeeper/${install}`],
    ]
    const words = left.some(({ kind }) => HOST_KINDS.has(kind)) ? [...commands, ...own] : commands
    return { target, cleanUp: words.map(quoteWords) }
  })
}

const removalOf = ({ id, kind, spec }: Recorded): readonly Words[] => REMOVAL[kind]?.(partsOf(id).name, spec) ?? []

type Words = readonly string[]

/** As they are taken away, the users of a thing before it. Directories only where they are empty: what is in them is not ours. */
const REMOVAL: Readonly<Record<string, (name: string, spec: unknown) => readonly Words[]>> = {
  Group: (name) => [['groupdel', '--', name]],
  User: (name) => [['userdel', '--', name]],
  Directory: (path) => [['rmdir', '--', path]],
  Artifact: (path) => [['rm', '--', path]],
  File: removalOfFile,
  // named, since without names it would change what others have pending, too
  Program: (name, spec) => [
    ['rm', '--', `/etc/supervisor/conf.d/${name}.conf`],
    ['supervisorctl', 'update', ...Object.keys((spec as Partial<ProgramSpec>).groups ?? {})],
  ],
  Unit: removalOfUnit,
  Network: (name) => [['docker', 'network', 'rm', '--', name]],
  Secret: (name) => [['docker', 'secret', 'rm', '--', name]],
  Config: (name) => [['docker', 'config', 'rm', '--', name]],
  Service: (name) => [['docker', 'service', 'rm', '--', name]],
  Job: (name) => [['docker', 'service', 'rm', '--', name]],
}

const ORDER = Object.keys(REMOVAL)
const HOST_KINDS = new Set(ORDER.slice(0, ORDER.indexOf('Network')))
const rankOf = ({ kind }: Recorded): number => ORDER.indexOf(kind)

const isInstance = (name: string): boolean => parseUnitName(name).instance !== undefined

/** What others wrote into a file that we merged into is not ours to remove, and no command takes out just our keys. */
function removalOfFile(path: string, spec: unknown): readonly Words[] {
  const { content } = spec as Partial<FileSpec>
  if (content === undefined || !('merge' in content)) return [['rm', '--', path]]
  return [['echo', `by hand: take ${ownedPointers(content.merge).join(', ')} out of ${path}`]]
}

/** A unit of a package stays, without what we added to it. */
function removalOfUnit(name: string, spec: unknown): readonly Words[] {
  const { file, dropIns, masked } = spec as UnitSpec
  const path = `/etc/systemd/system/${name}`
  const added = Object.keys(dropIns).map((dropIn) => `${path}.d/${dropIn}`)
  const paths = file === undefined ? added : [path, ...added]
  const disable = ['systemctl', 'disable', ...(isTemplate(parseUnitName(name)) ? [] : ['--now']), '--', name]
  return [
    ...(masked ? [['systemctl', 'unmask', '--', name]] : []),
    ...(file === undefined && !isInstance(name) ? [] : [disable]),
    ...(paths.length > 0 ? [['rm', '--', ...paths]] : []),
  ]
}
