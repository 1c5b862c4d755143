import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ReconcileError } from '../model/error.ts'
import { command } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { type InitFile, initFiles } from './init-files.ts'
import { paintFor, printLines } from './print.ts'

export const initCommand = command({
  usage: 'init [dir]',
  summary: 'writes a small working config repository, and settings with a fresh key',
  examples: ['init', 'init fleet'],
  run: async (context, [dir = '.'], options) => {
    const directory = resolve(context.cwd, dir)
    const files = initFiles({
      repository: pathToFileURL(directory).href,
      key: context.randomBytes(32).toString('hex'),
    })
    for (const file of files) refuseToReplace(join(directory, file.path))
    for (const file of files) await writeNew(join(directory, file.path), file)
    const paint = paintFor(context.out, options)
    const here = relative(context.cwd, directory) || '.'
    const go = here === '.' ? '' : `cd ${quoted(here)} && `
    printLines(context, [
      ...files.map((file) => `${paint.good('+')} ${join(here, file.path)}${paint.quiet(`  ${file.about}`)}`),
      '',
      'next:',
      `  ${go}git init -b main && git add -A && git commit -m "A fleet"`,
      '  swarmkeeper validate',
      '  swarmkeeper doctor',
      '  swarmkeeper plan',
    ])
    return EXIT.done
  },
})

const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`)

/** Nothing is written over, and nothing is written at all where that would be in the way. */
function refuseToReplace(path: string): void {
  if (!existsSync(path)) return
  throw new ReconcileError('Usage', {
    message: `${path} is there already`,
    todo: 'name a new folder: swarmkeeper init DIR',
  })
}

async function writeNew(path: string, file: InitFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, file.content, { flag: 'wx', mode: file.secret ? 0o600 : 0o644 })
}
