import type { Look } from './look.ts'

/** These apps, and all that they depend on: for the canaries, those cannot wait for them. */
export function neededBy(apps: readonly string[], look: Pick<Look, 'apps'>): ReadonlySet<string> {
  const needed = new Set<string>()
  const visit = (name: string): void => {
    if (needed.has(name)) return
    needed.add(name)
    for (const before of look.apps.get(name)?.dependsOnApps ?? []) visit(before)
  }
  for (const name of apps) visit(name)
  return needed
}
