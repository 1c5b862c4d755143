import { readFileSync } from 'node:fs'
import { HOST_KINDS } from '../../../../src/kinds/host-registry.ts'
import { createRealClock } from '../../../../src/lib/real-clock.ts'
import type { Observed } from '../../../../src/model/live.ts'
import type { Change } from '../../../../src/model/plan.ts'
import type { Wanted } from '../../../../src/model/resource.ts'
import { Sensitive } from '../../../../src/model/sensitive.ts'
import type { Step, StepNote, Target } from '../../../../src/model/target.ts'
import type { Shell } from '../../../../src/shell/shell.ts'
import { createSshPool } from '../../../../src/shell/ssh-pool.ts'
import { createHostTarget } from '../../../../src/targets/host/host-target.ts'
import type { Supervisor } from '../../../../src/targets/host/supervisord/reach.ts'
import type { Hosts } from '../../../lab/hosts.mjs'
import { waitUntil } from '../../../lab/wait.mjs'
import { HOST } from '../things.ts'

export interface Opening {
  readonly user?: 'root' | 'deploy' | 'guest'
  readonly supervisor?: Supervisor
  /** What the target gets instead of the shell. */
  readonly through?: (shell: Shell) => Shell
}

export interface Mark {
  readonly id: string
  readonly step: Step
  readonly note: StepNote
}

/** What scenarios do with the programs of the first host of a lab. */
export function programWorld(hosts: Hosts) {
  const { signal } = new AbortController()
  const clock = createRealClock()
  const { first: host } = hosts
  const opened: Target[] = []
  const sh = (script: string, ...args: readonly string[]) => host.run(['sh', '-c', script, 'sh', ...args])
  const open = ({ user = 'deploy', supervisor, through = (shell) => shell }: Opening = {}): Target => {
    const privateKey = new Sensitive(readFileSync(hosts.keyFile))
    const login = { host: host.address, port: host.port, user, hostKey: host.hostKey(), privateKey }
    const become = user === 'guest' ? 'none' : 'sudo'
    const shell = through(createSshPool({ clock, random: () => 0, timeoutMs: 5_000 }).shell({ ...login, become }))
    const options = { name: HOST, install: 'ours', shell, clock, kinds: HOST_KINDS }
    const target = createHostTarget({ ...options, ...(supervisor ? { supervisor } : {}) })
    opened.push(target)
    return target
  }
  const apply = (target: Target, ...changes: readonly Change[]) => applyUntil(signal, target, ...changes)
  const applyUntil = async (
    until: AbortSignal,
    target: Target,
    ...changes: readonly Change[]
  ): Promise<readonly Mark[]> => {
    const marks: Mark[] = []
    await target.apply(
      { changes, gates: [], pauseMs: 0 },
      {
        signal: until,
        record: [],
        guard: async () => {},
        reveal: async () => new Sensitive(''),
        mark: (id, step, note = {}) => void marks.push({ id, step, note }),
      },
    )
    return marks.filter(({ step }) => step !== 'started')
  }
  const observe = async (target: Target, wanted: Wanted): Promise<Observed> =>
    (await target.observe([wanted], { signal })).of.get(wanted.id) ?? { state: 'absent' }
  const look = async (target: Target, wanted: Wanted) => {
    const seen = await observe(target, wanted)
    if (seen.state !== 'present') throw new Error(`${wanted.id} is ${JSON.stringify(seen)}`)
    return seen
  }
  return {
    signal,
    clock,
    host,
    sh,
    open,
    apply,
    applyUntil,
    observe,
    look,
    /** Its process, or 0. */
    pidOf: async (name: string) => Number(await sh('supervisorctl pid "$1" || :', name)),
    /** Paths and effects of what differs. */
    differences: async (target: Target, wanted: Wanted) =>
      (HOST_KINDS.get(wanted.kind)?.compare(wanted.spec, (await look(target, wanted)).live) ?? []).map(
        ({ path, effect }) => `${path} ${effect}`,
      ),
    settles: (target: Target, wanted: Wanted, status: string) =>
      waitUntil(`${wanted.id} to be ${status}`, async () => {
        const seen = await observe(target, wanted)
        return seen.state === 'present' && seen.health.status === status
      }),
    /** Restarts it from within, as `supervisorctl reload` does, and waits until it is another one. */
    restart: async () => {
      const started = () => sh('stat -c %.9Y /run/supervisor.sock || :')
      const before = await started()
      await sh('supervisorctl reload')
      await waitUntil('another supervisord', async () => ![before, ''].includes(await started()))
    },
    /** supervisord is started by systemd a moment after the host is up. */
    ready: () =>
      waitUntil('supervisord', async () => (await sh('supervisorctl pid || :')).trim().match(/^\d+$/) !== null),
    dispose: async () => {
      for (const target of opened) await target.dispose()
    },
  }
}

export type ProgramWorld = ReturnType<typeof programWorld>

export const applied = (...all: readonly Wanted[]) => all.map(({ id }) => ({ id, step: 'applied', note: {} }))
