import type { FileSpec } from '../../../src/kinds/file/spec.ts'
import { HOST_KINDS } from '../../../src/kinds/host-registry.ts'
import type { UnitSpec } from '../../../src/kinds/unit/spec.ts'
import type { Clock } from '../../../src/model/clock.ts'
import { ReconcileError } from '../../../src/model/error.ts'
import type { Wanted } from '../../../src/model/resource.ts'
import type { Shell } from '../../../src/shell/shell.ts'
import { createHostTarget } from '../../../src/targets/host/host-target.ts'
import type { TargetWorld } from '../../conformance/target-world.ts'
import type { Host } from '../../lab/host.mjs'
import { fileOf, HOST, service, unitOf, wantedOf } from './things.ts'

let worlds = 0

/** A lab host that all tests share: each has an install and names of its own. */
export function createHostConformanceWorld({
  host,
  shell,
  clock,
}: {
  host: Host
  shell: Shell
  clock: Clock
}): TargetWorld {
  worlds += 1
  const prefix = `w${worlds}`
  const install = `install-${worlds}`
  const counted = countWrites(shell)
  const open = (through: Shell, whose = install) =>
    createHostTarget({ name: HOST, install: whose, shell: through, clock, kinds: HOST_KINDS })
  const unit = (name: string, app: string | undefined, lines: readonly string[]): Wanted => {
    const full = `${prefix}-${name}.service`
    return wantedOf('Unit', full, unitOf(full, service(...lines)), app)
  }
  return {
    install,
    kinds: HOST_KINDS,
    clock,
    hasJobs: false,
    open: (whose) => open(counted.shell, whose),
    openDead: () => open(deadOf(shell)),
    inert: (name, app) =>
      wantedOf('File', `/etc/${prefix}-${name}`, fileOf(`/etc/${prefix}-${name}`, `${name}\n`), app),
    running: (name, value = 1, app) => unit(name, app, [`Environment=VALUE=${value}`, 'ExecStart=/bin/sleep infinity']),
    job: (name, value = 1, app) =>
      unit(name, app, ['Type=oneshot', 'RemainAfterExit=yes', `Environment=VALUE=${value}`, 'ExecStart=/bin/true']),
    byHand: (wanted) => byHand(wanted, host),
    writes: counted.writes,
    comesFirst: async (other) => counted.comesFirst(other),
    loseNextAnswer: counted.loseNextAnswer,
    dispose: async () => {},
  }
}

async function byHand({ kind, spec }: Wanted, host: Host): Promise<void> {
  if (kind === 'File') {
    const { path, content } = spec as FileSpec
    const input = content && 'base64' in content ? Buffer.from(content.base64, 'base64') : ''
    await host.run(['sh', '-c', 'umask 022; cat >"$1"', 'sh', path], { input })
    return
  }
  const { name, file = '' } = spec as UnitSpec
  const script = 'umask 022; cat >"/etc/systemd/system/$1" && systemctl daemon-reload && systemctl start -- "$1"'
  await host.run(['sh', '-c', script, 'sh', name], { input: file })
}

/** Scripts say as their first word what they are for. */
function countWrites(inner: Shell) {
  let writes = 0
  let first: (() => Promise<void>) | undefined
  let lose = false
  const shell: Shell = {
    ...inner,
    run: async (words, options) => {
      const verb = words[4] ?? ''
      if (verb === 'record' && first) {
        const before = first
        first = undefined
        await before()
      }
      const ran = await inner.run(words, options)
      if (verb === 'apply' || verb === 'record') writes += 1
      if (verb !== 'apply' || !lose) return ran
      lose = false
      throw new ReconcileError('TargetUnreachable', { message: 'the connection was lost', retryable: true })
    },
    dispose: async () => {},
  }
  return {
    shell,
    writes: () => writes,
    comesFirst: (other: () => Promise<void>) => {
      first = other
    },
    loseNextAnswer: () => {
      lose = true
    },
  }
}

const deadOf = (shell: Shell): Shell => ({
  ...shell,
  run: async () => {
    throw new ReconcileError('TargetUnreachable', { message: 'no route to host', retryable: true })
  },
  dispose: async () => {},
})
