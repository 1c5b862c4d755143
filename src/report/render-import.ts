import { groupBy } from '../lib/group-by.ts'
import type { HazardCode, HostCounts, ImportHazard, ImportReport, SwarmCounts } from '../model/import.ts'
import type { Paint } from './paint.ts'
import { plural, printable } from './printable.ts'

/** What became of a file. */
type WrittenAs = 'written' | 'there already' | 'not written'

const SIGNS: Readonly<Record<WrittenAs, readonly [string, keyof Paint]>> = {
  written: ['+', 'good'],
  'there already': ['=', 'quiet'],
  'not written': ['+', 'quiet'],
}

export interface ShownFile {
  readonly path: string
  readonly about: string
  readonly as: WrittenAs
}

type AnyReport = ImportReport<SwarmCounts | HostCounts>

export function renderImport(report: AnyReport, files: readonly ShownFile[], paint: Paint): readonly string[] {
  return [
    ...files.map(({ path, about, as }) => {
      const [sign, look] = SIGNS[as]
      return `${paint[look](sign)} ${path}${paint.quiet(`  ${printable(about)}${as === 'there already' ? ', there already' : ''}`)}`
    }),
    ...(files.length > 0 ? [''] : []),
    ...summary(report, paint),
    ...section('written in another way:', report.notes, paint),
    ...section('not imported:', report.leftOut, paint),
    ...renderHazards(report.hazards, paint),
  ]
}

function summary({ counts, owned, target, hazards }: AnyReport, paint: Paint): readonly string[] {
  const ours =
    owned > 0 ? [`${plural(owned, 'resource')} of ${target} ${owned === 1 ? 'is' : 'are'} owned already`] : []
  const { size, live } = sizeOf(counts)
  if (live === 0) return [`nothing on ${target} is left to import`, ...ours]
  const waiting = 'stacks' in counts ? hazards.filter(({ code }) => code === 'not-at-rest').length : 0
  return [
    size.join(', '),
    'every document was read back and compared with what is live: no difference',
    paint.good('first plan: only adopts, 0 restarts'),
    ...(waiting > 0
      ? [`${plural(waiting, 'service')} ${waiting === 1 ? 'waits' : 'wait'} until at rest, see below`]
      : []),
    ...ours,
  ]
}

/** `live`: how much there is without which there is nothing to import. */
function sizeOf(counts: SwarmCounts | HostCounts): { readonly size: readonly string[]; readonly live: number } {
  if ('units' in counts) {
    const { units, programs, files, users } = counts
    const size = [plural(units, 'unit'), plural(programs, 'program'), plural(files, 'file'), plural(users, 'user')]
    return { size, live: units + programs + files + users }
  }
  const { stacks, services, networks, secrets, configs } = counts
  const size = [
    plural(stacks, 'stack'),
    plural(services, 'service'),
    plural(networks, 'network'),
    plural(configs, 'config'),
    `${plural(secrets, 'secret')} by reference`,
  ]
  return { size, live: services + networks }
}

function section(
  title: string,
  notes: readonly { readonly subject: string; readonly message: string }[],
  paint: Paint,
): readonly string[] {
  if (notes.length === 0) return []
  return ['', title, ...notes.map(({ subject, message }) => `${paint.careful('!')} ${subject}: ${printable(message)}`)]
}

/** The worst first. */
const TITLES: Readonly<Record<HazardCode, string>> = {
  data: 'data that can be lost or damaged',
  'secret-in-env': 'secrets in the environment, which these files now hold',
  'secret-in-config': 'secrets in configs, which these files now hold',
  'secret-in-unit': 'secrets in units and programs, which are not imported',
  'secret-for-all': 'secrets that every user of the host can read',
  'docker-socket': 'the node itself in a container',
  privileges: 'more rights than a container has',
  'runs-as-root': 'as root, without bounds',
  'not-at-rest': 'not at rest',
  'not-reloaded': 'changed, and not read by systemd since',
  'hand-made': 'programs that nothing would bring back',
  'unpinned-image': 'images that nobody can go back to',
  'public-port': 'ports on public addresses',
  'outage-on-update': 'an outage with every update',
  'no-restart': 'what ends stays down',
  'no-health-check': 'no health check: running counts as healthy',
}

/** Where every service would say the same words, their names do. */
const SAME_FOR_ALL: ReadonlySet<HazardCode> = new Set([
  'no-health-check',
  'outage-on-update',
  'runs-as-root',
  'no-restart',
])

function renderHazards(hazards: readonly ImportHazard[], paint: Paint): readonly string[] {
  if (hazards.length === 0) return []
  const byCode = groupBy(hazards, (hazard) => hazard.code)
  const codes = (Object.keys(TITLES) as HazardCode[]).filter((code) => byCode.has(code))
  return [
    '',
    `${plural(hazards.length, 'hazard')} in what runs:`,
    ...codes.flatMap((code) => {
      const found = byCode.get(code) ?? []
      const advice = sameAdvice(found)
      const title = `${paint.careful('!')} ${TITLES[code]} (${found.length})${adviceText(advice, paint)}`
      if (SAME_FOR_ALL.has(code)) return [`${title}: ${found.map(({ subject }) => printable(subject)).join(', ')}`]
      return [title, ...found.map((hazard) => `    ${hazardLine(hazard, advice, paint)}`)]
    }),
  ]
}

/** What all of several say to do; said once then. */
function sameAdvice(hazards: readonly ImportHazard[]): string | undefined {
  const [first, ...rest] = new Set(hazards.map(({ todo }) => todo))
  return hazards.length > 1 && rest.length === 0 ? first : undefined
}

const adviceText = (todo: string | undefined, paint: Paint): string =>
  todo === undefined ? '' : ` ${paint.accent('=>')} ${printable(todo)}`

function hazardLine({ subject, message, todo }: ImportHazard, said: string | undefined, paint: Paint): string {
  return `${printable(subject)}: ${printable(message)}${said === undefined ? adviceText(todo, paint) : ''}`
}
