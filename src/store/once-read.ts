import type { Store } from '../model/store.ts'

/** For a look that writes nothing: what it asks for again is as it was the first time, and costs nothing. */
export function onceRead(store: Store): Store {
  const known = new Map<string, unknown>()
  const once = <T>(key: string, read: () => T): T => {
    if (!known.has(key)) known.set(key, read())
    return known.get(key) as T
  }
  return {
    ...store,
    record: () => once('record', store.record),
    apps: () => once('apps', store.apps),
    app: (name) => once(`app ${name}`, () => store.app(name)),
    lastGood: (name) => once(`good ${name}`, () => store.lastGood(name)),
    fleet: () => once('fleet', store.fleet),
  }
}
