import { createRender, type Render } from '../../src/engine/render.ts'
import { withRoot } from '../../src/engine/rooted-source.ts'
import type { Desired } from '../../src/model/desired.ts'
import { formatProblem } from '../../src/model/problem.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Snapshot } from '../../src/model/source.ts'
import { createMemorySource, type MemoryFiles } from '../../src/source/memory.ts'

export const newRender = (): Render => createRender({ key: new Sensitive(Buffer.alloc(32)), secrets: new Map() })

/** The tip of a repository in memory, as an environment of it is read. */
export async function snapshotOf(files: MemoryFiles, root = '', refused: Snapshot['refused'] = []): Promise<Snapshot> {
  const memory = createMemorySource()
  memory.commit(files, { refused })
  const source = withRoot(memory, root)
  const { signal } = new AbortController()
  return source.read(await source.resolve({ signal }), { signal })
}

/** The same snapshot, with the paths of the blobs that were read of it. */
export function counted(snapshot: Snapshot): { readonly snapshot: Snapshot; readonly read: string[] } {
  const read: string[] = []
  const blob = (oid: string): Promise<Buffer> => {
    const file = [...snapshot.files.values()].find((one) => one.oid === oid)
    read.push(file?.path ?? oid)
    return snapshot.blob(oid)
  }
  return { snapshot: { ...snapshot, blob }, read }
}

export const lines = (desired: Desired): readonly string[] => desired.problems.map(formatProblem)
