import type { AppMark, AppState, OperatorPin, TargetRecord } from '../model/app-state.ts'
import { sameValue } from '../model/digest.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import { type ImagePin, isStampless, type Kinds } from '../model/kind.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
import type { Store } from '../model/store.ts'

/** What a target shall remember for us, from what the store knows (rule 8). */
export function targetRecordOf(
  target: string,
  context: { readonly install: string; readonly keyPrint?: string; readonly store: Store; readonly kinds: Kinds },
): TargetRecord {
  const { store, kinds } = context
  const mine = store.record().filter((recorded) => partsOf(recorded.id).target === target)
  const names = new Set(mine.map((recorded) => recorded.app))
  const apps = store.apps().filter((state) => names.has(state.app) || state.held || state.pin)
  return {
    install: context.install,
    ...(context.keyPrint === undefined ? {} : { key: context.keyPrint }),
    apps: Object.fromEntries(apps.map((state) => [state.app, markOf(state, store.lastGood(state.app), kinds)])),
    unstamped: Object.fromEntries(mine.filter((recorded) => isUnstamped(recorded, kinds)).map(unstampedEntry)),
  }
}

const isUnstamped = (recorded: Recorded, kinds: Kinds): boolean =>
  recorded.state !== 'intended' && isStampless(kinds.get(recorded.kind), recorded.spec)

const unstampedEntry = (recorded: Recorded): [ResourceId, TargetRecord['unstamped'][ResourceId]] => [
  recorded.id,
  { app: recorded.app, digest: recorded.digest },
]

function markOf(state: AppState, lastGood: readonly Wanted[], kinds: Kinds): AppMark {
  const pins = pinsOf(lastGood, kinds)
  return {
    ...(state.lastApplied && { lastApplied: state.lastApplied }),
    ...(state.lastGood && { lastGood: state.lastGood }),
    ...(Object.keys(pins).length > 0 && { pins }),
    ...(state.held && { held: state.held }),
    ...(state.heldBefore && { heldBefore: state.heldBefore }),
    ...(state.olderGood && { olderGood: state.olderGood }),
    ...(state.pin && { pin: shortPin(state.pin) }),
    ...(state.suspension && { suspension: state.suspension }),
    ...(state.halts && { halts: state.halts }),
    ...(state.waivers && { waivers: state.waivers }),
    ...(Object.keys(state.restarts).length > 0 && { restarts: state.restarts }),
  }
}

function shortPin({ app: _app, ...pin }: OperatorPin): OperatorPin {
  return pin
}

function pinsOf(lastGood: readonly Wanted[], kinds: Kinds): Readonly<Record<string, ImagePin>> {
  return Object.fromEntries(
    lastGood.flatMap((resource) => {
      const pin = kinds.get(resource.kind)?.image?.pinned(resource.spec)
      return pin ? [[resource.id, pin]] : []
    }),
  )
}

/** An empty record is not worth an object. */
export function mustWrite(next: TargetRecord, live: TargetRecord | undefined): boolean {
  if (!live) return Object.keys(next.apps).length > 0 || Object.keys(next.unstamped).length > 0
  // A new version of swarmkeeper alone writes nothing (rule 3).
  return !sameValue(live.key === undefined ? withoutKey(next) : next, live)
}

function withoutKey({ key: _key, ...record }: TargetRecord): TargetRecord {
  return record
}
