import { describe, expect, it } from 'vitest'
import { createRenders } from '../../src/engine/render.ts'
import type { Desired } from '../../src/model/desired.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { lines, snapshotOf } from './counted.ts'

const CANARY = 'canary-4711'

const fleet = (secret: string, files: Readonly<Record<string, string>> = {}) => ({
  'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
  'targets/prod.yaml': 'kind: Swarm\nname: prod\nendpoints: [unix:///var/run/docker.sock]\n',
  'apps/db/password.yaml': `kind: Secret\nname: password\n${secret}\n`,
  ...files,
})

const renders = () => {
  const secrets = new Map([['DB', new Sensitive(CANARY)]])
  return createRenders({ key: new Sensitive(Buffer.alloc(32, 7)), secrets })
}

const idsOf = (desired: Desired): readonly string[] => desired.apps.get('db')?.wanted.map(({ id }) => id) ?? []

describe('what nobody has reviewed is rendered', () => {
  it('with the same identity for a secret that a reviewed revision declares the same way', async () => {
    const { render, sealed } = renders()
    const file = fleet('file: ./secret.txt', { 'apps/db/secret.txt': 'hunter2' })
    for (const files of [fleet('from: settings:DB'), file]) {
      const snapshot = await snapshotOf(files)
      const reviewed = await render(snapshot)
      expect(lines(reviewed)).toEqual([])
      expect([...(await sealed(snapshot)).apps]).toEqual([...reviewed.apps])
    }
  })

  it('SEC-9, SEC-11: without a word on whether a guessed secret is right', async () => {
    const { render, sealed } = renders()
    const base = idsOf(await render(await snapshotOf(fleet('from: settings:DB'))))
    const guessOf = (guess: string) => snapshotOf(fleet('file: ./guess.txt', { 'apps/db/guess.txt': guess }))
    const right = await guessOf(CANARY)
    expect(idsOf(await sealed(right))).not.toEqual(base)
    expect(idsOf(await sealed(await guessOf('wrong')))).not.toEqual(base)
    // Once somebody merged it, it is known to be the same.
    expect(idsOf(await render(right))).toEqual(base)
  })

  it('SEC-11: without the content of any secret of the settings, and with a problem for one that there is none of', async () => {
    const { sealed } = renders()
    const desired = await sealed(await snapshotOf(fleet('from: settings:DB')))
    expect(idsOf(desired)).toHaveLength(1)
    expect(JSON.stringify([...desired.apps.values()])).not.toContain(CANARY)
    expect(lines(await sealed(await snapshotOf(fleet('from: settings:NONE'))))).toEqual([
      expect.stringContaining("no secret 'NONE'"),
    ])
  })
})
