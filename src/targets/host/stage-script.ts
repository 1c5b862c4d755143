import { quoteText, quoteWords } from '../../shell/words.ts'
import { type ChangeScript, FUNCTIONS, type Lay, prelude } from './apply-script.ts'

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

interface Step extends ChangeScript {
  readonly at: number
  readonly acts: NonNullable<ChangeScript['acts']>
  readonly lays: readonly Lay[]
  readonly after: readonly number[]
}

const stepOf = (change: ChangeScript, at: number): Step => ({
  ...change,
  at,
  acts: change.acts ?? [],
  lays: change.lays ?? [],
  after: change.after ?? [],
})

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

const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64')

/** A variable holds no NUL, and sh no more than bytes that it can write back. Quoted; undefined: as base64. */
function textOf(content: string | Uint8Array): string | undefined {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('utf8')
  const isText = text !== '' && !text.includes('\0') && Buffer.from(text).equals(Buffer.from(content))
  return isText ? quoteText(text) : undefined
}

/** All drafts lie in one folder, as the units will, and are judged together: only where systemd complains, each alone. */
function drafting(all: readonly Step[]): readonly string[] {
  const drafted = all.flatMap(({ at, draft, lays }) => (draft ? [{ at, draft, lays }] : []))
  if (drafted.length === 0) return []
  const drafts = drafted.flatMap(({ at, draft: { unit, file, dropIns }, lays }) => [
    file === undefined
      ? `cp -- "$(systemctl show -p FragmentPath --value -- ${words(unit)})" "$all"/${words(unit)}`
      : `draft ${words(unit)} ${textIn(file, { at, lays })}`,
    ...Object.entries(dropIns).map(
      ([name, text]) => `draft ${words(`${unit}.d/${name}`)} ${textIn(text, { at, lays })}`,
    ),
  ])
  const names = drafted.map(({ draft: { unit } }) => `"$all"/${words(unit)}`)
  return ['sound=$( {', ...drafts, `sounds ${names.join(' ')} && echo yes`, '} 2>/dev/null 9>&- )']
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

const saving = (pending: readonly string[]): readonly string[] => [
  'if ( set -eu; saving',
  ...pending,
  'saved ) 2>/dev/null 9>&-; then saved=yes; else saved=; fi',
]

/** Files of a folder are brought there together right before the first of them: it may have been made by then. */
function filling(all: readonly Step[]): readonly string[] {
  const lays = all.flatMap((step) => step.lays.map((lay, nth) => ({ lay, step, nth })))
  const folders = [...new Set(lays.map(({ lay }) => folderOf(lay)))]
  const stocks = folders.map((_, nth) => `"$s${nth}"`)
  const stocked = new Set<string>()
  const lines = all.flatMap((step) => {
    const fresh = [...new Set(step.lays.map(folderOf))].filter((folder) => !stocked.has(folder))
    for (const folder of fresh) stocked.add(folder)
    const stocking = fresh.flatMap((folder) =>
      stockOf(folder, {
        nth: folders.indexOf(folder),
        lays: lays.filter(({ lay }) => folderOf(lay) === folder),
      }),
    )
    return [...stocking, ...firstOf(step, folders)]
  })
  if (folders.length === 0) return lines
  return [
    folders.map((_, nth) => `s${nth}=`).join(' '),
    `trap 'rm -rf -- "$top" ${stocks.join(' ')}' EXIT`,
    ...lines,
    `rm -rf -- ${stocks.join(' ')}`,
    `sync -- ${folders.map((folder) => words(folder)).join(' ')} 2>/dev/null || :`,
  ]
}

const folderOf = ({ path }: Lay): string => path.slice(0, path.lastIndexOf('/')) || '/'

interface Stock {
  readonly nth: number
  readonly lays: readonly { readonly lay: Lay; readonly step: Step; readonly nth: number }[]
}

function stockOf(folder: string, { nth, lays }: Stock): readonly string[] {
  const written = lays.map(({ lay, step, nth: which }) => {
    const text = `"$t${step.at}_${which}"`
    const name = `${step.at}_${which}`
    return textOf(lay.content) === undefined ? `printf %s ${text} | base64 -d >${name}` : `printf %s ${text} >${name}`
  })
  const named = (of: (lay: Lay) => string, value: string) =>
    lays.filter(({ lay }) => of(lay) === value).map(({ step, nth: which }) => `${step.at}_${which}`)
  const modes = [...new Set(lays.map(({ lay }) => lay.mode))]
  const owners = [...new Set(lays.map(({ lay }) => lay.owner))]
  return [
    `stock ${words(folder)}`,
    `s${nth}=$stock`,
    `[ -z "$s${nth}" ] || ( set -eu; cd "$s${nth}"`,
    ...written,
    ...owners.map((owner) => `chown -- ${words(owner)} ${named((lay) => lay.owner, owner).join(' ')}`),
    ...modes.map((mode) => `chmod -- ${words(mode)} ${named((lay) => lay.mode, mode).join(' ')}`),
    `sync -- * ) 2>/dev/null 9>&- || rm -rf -- "$s${nth}"`,
  ]
}

function firstOf(step: Step, folders: readonly string[]): readonly string[] {
  const { at, intends, first, lays, after } = step
  const steps = [
    ...(intends ? [`intend ${intends.key} "$(printf '%s\\n' "$i${at}" | b)"`] : []),
    ...first,
    ...lays.map((lay, nth) => layOf(step, lay, { nth, folders })),
  ]
  return [`[ $ok${at} -ne 0 ] || {`, ...inTurn(at, after, part('first', at, steps)), '}']
}

function layOf(
  { at }: Step,
  lay: Lay,
  { nth, folders }: { readonly nth: number; readonly folders: readonly string[] },
) {
  const text = `"$t${at}_${nth}"`
  const content = textOf(lay.content) === undefined ? text : `'' ${text}`
  const staged = `"$s${folders.indexOf(folderOf(lay))}"/${at}_${nth}`
  return `lay ${words(lay.path, lay.mode, lay.owner, String(lay.keep))} ${staged} ${content}`
}

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

/** A unit does not start with the file that could not be written for it. */
const inTurn = (at: number, after: readonly number[], lines: readonly string[]): readonly string[] =>
  after.length === 0
    ? lines
    : [
        `if [ "${after.map((before) => `$ok${before}`).join('')}" = ${'0'.repeat(after.length)} ]; then`,
        ...lines,
        `else ok${at}=10 said='nothing was done: what it comes after failed'; told first ${at} 10; fi`,
      ]

const part = (name: string, at: number, steps: readonly string[]): readonly string[] => [
  ...(steps.length === 0 ? ['said='] : apart(at, steps)),
  `told ${name} ${at} $ok${at}`,
]

/**
 * What it says is kept in a variable: a full disk has no room for it. The subshell stands alone: where its end is asked for
 * by `||`, `set -e` does nothing.
 */
const apart = (at: number, steps: readonly string[]): readonly string[] => [
  'said=$( {',
  'set -eu',
  ...steps,
  '} 2>&1 >/dev/null 9>&- )',
  `ok${at}=$?`,
]
