import { unmergeJson } from '../../kinds/file/json-merge.ts'
import type { FileLive } from '../../kinds/file/spec.ts'
import { jsonOf } from '../../kinds/file/text.ts'
import type { UnitLive, UnitSpec } from '../../kinds/unit/spec.ts'
import { isTemplate, parseUnitName } from '../../kinds/unit/unit-name.ts'
import { ReconcileError } from '../../model/error.ts'
import type { ResourceId } from '../../model/id.ts'
import { partsOf } from '../../model/id.ts'
import { quoteWords } from '../../shell/words.ts'
import type { ChangeScript } from './apply-script.ts'
import { keyOf } from './entry.ts'

/**
 * What takes it away. Of a directory only what is empty, of a unit and of a merged file only what is ours, and no account
 * that something belongs to. `spec`: what it was by our record, where that knows.
 */
export function removalOf(id: ResourceId, live: unknown, spec?: unknown): ChangeScript {
  const { kind, name } = partsOf(id)
  const forget = `forget ${keyOf(id)}`
  if (live === undefined) return { first: [], daemonReload: false, last: [forget] }
  if (kind === 'Unit') return removalOfUnit(live as UnitLive, spec as UnitSpec | undefined, forget)
  const rest = kind === 'File' ? restOf(name, live as FileLive) : undefined
  if (rest) return { first: [`put ${quoteWords([name])} ${rest}`], daemonReload: false, last: [forget] }
  const word = REMOVALS[kind]
  if (!word) throw new ReconcileError('TargetRefused', { message: `${id}: hosts take no ${kind} yet` })
  return { first: [`${word} ${quoteWords([name])}`], daemonReload: false, last: [forget] }
}

const REMOVALS: Readonly<Record<string, string>> = {
  File: 'take',
  Artifact: 'take',
  Directory: 'drop',
  User: 'nobody',
  Group: 'nogroup',
}

/** A file that we merged into holds what others wrote: it stays without our keys, as it was otherwise. */
function restOf(path: string, { base64, owns, mode, uid, gid }: FileLive): string | undefined {
  if (!owns) return undefined
  const json = jsonOf(base64)
  if ('why' in json || base64 === undefined) {
    const why = 'why' in json ? json.why : ''
    throw new ReconcileError('Conflict', {
      message: `our keys cannot be taken out of ${path}, which is no JSON object: ${why}`,
    })
  }
  const rest = unmergeJson(Buffer.from(base64, 'base64').toString('utf8'), owns)
  return rest === undefined ? undefined : `${mode} ${uid}:${gid} 2 ${Buffer.from(rest).toString('base64')}`
}

function removalOfUnit(
  { name, file, owns, dropIns, enabled }: UnitLive,
  spec: UnitSpec | undefined,
  forget: string,
): ChangeScript {
  const path = `/etc/systemd/system/${name}`
  const isMasked = enabled === 'masked' && spec?.masked === true
  const word = quoteWords([name])
  const conf = owns.filter((own) => own in dropIns).map((own) => `take ${quoteWords([`${path}.d/${own}`])}`)
  return {
    first: [
      // a unit of a package goes on without what we added
      ...(isMasked ? [`systemctl unmask -- ${word}`] : []),
      ...(file === undefined
        ? instanceEnd(name)
        : [`timeout 120 systemctl ${ending(name)} -- ${word}`, `take ${quoteWords([path])}`]),
      ...conf,
      `rmdir -- ${quoteWords([`${path}.d`])} 2>/dev/null || :`,
    ],
    daemonReload: true,
    last: [`systemctl reset-failed -- ${word} 2>/dev/null || :`, forget],
  }
}

/** It alone: what is PartOf it, or requires it, has its own document, and runs on (systemctl(1), `--job-mode`). */
const STOPPED = 'disable --now --job-mode=ignore-requirements'

/** A template does not run: systemd refuses to stop it. */
const ending = (name: string): string => (isTemplate(parseUnitName(name)) ? 'disable' : STOPPED)

/** An instance of a template that no package brought is there by nothing but its use: else it would run on for ever. */
function instanceEnd(name: string): readonly string[] {
  if (parseUnitName(name).instance === undefined) return []
  const word = quoteWords([name])
  const from = `$(systemctl show -p FragmentPath --value -- ${word})`
  return [`case ${from} in /etc/systemd/system/*) timeout 120 systemctl ${STOPPED} -- ${word} ;; esac`]
}
