import { comparePrograms, lineOf } from './compare.ts'
import { missingSupervisord } from './supervisord.ts'

const USAGE = `npm run conformance:programs -- FOLDER [--seed N] [--each N]

What swarmkeeper makes of every supervisord configuration (*.conf) of a folder, and of seeded mutations of each, beside what
the real supervisord makes of it. SWARMKEEPER_SUPERVISOR names the folder that its package is in, where it is not found.`

function numberAfter(args: readonly string[], word: string, otherwise: number): number {
  const at = args.indexOf(word)
  return at === -1 ? otherwise : Number(args[at + 1])
}

function main(args: readonly string[]): number {
  const [folder] = args
  const seed = numberAfter(args, '--seed', 1)
  const each = numberAfter(args, '--each', 40)
  const missing = missingSupervisord()
  if (folder === undefined || folder.startsWith('-') || missing) {
    console.error(missing ?? USAGE)
    return 2
  }
  const found = comparePrograms([folder], { seed, each })
  for (const { name, main, ours, theirs } of found.differences) {
    console.log(`${name}\n${main}\n  ours:   ${JSON.stringify(ours)}\n  theirs: ${JSON.stringify(theirs)}`)
  }
  console.log(`seed=${seed} ${lineOf(found)}`)
  return found.differences.length === 0 ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
