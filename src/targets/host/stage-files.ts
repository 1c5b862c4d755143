import { quoteWords } from '../../shell/words.ts'
import type { Lay } from './apply-script.ts'
import { inTurn, part, type Step, textOf } from './stage-step.ts'

const words = (...all: readonly string[]): string => quoteWords(all)
/** Files of a folder are brought there together right before the first of them: it may have been made by then. */
export function filling(all: readonly Step[]): readonly string[] {
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
    `if [ -n "$s${nth}" ]; then ( set -eu; cd "$s${nth}"`,
    ...written,
    ...owners.map((owner) => `chown -- ${words(owner)} ${named((lay) => lay.owner, owner).join(' ')}`),
    ...modes.map((mode) => `chmod -- ${words(mode)} ${named((lay) => lay.mode, mode).join(' ')}`),
    'sync -- * ) 2>/dev/null 9>&-',
    `[ $? -eq 0 ] || rm -rf -- "$s${nth}"; fi`,
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
