import { existsSync } from 'node:fs'
import { compareRules, type Difference, judge, lineOf, ruleFilesOf } from './compare.ts'
import { missingPromtool, type Said } from './promtool.ts'

const USAGE = `npm run conformance:rules -- FOLDER [--seed N] [--mutations N] [--show N] [--without-promtool]

What swarmkeeper says of every Prometheus rule file (*.yml, *.yaml, *.rules) below a folder, and of seeded mutations of them,
beside what promtool's 'check rules' says. Disagreements are printed with their text; the last line is agree=A/N.
  --seed N             which mutations (1)
  --mutations N        how many, of all files together (2000)
  --show N             how many disagreements are printed in full (20)
  --without-promtool   only what swarmkeeper says of the files, where promtool is not installed`

function numberAfter(args: readonly string[], word: string, otherwise: number): number {
  const at = args.indexOf(word)
  return at === -1 ? otherwise : Number(args[at + 1])
}

const verdict = ({ accepted, rules, complaints }: Said): string =>
  accepted ? `accepted, ${rules < 0 ? 'some' : rules} rules` : `refused: ${complaints.slice(0, 3).join('; ')}`

function show({ name, text, ours, theirs }: Difference): void {
  const shown = text.length > 6000 ? `${text.slice(0, 6000)}\n(${text.length} characters in all)` : text
  console.log(`--- ${name}\n${shown}\n  ours:   ${verdict(ours)}\n  theirs: ${verdict(theirs)}\n`)
}

function alone(folder: string): number {
  const files = ruleFilesOf(folder)
  const refused = files.filter(({ text }) => !judge(text).accepted)
  for (const { name, text } of refused) console.log(`${name}: ${verdict(judge(text))}`)
  console.log(`promtool was not asked; swarmkeeper accepts ${files.length - refused.length} of ${files.length} files`)
  return 0
}

async function main(args: readonly string[]): Promise<number> {
  const folder = args.find(
    (word, index) => !word.startsWith('--') && !/^--(?:seed|mutations|show)$/.test(args[index - 1] ?? ''),
  )
  if (folder === undefined || !existsSync(folder)) {
    console.error(folder === undefined ? USAGE : `there is no folder ${folder}`)
    return 2
  }
  if (args.includes('--without-promtool')) return alone(folder)
  const missing = missingPromtool()
  if (missing !== undefined) {
    console.error(`${missing}; with --without-promtool only swarmkeeper is asked`)
    return 2
  }
  const wanted = { seed: numberAfter(args, '--seed', 1), mutations: numberAfter(args, '--mutations', 2000) }
  const found = await compareRules(folder, wanted)
  for (const difference of found.differences.slice(0, numberAfter(args, '--show', 20))) show(difference)
  console.log(`seed=${wanted.seed} ${lineOf(found)}`)
  return found.differences.length === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
