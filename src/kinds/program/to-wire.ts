import { pointerSegment } from '../field-diff.ts'
import { compareProgram } from './compare.ts'
import type { ProgramLive, ProgramSpec } from './spec.ts'

/**
 * What to do, in this order (facts of supervisord's XML-RPC): write the file, `reloadConfig` (a fault takes the file back),
 * stop and remove, add, then start or stop what is not as it should be.
 */
export interface ProgramWrite {
  readonly file?: string
  /** Groups to stop and to remove. What `reloadConfig` calls changed or removed of ours comes to them. */
  readonly removed: readonly string[]
  /** Groups to add: those with autostart start. */
  readonly added: readonly string[]
  /** `group:process` to start. */
  readonly started: readonly string[]
  /** `group:process` to stop. */
  readonly stopped: readonly string[]
}

export function programToWire(spec: ProgramSpec, live: ProgramLive): ProgramWrite {
  const diffs = compareProgram(spec, live)
  const groups = Object.keys(spec.groups)
  const restarted = diffs.some(({ path }) => path.startsWith('/triggers/'))
  const changed = groups.filter((name) => diffs.some(({ path }) => path === `/groups/${pointerSegment(name)}`))
  const again = groups.filter((name) => live.groups[name] && (restarted || changed.includes(name)))
  const gone = live.owns.filter((name) => !groups.includes(name) && live.groups[name])
  const added = groups.filter((name) => changed.includes(name) || again.includes(name))
  const processes = groups.flatMap((group) =>
    Object.entries(spec.groups[group]?.processes ?? {}).map(([process, wanted]) => ({ group, process, wanted })),
  )
  const named = (wanted: 'up' | 'stopped') =>
    processes
      .filter((one) => (one.wanted === 'stopped') === (wanted === 'stopped') && one.wanted !== 'any')
      .filter((one) => added.includes(one.group) || diffs.some(({ path }) => path === pathOf(one.group, one.process)))
      .map((one) => `${one.group}:${one.process}`)
  return {
    ...(diffs.some(({ path }) => path === '/file') ? { file: spec.file } : {}),
    removed: [...again, ...gone],
    added,
    started: named('up'),
    stopped: named('stopped'),
  }
}

const pathOf = (group: string, process: string): string =>
  `/groups/${pointerSegment(group)}/processes/${pointerSegment(process)}`
