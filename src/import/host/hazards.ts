import type { FileLive } from '../../kinds/file/spec.ts'
import { groupsIn } from '../../kinds/program/from-wire.ts'
import { remainsAfterExit, serviceType } from '../../kinds/unit/check-unit.ts'
import { listOf, settingOf } from '../../kinds/unit/unit-file.ts'
import { isTemplate, parseUnitName } from '../../kinds/unit/unit-name.ts'
import { makeId } from '../../model/id.ts'
import type { ImportHazard } from '../../model/import.ts'
import { type FoundProgram, type FoundThing, type FoundUnit, type HostFound, SECRET_WITHIN } from './found.ts'
import { secretNames } from './secrets.ts'

/** Things that work until the day they do not, of what is imported and of what cannot be. */
export function hazardsOnHost(found: HostFound, imported: readonly FoundThing[]): readonly ImportHazard[] {
  return [
    ...imported.flatMap((thing) =>
      thing.kind === 'Unit' ? ofUnit(thing) : thing.kind === 'Program' ? ofProgram(thing) : [],
    ),
    ...ofLeftOut(found),
    ...ofSecretFiles(found),
    ...byHand(found, imported),
  ]
}

type Say = (code: ImportHazard['code'], message: string, todo?: string) => void

function collected(subject: string, body: (say: Say) => void): readonly ImportHazard[] {
  const said: ImportHazard[] = []
  body((code, message, todo) => said.push({ code, subject, message, ...(todo === undefined ? {} : { todo }) }))
  return said
}

/** Any of these is a thought about what it may do (systemd.exec(5), sandboxing). */
const HARDENING =
  /^(NoNewPrivileges|Protect\w+|Private\w+|Restrict\w+|CapabilityBoundingSet|AmbientCapabilities|SystemCallFilter|MemoryDenyWriteExecute|ReadOnlyPaths|InaccessiblePaths|TemporaryFileSystem|RootDirectory|RootImage)$/

function ofUnit(unit: FoundUnit): readonly ImportHazard[] {
  const { name, from, assignments } = unit
  const parsed = parseUnitName(name)
  if (parsed.type !== 'service' || (from !== 'etc' && from !== 'link')) return []
  const service = (key: string): string | undefined => settingOf(assignments, 'Service', key)
  return collected(name, (say) => {
    const runsAs = service('User')
    const asRoot = (runsAs === undefined || runsAs === 'root' || runsAs === '0') && service('DynamicUser') === undefined
    if (asRoot && !assignments.some(({ section, key }) => section === 'Service' && HARDENING.test(key))) {
      say(
        'runs-as-root',
        'runs as root, and nothing is kept from it',
        "User=, or ProtectSystem=strict and the like; see 'systemd-analyze security'",
      )
    }
    const ends = serviceType(assignments) === 'oneshot'
    if (ends || remainsAfterExit(assignments)) return
    if (['no', undefined].includes(service('Restart')) && !isTemplate(parsed)) {
      say('no-restart', 'Restart=no: what ends stays down', 'Restart=on-failure')
    }
    if (service('WatchdogSec') === undefined && listOf(assignments, 'Service', 'ExecStartPost').length === 0) {
      say('no-health-check', 'no watchdog: running counts as healthy')
    }
  })
}

function ofProgram({ name, live }: FoundProgram): readonly ImportHazard[] {
  const processes = groupsIn(name, live.file ?? '').flatMap((group) => group.processes)
  return collected(name, (say) => {
    if (processes.some(({ user }) => user === undefined || user === 'root')) {
      say('runs-as-root', 'runs as whoever supervisord runs as, most likely root', 'user=')
    }
    if (processes.some(({ autorestart }) => autorestart === false))
      say('no-restart', 'autorestart=false: what ends stays down')
    say('no-health-check', 'supervisord asks nothing: running counts as healthy')
  })
}

function ofLeftOut({ leftOut, live, target }: HostFound): readonly ImportHazard[] {
  return [...leftOut].flatMap(([key, why]) => {
    const name = key.slice(key.indexOf('/') + 1)
    return collected(name, (say) => {
      const kind = key.slice(0, key.indexOf('/'))
      const seen = live.of.get(makeId({ target, kind, name }))
      if (why.includes(SECRET_WITHIN))
        say('secret-in-unit', 'whoever is logged in there can read its file', 'a file that only root can read')
      else if (kind === 'Unit' && /daemon-reload/.test(why)) say('not-reloaded', why)
      else if (
        seen?.state === 'present' &&
        /^it (has failed|is not at rest)|is (STARTING|BACKOFF|STOPPING|FATAL)/.test(why)
      )
        say('not-at-rest', why)
    })
  })
}

const ofSecretFiles = ({ secretFiles }: HostFound): readonly ImportHazard[] =>
  [...secretFiles].flatMap(([path, file]) =>
    collected(path, (say) => {
      if (!file.forAll) return
      const names = secretNames(file)
      const what = names.length === 0 ? 'it looks as if it held a secret' : `it holds ${names.join(', ')}`
      say('secret-for-all', `${what}, and with mode ${file.mode} every user of the host can read it`, 'mode 0600')
    }),
  )

/** Programs that no package and no document would bring back. */
function byHand({ survey, live, target }: HostFound, imported: readonly FoundThing[]): readonly ImportHazard[] {
  const run = new Set(imported.flatMap((thing) => ('references' in thing ? thing.references.commands : [])))
  return [...survey.files].flatMap(([path, { type, forAll }]) =>
    collected(path, (say) => {
      if (!run.has(path) || type !== 'binary') return
      const seen = live.of.get(makeId({ target, kind: 'File', name: path }))
      if (seen?.state === 'present' && seen.owner.who === 'us') return
      const sha256 = seen?.state === 'present' && forAll ? (seen.live as FileLive).sha256 : undefined
      say(
        'hand-made',
        'is of no package: nothing would bring it back',
        `an Artifact${sha256 === undefined ? '' : ` with sha256 ${sha256}`}`,
      )
    }),
  )
}
