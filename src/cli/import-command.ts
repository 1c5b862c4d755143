import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Option } from 'commander'
import type { DesiredTarget } from '../model/desired.ts'
import { ReconcileError } from '../model/error.ts'
import type { HostImportReport, ImportFile, ImportReport } from '../model/import.ts'
import { JSON_FORMAT } from '../report/json.ts'
import { renderImport, type ShownFile } from '../report/render-import.ts'
import { readDirectory } from '../source/directory.ts'
import { type AnyCommand, command, formatOption } from './command.ts'
import type { CliContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { type Format, type GlobalOptions, paintFor, printJson, printLines } from './print.ts'
import { type Session, withEngine } from './session.ts'
import { placeFiles, writeFiles } from './write-files.ts'

interface ImportFlags {
  readonly out?: string
  readonly endpoint?: string
  readonly stack?: string
  readonly service?: string
  readonly dryRun?: boolean
  readonly format: Format
}

export const importCommand: AnyCommand = command<ImportFlags>({
  usage: 'import <type> <name>',
  summary:
    'writes documents for what runs on a target (type: swarm or host) and is not owned yet; lists hazards, restarts nothing',
  options: [
    new Option('--out <dir>', 'folder of the config repository; - prints the files'),
    new Option('--endpoint <url>', 'where the Swarm is, if no document says so; then its document is written, too'),
    new Option('--stack <stack>', 'this stack only'),
    new Option('--service <service>', 'this service only'),
    new Option('--dry-run', 'writes nothing'),
    formatOption('text', 'json'),
  ],
  examples: [
    'import swarm prod',
    'import swarm prod --stack shop --dry-run',
    'import swarm prod --endpoint unix:///var/run/docker.sock --out fleet',
    'import host app-1 --dry-run',
  ],
  run: (context, [type = '', name = ''], flags) => {
    if (type !== 'swarm' && type !== 'host') {
      const todo = `say: import swarm ${name}, or import host ${name}`
      throw new ReconcileError('Usage', { message: `import knows no '${type}'`, todo })
    }
    if (type === 'host') refuseOfSwarm(flags)
    return withEngine(context, { ...flags, quiet: true }, (session) =>
      runImport(context, name, { type, flags, session }),
    )
  },
})

/** What a host does not have. */
function refuseOfSwarm(flags: ImportFlags): void {
  const given = (['endpoint', 'stack', 'service'] as const).find((flag) => flags[flag] !== undefined)
  if (given === undefined) return
  throw new ReconcileError('Usage', { message: `--${given} is for a Swarm`, todo: 'leave it out for a host' })
}

interface Asked {
  readonly type: 'swarm' | 'host'
  readonly flags: ImportFlags & GlobalOptions
  readonly session: Session
}

async function runImport(context: CliContext, name: string, { type, flags, session }: Asked): Promise<number> {
  const { out, stack, service } = flags
  const local = localFolder(context, out)
  const { target, targets } = await targetOf(context, { name, local, type, flags, session })
  const { engine, ask } = session
  const report =
    type === 'host'
      ? await engine.importHost({ ...ask, target, targets })
      : await engine.importSwarm({ ...ask, target, ...(stack && { stack }), ...(service && { service }) })
  if (flags.format === 'json') {
    printJson(context, { format: JSON_FORMAT, ...report })
    return EXIT.done
  }
  const folder = local ?? report.folder
  const files = [...basics(target, flags, folder), ...report.files]
  if (out === '-') printFiles(context, files)
  else await writeOrShow(context, { report, files, folder, flags })
  return EXIT.done
}

/** Named, or this one where it is a config repository. */
function localFolder({ cwd }: CliContext, out: string | undefined): string | undefined {
  if (out !== undefined && out !== '-') return resolve(cwd, out)
  return existsSync(join(cwd, 'swarmkeeper.yaml')) ? cwd : undefined
}

async function targetOf(
  context: CliContext,
  { name, local, type, flags, session }: Asked & { readonly name: string; readonly local: string | undefined },
): Promise<{ readonly target: DesiredTarget; readonly targets: readonly DesiredTarget[] }> {
  const { endpoint } = flags
  if (endpoint !== undefined) {
    const config = { kind: 'Swarm', name, endpoints: [endpoint] }
    const target = {
      name,
      kind: 'Swarm',
      config,
      origin: { path: `targets/${name}.yaml`, line: 1, column: 1 },
    } as const
    return { target, targets: [target] }
  }
  const isHere = local !== undefined && existsSync(join(local, 'swarmkeeper.yaml'))
  const { targets } = isHere
    ? await context.renderOffline(await readDirectory(local, context))
    : await session.engine.desired(session.ask)
  const found = targets.find((target) => target.name === name)
  if (found) {
    requireType(found, type)
    return { target: found, targets }
  }
  const known = targets.map((target) => target.name).join(', ')
  throw new ReconcileError('NotFound', {
    message: `no target '${name}' is declared${known === '' ? '' : `; there are: ${known}`}`,
    todo:
      type === 'host'
        ? `declare it: a file under targets/ with 'kind: Host', its address, its user and its hostKey`
        : `say where it is: import swarm ${name} --endpoint unix:///var/run/docker.sock`,
  })
}

function requireType({ name, kind }: DesiredTarget, type: 'swarm' | 'host'): void {
  if (kind.toLowerCase() === type) return
  throw new ReconcileError('Usage', {
    message: `'${name}' is a ${kind}`,
    todo: `say: import ${kind.toLowerCase()} ${name}`,
  })
}

/** What a repository needs beside the apps, where it is not there. */
function basics({ name }: DesiredTarget, { endpoint }: ImportFlags, folder: string | undefined): readonly ImportFile[] {
  const isThere = (path: string): boolean => folder !== undefined && existsSync(join(folder, path))
  const files: readonly ImportFile[] = [
    { path: 'swarmkeeper.yaml', content: 'kind: Fleet\nversion: 1\n', about: 'the fleet' },
    {
      path: `targets/${name}.yaml`,
      content: `kind: Swarm\nname: ${name}\nendpoints: ["${endpoint}"]\n`,
      about: `the Swarm ${name}`,
    },
  ]
  return endpoint === undefined ? [] : files.filter(({ path }) => !isThere(path))
}

function printFiles(context: CliContext, files: readonly ImportFile[]): void {
  printLines(
    context,
    files.flatMap(({ path, content }) => [`# ${path}`, content]),
  )
}

interface ToWrite {
  readonly report: ImportReport | HostImportReport
  readonly files: readonly ImportFile[]
  readonly folder: string | undefined
  readonly flags: ImportFlags & GlobalOptions
}

async function writeOrShow(context: CliContext, { report, files, folder, flags }: ToWrite): Promise<void> {
  if (folder === undefined) {
    throw new ReconcileError('Usage', {
      message: 'this is no config repository, and the configured one is not on this machine',
      todo: 'name a folder with --out, or print the files with --out -',
    })
  }
  const placed = await placeFiles(folder, files)
  if (!flags.dryRun) await writeFiles(placed)
  const here = seenFrom(context.cwd, folder)
  const shown = placed.map(({ path, about, isThere }): ShownFile => {
    const as = isThere ? 'there already' : flags.dryRun ? 'not written' : 'written'
    return { path: join(here, path), about, as }
  })
  const added = report.files.length > 0 && shown.some(({ as }) => as === 'written')
  printLines(context, [
    ...renderImport(report, shown, paintFor(context.out, flags)),
    ...(added ? ['', 'next:', ...nextSteps(here)] : []),
  ])
}

/** As one would type it. */
function seenFrom(cwd: string, folder: string): string {
  const path = relative(cwd, folder)
  return path.startsWith('..') ? folder : path
}

function nextSteps(here: string): readonly string[] {
  const go = here === '' ? '' : `cd ${here} && `
  return [
    `  ${go}swarmkeeper validate`,
    '  git add -A && git commit -m "What runs"',
    '  swarmkeeper plan     (adopts, and nothing else)',
    '  swarmkeeper apply',
  ]
}
