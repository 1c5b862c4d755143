import { posix } from 'node:path'
import { createRender, type Render } from '../../../src/engine/render.ts'
import { digestOf } from '../../../src/model/digest.ts'
import { formatProblem } from '../../../src/model/problem.ts'
import type { Wanted } from '../../../src/model/resource.ts'
import { Sensitive } from '../../../src/model/sensitive.ts'
import type { Snapshot, SnapshotFile } from '../../../src/model/source.ts'
import { STACK } from '../stacks/docker-cli.ts'
import type { StackVersion } from './history.ts'

/** What a version of a stack declares, by our own reading; or why it declares nothing. */
export interface OurReading {
  readonly wanted: readonly Wanted[]
  readonly refused: readonly string[]
}

export interface OurReader {
  read(version: StackVersion): Promise<OurReading>
}

/** The program's own way from a repository to resources: the stack file as the `Stack` of an app, with `unset: blank`. */
export function createReader(options: {
  readonly variables: Readonly<Record<string, string>>
  readonly blobs: ReadonlyMap<string, Buffer>
}): OurReader {
  const render: Render = createRender({ key: new Sensitive(Buffer.alloc(32, 7)), secrets: new Map() })
  const own = ownFiles(options.variables)
  return {
    read: async (version) => {
      const desired = await render(snapshotOf(version, { ...options, own }))
      const errors = desired.problems.filter(({ severity }) => severity === 'error')
      return {
        wanted: errors.length > 0 ? [] : (desired.apps.get(STACK)?.wanted ?? []),
        refused: errors.map(formatProblem),
      }
    },
  }
}

const ownFiles = (variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
  'targets/swarm.yaml': 'kind: Swarm\nname: swarm\nendpoints: ["unix:///var/run/docker.sock"]\n',
  [`apps/${STACK}/variables.env`]: Object.entries({ HOME: '/root', ...variables })
    .map(([name, value]) => `${name}=${value}\n`)
    .join(''),
})

/** Beside the apps, for what stands there is not looked at by itself. */
const BESIDE = 'replayed'

interface SnapshotInput {
  readonly blobs: ReadonlyMap<string, Buffer>
  readonly own: Readonly<Record<string, string>>
}

function snapshotOf({ path, files }: StackVersion, { blobs, own }: SnapshotInput): Snapshot {
  const compose = JSON.stringify(posix.join('../..', BESIDE, path))
  const stack = `kind: Stack\nname: ${STACK}\ncompose: [${compose}]\nenvFile: variables.env\nunset: blank\n`
  const texts = Object.entries({ ...own, [`apps/${STACK}/stack.yaml`]: stack })
  const contents = new Map(texts.map(([, text]) => [digestOf(text).slice(0, 40), Buffer.from(text)]))
  const all: readonly (readonly [string, string])[] = [
    ...texts.map(([name, text]): readonly [string, string] => [name, digestOf(text).slice(0, 40)]),
    ...[...files].map(([name, oid]): readonly [string, string] => [posix.join(BESIDE, name), oid]),
  ]
  const blobOf = (oid: string): Buffer => contents.get(oid) ?? blobs.get(oid) ?? Buffer.alloc(0)
  const file = (name: string, oid: string): SnapshotFile => ({ path: name, oid, size: blobOf(oid).length })
  const tree = digestOf(all).slice(0, 40)
  return {
    revision: { commit: tree, tree },
    files: new Map(all.map(([name, oid]) => [name, file(name, oid)])),
    refused: [],
    blob: async (oid) => blobOf(oid),
  }
}
