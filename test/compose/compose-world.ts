import { type LoadedCompose, loadCompose } from '../../src/compose/load/load-compose.ts'
import { composeSchemas } from '../../src/compose/load/schema.ts'
import type { Unset } from '../../src/compose/load/template.ts'
import type { ComposeModel, ComposeService } from '../../src/compose/model.ts'
import { loadComposeSchemas } from '../../src/lib/load-schemas.ts'
import { formatProblem } from '../../src/model/problem.ts'

export const schemas = composeSchemas(loadComposeSchemas())

export interface World {
  readonly variables?: Readonly<Record<string, string>>
  readonly unset?: Unset
  readonly files?: Readonly<Record<string, string>>
  readonly folder?: string
}

/** Compose files `compose.yaml`, `over-1.yaml`, … in their order, as texts. */
export function loadTexts(texts: readonly string[], world: World = {}): LoadedCompose {
  const { variables = {}, unset = 'blank', files = {}, folder = '/stack' } = world
  return loadCompose({
    files: texts.map((text, index) => ({
      path: index === 0 ? 'compose.yaml' : `over-${index}.yaml`,
      content: Buffer.from(text),
    })),
    variables: { values: new Map(Object.entries(variables)), unset },
    readFile: (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
    folder,
    schemas,
  })
}

/** @throws where a file has errors, with all of them */
export function modelOf(text: string, world: World = {}): ComposeModel {
  const { model, problems } = loadTexts([text], world)
  if (!model) throw new Error(problems.map(formatProblem).join('\n'))
  return model
}

/** The service `web` with these lines of its own. */
export function service(lines: string, world: World = {}): ComposeService {
  const indented = lines.split('\n').map((line) => `    ${line}`)
  const { web } = modelOf(['services:', '  web:', '    image: a:1', ...indented].join('\n'), world).services
  if (!web) throw new Error('there is no service web')
  return web
}

/** Errors and warnings, as they are printed. */
export const problemsOf = (texts: readonly string[], world: World = {}): readonly string[] =>
  loadTexts(texts, world).problems.map(formatProblem)
