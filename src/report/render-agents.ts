import { amountText } from '../lib/amount.ts'
import type { AgentRun } from '../model/agent.ts'
import type { ResourceId } from '../model/id.ts'
import type { AgentStatus, AppStatus, FleetStatus, ResourceStatus } from '../model/outcome.ts'
import { ageOf } from './ages.ts'
import type { Paint } from './paint.ts'
import { columns, plural, printable } from './printable.ts'

/** Each agent in a line: its model, what it lives on, and whether it runs, or when. Below it the end of a run that failed. */
export function renderAgents(
  { agents = [], apps }: Pick<FleetStatus, 'agents' | 'apps'>,
  now: Date,
  paint: Paint,
): readonly string[] {
  const seen: Seen = {
    resources: new Map(apps.flatMap((app) => app.resources.map((resource) => [resource.id, resource] as const))),
    halted: haltedIn(apps),
  }
  const states = agents.map((agent) => stateOf(agent, seen, now))
  const rows = columns(
    agents.map((agent, index) => [
      `agent ${printable(agent.key)}`,
      printable(agent.model ?? ''),
      agent.budget === undefined ? '' : `budget ${printable(agent.budget)}`,
      printable(states[index]?.words ?? ''),
    ]),
  )
  return agents.flatMap(({ lastRun }, index) => {
    const { sign, look } = states[index] ?? UNKNOWN
    const tail = lastRun && FAILED.has(lastRun.outcome) ? lastRun.lines.slice(-SHOWN) : []
    return [`${paint[look](sign)} ${rows[index]}`, ...tail.map((line) => paint.quiet(`    ${printable(line)}`))]
  })
}

const SHOWN = 3
const FAILED: ReadonlySet<AgentRun['outcome']> = new Set(['failed', 'stopped', 'unknown'])

interface Seen {
  readonly resources: ReadonlyMap<ResourceId, ResourceStatus>
  /** What rests for a budget -> that budget. */
  readonly halted: ReadonlyMap<ResourceId, string>
}

const haltedIn = (apps: readonly AppStatus[]): Seen['halted'] =>
  new Map(
    apps.flatMap(({ state }) =>
      (state.halts ?? []).flatMap(({ ids, budget, lifted }) => (lifted ? [] : ids.map((id) => [id, budget] as const))),
    ),
  )

interface State {
  readonly sign: string
  readonly look: 'good' | 'bad' | 'careful'
  readonly words: string
}

const UNKNOWN: State = { sign: '?', look: 'careful', words: 'not known' }

function stateOf(agent: AgentStatus, { resources, halted }: Seen, now: Date): State {
  const [budget] = agent.ids.flatMap((id) => halted.get(id) ?? [])
  const of = agent.ids.flatMap((id) => resources.get(id) ?? [])
  const unwell = of.find(({ state, health }) => state !== 'present' || (health !== 'healthy' && health !== 'suspended'))
  const when = agent.schedule ? `${scheduleWords(agent.schedule)}; ${runWords(agent.lastRun, now)}` : undefined
  if (budget !== undefined) {
    return { sign: '‖', look: 'careful', words: [`rests for ${budget}`, when].filter(Boolean).join('; ') }
  }
  if (of.length === 0) return { ...UNKNOWN, words: when ?? 'not applied yet' }
  if (unwell) {
    const word = unwell.state === 'present' ? (unwell.health ?? 'unknown') : unwell.state
    if (word === 'unknown') return { ...UNKNOWN, words: `unknown: ${unwell.id}` }
    return {
      sign: word === 'progressing' ? '…' : '✗',
      look: word === 'progressing' ? 'careful' : 'bad',
      words: `${word}: ${unwell.id}`,
    }
  }
  if (of.some(({ health }) => health === 'suspended')) return { sign: '‖', look: 'careful', words: 'suspended' }
  if (when !== undefined) return { ...RUNS[agent.lastRun?.outcome ?? 'none'], words: when }
  return { sign: '✓', look: 'good', words: of.length > 1 ? `running on ${plural(of.length, 'host')}` : 'running' }
}

const WELL = { sign: '✓', look: 'good' } as const
const BAD = { sign: '✗', look: 'bad' } as const
const ODD = { sign: '!', look: 'careful' } as const

const RUNS: Readonly<Record<AgentRun['outcome'] | 'none', Pick<State, 'sign' | 'look'>>> = {
  none: WELL,
  succeeded: WELL,
  running: { sign: '…', look: 'good' },
  failed: BAD,
  stopped: ODD,
  missed: ODD,
  refused: ODD,
  unknown: { sign: '?', look: 'careful' },
}

const scheduleWords = ({ cron, timezone }: NonNullable<AgentStatus['schedule']>): string => `at ${cron} ${timezone}`

function runWords(run: AgentRun | undefined, now: Date): string {
  if (!run) return 'no run yet'
  const { outcome, message, startedAt, endedAt, tick, cost } = run
  if (outcome === 'running') return `running, begun ${ageOf(startedAt ?? tick, now)}`
  const spent = cost === undefined ? '' : `, ${amountText(cost.micros, { unit: 'cost', currency: cost.currency })}`
  const why = outcome === 'succeeded' || message === '' ? '' : `: ${message}`
  return `last run ${outcome} ${ageOf(endedAt ?? tick, now)}${spent}${why}`
}
