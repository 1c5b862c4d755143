import { compareUnits, lineOf } from './compare.ts'
import { missingSystemd } from './systemd.ts'

const USAGE = `npm run conformance:units -- FOLDER... [--seed N] [--each N] [--files N]

What swarmkeeper makes of every unit file of the folders, and of seeded mutations of each, beside what
\`systemd-analyze verify\` makes of it: before a file is installed, and without a host. Nothing is installed.`

interface Options {
  readonly folders: readonly string[]
  readonly seed: number
  readonly each: number
  /** Some of them; all, where it is left out. */
  readonly files?: number
}

function optionsOf(args: readonly string[]): Options {
  const at = (word: string, otherwise: number): number => {
    const index = args.indexOf(word)
    return index === -1 ? otherwise : Number(args[index + 1])
  }
  const folders = args.filter((word, index) => !word.startsWith('--') && !args[index - 1]?.startsWith('--'))
  const files = at('--files', 0)
  return { folders, seed: at('--seed', 1), each: at('--each', 5), ...(files > 0 ? { files } : {}) }
}

async function main(args: readonly string[]): Promise<number> {
  const { folders, ...asked } = optionsOf(args)
  const missing = missingSystemd()
  if (folders.length === 0 || missing) {
    console.error(missing ?? USAGE)
    return 2
  }
  const found = await compareUnits(folders, asked)
  for (const { name, kind, lines } of found.differences) {
    console.log(`${name}: ${kind}${lines.map((line) => `\n  ${line}`).join('')}`)
  }
  console.log(`seed=${asked.seed} ${lineOf(found)}`)
  return found.differences.some(({ kind }) => kind !== 'not found offline') ? 1 : 0
}

process.exitCode = await main(process.argv.slice(2))
