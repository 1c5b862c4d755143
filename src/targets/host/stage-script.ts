import { quoteText, quoteWords } from '../../shell/words.ts'
import { type ChangeScript, FUNCTIONS, prelude } from './apply-script.ts'
import { filling } from './stage-files.ts'
import { apart, base64, inTurn, part, type Step, stepOf, textOf } from './stage-step.ts'

/**
 * One script for a stage: what must be so, intents, files, one daemon-reload, then what starts, and what the record is told
 * of it. What systemd, the record and folders are told, they are told of all changes at once (`bulk-script.ts`). A change
 * that fails stops only itself, and what comes after it.
 */
export function applyScript(install: string, changes: readonly ChangeScript[]): string {
  const all = changes.map(stepOf)
  const [still, acting] = [all.filter(isStill), all.filter((step) => isActing(step, all))]
  const rest = all.filter((step) => !still.includes(step) && !acting.includes(step))
  const reload = changes.some(({ daemonReload }) => daemonReload) || all.some(isEnabled)
  return [
    FUNCTIONS,
    prelude(install),
    ...all.flatMap(variables),
    `coming=${quoteText(all.flatMap(missingBefore).join('\n'))}`,
    ...drafting(all),
    ...all.flatMap(checking),
    ...intending(all),
    ...filling(all),
    ...enabling(all),
    ...(reload ? ['said=$(systemctl daemon-reload 2>&1) || told reload 0 1'] : []),
    ...noting(still),
    ...starting(acting),
    ...noting(acting),
    ...rest.flatMap(ending),
    'echo end',
  ].join('\n')
}

const words = (...all: readonly string[]): string => quoteWords(all)
const BEGIN: readonly string[] = ['start', 'restart']

/** Nothing is left to be done when its files are written. */
const isStill = ({ acts, last, notes }: Step): boolean => acts.length === 0 && last.length === 0 && notes !== undefined

const isEnabled = ({ acts: [first] }: Step): boolean => first?.[0] === 'reenable'

/** What is only enabled and started, and waits for the start of nothing else, is started with the others. */
function isActing(step: Step, all: readonly Step[]): boolean {
  const { acts, last, notes, after } = step
  const isCommon = acts.every(([verb], at) => BEGIN.includes(verb) || (verb === 'reenable' && at === 0))
  const isFree = after.every((at) => all.some((other) => other.at === at && isStill(other)))
  return acts.length > 0 && last.length === 0 && notes !== undefined && isCommon && isFree
}

/** What is said twice is said once. */
function variables({ at, intends, notes, lays }: Step): readonly string[] {
  return [
    `ok${at}=0`,
    ...(intends ? [`i${at}=${quoteText(intends.line)}`] : []),
    ...(notes ? [`n${at}=${quoteText(notes.line)}`] : []),
    ...lays.map(({ content }, nth) => `t${at}_${nth}=${textOf(content) ?? base64(content)}`),
  ]
}

/** What systemd says of a unit whose program this stage brings. */
const missingBefore = ({ brings, lays }: Step): readonly string[] =>
  [...(brings === undefined ? [] : [brings]), ...lays.map(({ path }) => path)].map(
    (path) => `Command ${path} is not executable: No such file or directory`,
  )

/** All drafts lie in one folder, as the units will, and are judged together: only where systemd complains, each alone. */
function drafting(all: readonly Step[]): readonly string[] {
  const drafted = all.flatMap(({ at, draft, lays }) => (draft ? [{ at, draft, lays }] : []))
  if (drafted.length === 0) return []
  const drafts = drafted.flatMap(({ at, draft: { unit, file, dropIns }, lays }) => [
    file === undefined ? asItIs(unit) : `draft ${words(unit)} ${textIn(file, { at, lays })}`,
    ...Object.entries(dropIns).map(
      ([name, text]) => `draft ${words(`${unit}.d/${name}`)} ${textIn(text, { at, lays })}`,
    ),
  ])
  const names = drafted.map(({ draft: { unit } }) => `"$all"/${words(unit)}`)
  return ['sound=$( {', ...drafts, `sounds ${names.join(' ')} && echo yes`, '} 2>/dev/null 9>&- )']
}

/** A slice may have no file at all. */
function asItIs(unit: string): string {
  const copy = `cp -- "$(systemctl show -p FragmentPath --value -- ${words(unit)})" "$all"/${words(unit)}`
  return unit.endsWith('.slice') ? `${copy} || draft ${words(unit)} '[Slice]'` : copy
}

function textIn(text: string, { at, lays }: Pick<Step, 'at' | 'lays'>): string {
  const nth = lays.findIndex(({ content }) => content === text)
  return nth >= 0 && textOf(text) !== undefined ? `"$t${at}_${nth}"` : quoteText(text)
}

function checking({ at, checks = [], draft }: Step): readonly string[] {
  const steps = [...(draft ? [`[ -n "$sound" ] || verify ${words(draft.unit)}`] : []), ...checks]
  return steps.length === 0 ? [] : [...apart(at, steps), `[ $ok${at} -eq 0 ] || told first ${at} $ok${at}`]
}

function intending(all: readonly Step[]): readonly string[] {
  const intents = all.flatMap(({ at, intends }) =>
    intends ? [`[ $ok${at} -ne 0 ] || intending ${intends.key} "$i${at}"`] : [],
  )
  return intents.length < 2 ? [] : saving(intents)
}

/** Its end is asked for afterwards: where it is asked for by `if`, `set -e` does nothing. */
const saving = (pending: readonly string[]): readonly string[] => [
  '( set -eu; saving',
  ...pending,
  'saved ) 2>/dev/null 9>&-',
  'if [ $? -eq 0 ]; then saved=yes; else saved=; fi',
]

/** The files in /etc that say what is enabled are read with the others, by the one daemon-reload. */
function enabling(all: readonly Step[]): readonly string[] {
  const enabled = all.filter(isEnabled)
  if (enabled.length === 0) return []
  return [
    'set --',
    ...enabled.map(({ at, acts }) => `[ $ok${at} -ne 0 ] || set -- "$@" ${words(unitOf(acts))}`),
    'enabled=yes',
    '[ $# -eq 0 ] || timeout 120 systemctl --no-reload reenable -- "$@" >/dev/null 2>&1 9>&- || enabled=',
  ]
}

const unitOf = ([first]: Step['acts']): string => first?.[1] ?? ''

function noting(all: readonly Step[]): readonly string[] {
  if (all.length === 0) return []
  const pending = all.flatMap(({ at, notes }) =>
    notes ? [`[ $ok${at} -ne 0 ] || pend ${notes.key}.json "$n${at}"`] : [],
  )
  const run = all.flatMap(({ at, notes }) =>
    notes?.run === undefined ? [] : [`[ $ok${at} -ne 0 ] || set -- "$@" ${notes.key} ${words(notes.run)}`],
  )
  return [
    ...saving([...pending, ...(run.length > 0 ? ['set --', ...run, 'runs "$@"'] : [])]),
    ...all.flatMap((step) => [
      `if [ $ok${step.at} -ne 0 ]; then :`,
      `elif [ -n "$saved" ]; then said= ; told last ${step.at} 0`,
      'else',
      ...part('last', step.at, noteWords(step)),
      'fi',
    ]),
  ]
}

function noteWords({ at, notes }: Step): readonly string[] {
  if (!notes) return []
  const { key, run } = notes
  return [`note ${key} "$(printf '%s\\n' "$n${at}" | b)"`, ...(run === undefined ? [] : [`ran ${key} ${words(run)}`])]
}

function starting(acting: readonly Step[]): readonly string[] {
  if (acting.length === 0) return []
  return [
    ...acting.flatMap(({ at, after }) =>
      after.length > 0 ? [`[ $ok${at} -ne 0 ] || {`, ...inTurn(at, after, [':']), '}'] : [],
    ),
    ...acting.filter(isEnabled).flatMap((step) => unless('enabled', step, [actWords('reenable', unitOf(step.acts))])),
    ...BEGIN.flatMap((verb) => beginning(verb, acting)),
  ]
}

function beginning(verb: string, acting: readonly Step[]): readonly string[] {
  const begun = acting.flatMap((step) => {
    const unit = step.acts.find(([one]) => one === verb)?.[1]
    return unit === undefined ? [] : [{ step, unit }]
  })
  if (begun.length === 0) return []
  return [
    'set --',
    ...begun.map(({ step: { at }, unit }) => `[ $ok${at} -ne 0 ] || set -- "$@" ${words(unit)}`),
    `begin ${verb} "$@" 9>&-`,
    ...begun.flatMap(({ step, unit }) => unless('begun', step, [`began ${verb} ${words(unit)}`])),
  ]
}

const actWords = (verb: string, unit: string): string =>
  verb === 'reload' ? `reload ${words(unit)}` : `act ${verb} ${words(unit)}`

/** What was done for all needs nothing more; else each tells what is wrong with it. */
const unless = (done: string, { at }: Step, steps: readonly string[]): readonly string[] => [
  `[ -n "$${done}" ] || [ $ok${at} -ne 0 ] || {`,
  ...apart(at, steps),
  `[ $ok${at} -eq 0 ] || told last ${at} $ok${at}`,
  '}',
]

function ending(step: Step): readonly string[] {
  const { at, acts, last, after } = step
  const isDone = isEnabled(step) ? ['[ -n "$enabled" ] ||'] : []
  const told = acts.map(([verb, unit], nth) => [...(nth === 0 ? isDone : []), actWords(verb, unit)].join(' '))
  return [
    `[ $ok${at} -ne 0 ] || {`,
    ...inTurn(at, after, part('last', at, [...told, ...last, ...noteWords(step)])),
    '}',
  ]
}
