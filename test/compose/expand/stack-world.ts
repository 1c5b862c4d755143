import type { Desired } from '../../../src/model/desired.ts'
import { partsOf } from '../../../src/model/id.ts'
import type { Wanted } from '../../../src/model/resource.ts'
import { lines, newRender, snapshotOf } from '../../engine/counted.ts'

export type Files = Readonly<Record<string, string>>

const BASE: Files = {
  'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
  'targets/prod.yaml': 'kind: Swarm\nname: prod\nendpoints: [unix:///var/run/docker.sock]\n',
}

const render = newRender()

export const STACK = 'kind: Stack\nname: shop\ncompose: [compose.yaml]\n'

/**
 * A repository whose app `shop` has these files, and a Stack of `compose.yaml` unless they say another one. Other apps
 * begin with `apps/`, what stands at the top with `/`.
 */
export async function shop(files: Files): Promise<Desired> {
  const own = Object.entries(files).map(([path, text]) => [placeOf(path), text])
  return render(await snapshotOf({ ...BASE, 'apps/shop/shop.yaml': STACK, ...Object.fromEntries(own) }))
}

const placeOf = (path: string): string =>
  path.startsWith('/') ? path.slice(1) : path.startsWith('apps/') ? path : `apps/shop/${path}`

/** Problems as they are printed; those of the app's folder without its path. */
export const problems = (desired: Desired): readonly string[] =>
  lines(desired).map((line) => line.replace(/^apps\/shop\//, ''))

export const errors = (desired: Desired): readonly string[] =>
  problems(desired).filter((line) => !/^\S+ warning: /.test(line))

/** `Kind/name` of everything, generations shortened. */
export const names = (desired: Desired, app = 'shop'): readonly string[] =>
  (desired.apps.get(app)?.wanted ?? []).map(({ id }) => short(partsOf(id).kind, partsOf(id).name))

const short = (kind: string, name: string): string => `${kind}/${name.replace(/_[0-9a-f]{12}$/, '_…')}`

// biome-ignore lint/suspicious/noExplicitAny: a spec is whatever its kind makes of it
export type Found = Wanted<any>

export function found(desired: Desired, name: string, app = 'shop'): Found {
  const wanted = desired.apps.get(app)?.wanted.find(({ id }) => short(partsOf(id).kind, partsOf(id).name) === name)
  if (!wanted) throw new Error(`no ${name} among ${names(desired, app).join(', ')}\n${lines(desired).join('\n')}`)
  return wanted
}

/** A compose file with one service. */
export const web = (...more: readonly string[]): string =>
  ['services:', '  web:', '    image: nginx:1.27', ...more].join('\n')
