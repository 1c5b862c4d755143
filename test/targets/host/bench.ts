import { readFileSync } from 'node:fs'
import { HOST_KINDS } from '../../../src/kinds/host-registry.ts'
import { createRealClock } from '../../../src/lib/real-clock.ts'
import type { FieldDiff, Observed } from '../../../src/model/live.ts'
import type { Change } from '../../../src/model/plan.ts'
import type { Wanted } from '../../../src/model/resource.ts'
import { Sensitive } from '../../../src/model/sensitive.ts'
import type { Step, StepNote, Target } from '../../../src/model/target.ts'
import { createSshPool } from '../../../src/shell/ssh-pool.ts'
import { createHostTarget } from '../../../src/targets/host/host-target.ts'
import type { Hosts } from '../../lab/hosts.mjs'
import { HOST } from './things.ts'

/** The first host of a lab as a target, without the engine above it. */
export interface HostBench {
  readonly target: Target
  /** What became of each change. */
  apply(
    ...changes: readonly Change[]
  ): Promise<readonly { readonly id: string; readonly step: Step; readonly note: StepNote }[]>
  observe(wanted: Wanted): Promise<Observed | undefined>
  differences(wanted: Wanted): Promise<readonly FieldDiff[]>
  dispose(): Promise<void>
}

const { signal } = new AbortController()

export function createHostBench(hosts: Hosts, reveal: (reference: string) => string = () => ''): HostBench {
  const clock = createRealClock()
  const { address, port, hostKey } = hosts.first
  const privateKey = new Sensitive(readFileSync(hosts.keyFile))
  const login = { host: address, port, user: 'deploy', hostKey: hostKey(), privateKey, become: 'sudo' as const }
  const shell = createSshPool({ clock, random: () => 0 }).shell(login)
  const target = createHostTarget({ name: HOST, install: 'ours', shell, clock, kinds: HOST_KINDS })
  const observe = async (wanted: Wanted) => (await target.observe([wanted], { signal })).of.get(wanted.id)
  return {
    target,
    observe,
    apply: async (...changes) => {
      const marks: { id: string; step: Step; note: StepNote }[] = []
      await target.apply(
        { changes, gates: [], pauseMs: 0 },
        {
          signal,
          record: [],
          guard: async () => {},
          reveal: async (reference) => new Sensitive(reveal(reference)),
          mark: (id, step, note = {}) => void marks.push({ id, step, note }),
        },
      )
      return marks.filter(({ step }) => step !== 'started')
    },
    differences: async (wanted) => {
      const seen = await observe(wanted)
      if (seen?.state !== 'present') throw new Error(`${wanted.id} is ${JSON.stringify(seen)}`)
      return HOST_KINDS.get(wanted.kind)?.compare(wanted.spec, seen.live) ?? []
    },
    dispose: () => target.dispose(),
  }
}
