import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AskOptions, DoctorFinding } from '../model/engine.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { Source } from '../model/source.ts'
import type { Settings } from '../settings/settings.ts'
import type { Stores } from './stores.ts'
import type { View } from './view.ts'

export interface Examined {
  readonly settings: Settings
  readonly source: Source
  readonly stores: Stores
  look<T>(body: (view: View) => T): Promise<T>
}

const MIN_FREE_BYTES = 200 * 1024 * 1024

/** Asks everything that a run would lean on, and says what to do about what is wrong. */
export async function examine(of: Examined, ask: AskOptions): Promise<readonly DoctorFinding[]> {
  const repository = await examineRepository(of, ask)
  const rest = repository.level === 'error' ? [] : await examineTargets(of)
  const settings = { subject: 'settings', level: 'ok', message: `install '${of.settings.install}'` } as const
  return [settings, repository, ...rest, ...(await examineDatabase(of)), examineDisk(of.settings)]
}

async function examineRepository({ settings, source }: Examined, { signal }: AskOptions): Promise<DoctorFinding> {
  const subject = 'repository'
  try {
    const { commit } = await source.resolve({ signal })
    const { url, branch } = settings.repository
    return { subject, level: 'ok', message: `${url}, ${branch} at ${commit.slice(0, 12)}` }
  } catch (error) {
    return found(subject, error)
  }
}

async function examineTargets(of: Examined): Promise<readonly DoctorFinding[]> {
  try {
    return await of.look(({ look }) => [
      ...problemsOf(look.desired.problems.filter((problem) => problem.severity === 'error').length),
      ...[...look.targets.keys()].map((name): DoctorFinding => {
        const message = look.live.unreachable.get(name)
        return message === undefined
          ? { subject: `target ${name}`, level: 'ok', message: 'answers' }
          : {
              subject: `target ${name}`,
              level: 'error',
              message,
              todo: 'see that its endpoint, credential and network are right',
            }
      }),
      ...(look.observeOnly
        ? [{ subject: 'record', level: 'error' as const, message: look.observeOnly, todo: 'swarmkeeper rebuild' }]
        : []),
    ])
  } catch (error) {
    return [found('targets', error)]
  }
}

const problemsOf = (count: number): readonly DoctorFinding[] =>
  count === 0
    ? [{ subject: 'documents', level: 'ok', message: 'all valid' }]
    : [{ subject: 'documents', level: 'error', message: `${count} problems`, todo: 'swarmkeeper validate' }]

async function examineDatabase({ settings, stores }: Examined): Promise<readonly DoctorFinding[]> {
  const subject = 'database'
  try {
    return await stores.reading(async (store) => [
      { subject, level: 'ok', message: `${settings.database}, ${store.record().length} resources in the record` },
    ])
  } catch (error) {
    return [found(subject, error)]
  }
}

function examineDisk({ database }: Settings): DoctorFinding {
  const subject = 'disk'
  try {
    const { bavail, bsize } = statfsSync(dirname(database))
    const megabytes = Math.floor((bavail * bsize) / 1024 / 1024)
    if (bavail * bsize >= MIN_FREE_BYTES) return { subject, level: 'ok', message: `${megabytes} MiB free` }
    return { subject, level: 'warning', message: `${megabytes} MiB free beside the database`, todo: 'make room' }
  } catch (error) {
    return found(subject, error)
  }
}

function found(subject: string, error: unknown): DoctorFinding {
  const todo = error instanceof ReconcileError ? { todo: error.todo } : {}
  return { subject, level: 'error', message: messageOf(error), ...todo }
}
