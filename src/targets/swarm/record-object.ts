import type { WireLabels } from '../../kinds/labels.ts'
import { sameValue } from '../../model/digest.ts'
import type { Connection } from './connection.ts'
import { isNameTaken, isNotFound } from './engine-error.ts'
import { RECORD_NOTE, recordName } from './record.ts'
import type { WireConfig } from './wire.ts'

/**
 * The config object that holds record and lease. Both are read, changed and written under its version index, so that
 * the later of two writers gets `VersionConflict` instead of undoing the other's work; writers of this process take
 * turns.
 */
export interface RecordObject {
  read(signal: AbortSignal): Promise<WireConfig | undefined>
  /**
   * Makes the labels what `next` says, and the object where there is none; writes nothing where nothing differs.
   * Resolves with whether it wrote. `next` may throw to leave everything as it is.
   */
  change(
    next: (labels: WireLabels, found: WireConfig | undefined) => Record<string, string>,
    signal: AbortSignal,
  ): Promise<boolean>
}

export function createRecordObject(connection: Connection, install: string): RecordObject {
  const name = recordName(install)
  let last: Promise<unknown> = Promise.resolve()

  const read = async (signal: AbortSignal): Promise<WireConfig | undefined> => {
    try {
      return (await connection.get(`/configs/${encodeURIComponent(name)}`, signal)) as WireConfig
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  const change: RecordObject['change'] = async (next, signal) => {
    const found = await read(signal)
    const labels = next(found?.Spec.Labels, found)
    if (found && sameValue(labels, found.Spec.Labels ?? {})) return false
    if (found) {
      const query = { version: String(found.Version.Index) }
      await connection.write({
        method: 'POST',
        path: `/configs/${found.ID}/update`,
        query,
        body: { ...found.Spec, Labels: labels },
      })
      return true
    }
    const body = { Name: name, Labels: labels, Data: Buffer.from(RECORD_NOTE).toString('base64') }
    try {
      await connection.write({ method: 'POST', path: '/configs/create', body })
      return true
    } catch (error) {
      if (!isNameTaken(error)) throw error
      return change(next, signal) // another one made it meanwhile
    }
  }

  return {
    read,
    change: (next, signal) => {
      const turn = last.then(() => change(next, signal))
      last = turn.catch(() => undefined)
      return turn
    },
  }
}
