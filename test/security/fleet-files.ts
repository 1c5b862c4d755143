import { createRender, type Render } from '../../src/engine/render.ts'
import type { Desired } from '../../src/model/desired.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { lines, snapshotOf } from '../engine/counted.ts'

export type Files = Readonly<Record<string, string>>

/** A Swarm and a host, and an app that is well. */
export const FLEET: Files = {
  'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
  'targets/prod.yaml': 'kind: Swarm\nname: prod\nendpoints: [unix:///var/run/docker.sock]\n',
  'targets/app-1.yaml': [
    'kind: Host',
    'name: app-1',
    'address: 10.0.0.11',
    'user: root',
    'hostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtFBf6hfxUjNTqlFmH0VZ3hFZkMlyjNlI9q0fJXQjB5',
    'credential: fleet-key\n',
  ].join('\n'),
  'apps/well/well.yaml': 'kind: Service\nname: well\nimage: hello:1\n',
}

/** Schemas are compiled once for all. */
export const shared = newRender(Buffer.alloc(32))

export function newRender(key: Buffer, secrets: Readonly<Record<string, string>> = {}): Render {
  const all = new Map(Object.entries(secrets).map(([name, text]) => [name, new Sensitive(text)]))
  return createRender({ key: new Sensitive(key), secrets: all })
}

export const render = async (files: Files, by: Render = shared): Promise<Desired> =>
  by(await snapshotOf({ ...FLEET, ...files }))

/** What stands against it, as it is printed. */
export const errors = (desired: Desired): readonly string[] =>
  lines({ ...desired, problems: desired.problems.filter(({ severity }) => severity === 'error') })

/** Everything of it, as text. */
export const textOf = (desired: Desired): string =>
  JSON.stringify(desired, (_name, value) => (value instanceof Map ? [...value] : value))
