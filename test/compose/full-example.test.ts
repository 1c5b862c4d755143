import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configView } from '../../src/compose/config-view.ts'
import { loadCompose } from '../../src/compose/load/load-compose.ts'
import type { Node } from '../../src/compose/yaml/node.ts'
import { readYaml } from '../../src/compose/yaml/read-yaml.ts'
import { schemas } from './compose-world.ts'

const FOLDER = 'test/compose/full-example/'

type View = Readonly<Record<string, unknown>>

/** As docker/cli's own tests load it. */
function fullExample(): View {
  const { model } = loadCompose({
    files: [{ path: 'full-example.yml', content: readFileSync(`${FOLDER}full-example.yml`) }],
    variables: {
      values: new Map([
        ['HOME', '/bar'],
        ['QUX', 'qux_from_environment'],
      ]),
      unset: 'blank',
    },
    readFile: (path) => readFileSync(FOLDER + path),
    folder: '/foo',
    schemas,
  })
  if (!model) throw new Error('the example was refused')
  return configView(model) as View
}

function plain(node: Node): unknown {
  if (node.type === 'list') return node.items.map(plain)
  if (node.type === 'map') return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.value)]))
  const { value } = node
  return typeof value === 'object' && value !== null && value.go !== 'time' ? value.number : value
}

/** Go's JSON has no word for an absent struct, and leaves out what begins with `x-` but at the top. */
function asJson(view: View): unknown {
  const section = (key: string, empty: object): object =>
    Object.fromEntries(
      Object.entries(view[key] as Readonly<Record<string, object>>).map(([name, value]) => [
        name,
        { ...empty, ...withoutExtras(value) },
      ]),
    )
  return {
    ...view,
    services: section('services', { credential_spec: {} }),
    networks: section('networks', { external: false, ipam: {} }),
    volumes: section('volumes', { external: false }),
    secrets: section('secrets', { external: false }),
    configs: section('configs', { external: false }),
  }
}

const withoutExtras = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-') || key === 'x-cluster-spec'))

describe("docker/cli's full example, which has every key", () => {
  it('is what `docker stack config` prints', () => {
    const { root } = readYaml(readFileSync(`${FOLDER}full-example.yaml.golden`))
    expect(fullExample()).toEqual(root && plain(root))
  })

  it('is what the docker CLI holds, printed as JSON', () => {
    const golden: unknown = JSON.parse(readFileSync(`${FOLDER}full-example.json.golden`, 'utf8'))
    expect(asJson(fullExample())).toEqual(golden)
  })
})
