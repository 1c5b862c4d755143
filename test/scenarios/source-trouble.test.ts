import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

describe.skipIf(!labPossible())('a source or a target that is not what it was', () => {
  let lab: Lab
  let fleet: LiveFleet
  let documents: ReturnType<typeof createDocuments>
  const files = () => ({
    'apps/web/web.yaml': documents.service('web', 'app:1', { labels: { team: 'blue' } }),
    'apps/old/old.yaml': documents.service('old', 'app:1'),
  })

  beforeAll(async () => {
    lab = await requireLab()
    documents = createDocuments(lab)
    fleet = await createLiveFleet(lab, 'trouble')
    await fleet.commit(files())
    await fleet.apply()
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  const live = (name: string) => lab.engine.call('GET', `/services/${name}`)
  /** What an operator does with `docker service update --label-add`. */
  const labelByHand = async (name: string, labels: Readonly<Record<string, string>>): Promise<void> => {
    const { ID, Version, Spec } = await live(name)
    const body = { ...Spec, Labels: { ...Spec.Labels, ...labels } }
    await lab.engine.call('POST', `/services/${ID}/update?version=${Version.Index}`, { body })
  }

  it('git down: the last desired state stands; drift is healed, nothing is pruned', async () => {
    // The removal is seen while nothing may be written; then the server is gone.
    await fleet.engine.freeze({ ...ask(), reason: 'for the test' })
    await fleet.commit({ 'apps/old/old.yaml': null })
    await fleet.apply()
    await fleet.engine.unfreeze(ask())
    lab.git.setFault({ status: 500 })
    await labelByHand('web', { team: 'red' })
    const outcome = await fleet.apply()
    expect(outcome.stale).toBe(true)
    expect(fleet.app(outcome, 'web')).toMatchObject({ outcome: 'healed' })
    expect((await live('web')).Spec.Labels.team).toBe('blue')
    expect(fleet.app(outcome, 'old').guards).toEqual([
      { name: expect.stringMatching(/^prune:old:/), message: expect.stringContaining('source could not be reached') },
    ])
    expect((await live('old')).Spec.Name).toBe('old')
  })

  it('git back: what was removed is pruned', async () => {
    lab.git.setFault(undefined)
    expect(await fleet.apply()).toMatchObject({ stale: false })
    expect((await lab.engine.request('GET', '/services/old')).status).toBe(404)
  })

  describe('a forced push', () => {
    it('waits for a person, and writes nothing', async () => {
      const tree = { 'apps/web/web.yaml': documents.service('web', 'app:2', { labels: { team: 'blue' } }) }
      const commit = await fleet.rewrite(tree)
      lab.counter.forget()
      const outcome = await fleet.reconcile('web')
      expect(outcome).toMatchObject({ outcome: 'waiting', reason: 'RevisionNotDescendant', steps: [] })
      expect(outcome.message).toContain(`${commit.slice(0, 12)} does not descend from`)
      expect(lab.counter.writes()).toEqual([])
    })

    it('goes through when it is confirmed, once', async () => {
      const tip = await fleet.repository.resolve()
      const confirmed = await fleet.reconcile('web', { confirm: [`revision:${tip.slice(0, 12)}`] })
      expect(confirmed.outcome).toBe('proven')
      expect(await fleet.reconcile('web')).toMatchObject({ outcome: 'unchanged' })
    })

    it('that changes nothing is confirmed once as well', async () => {
      const tree = { 'apps/web/web.yaml': documents.service('web', 'app:2', { labels: { team: 'blue' } }) }
      const commit = await fleet.rewrite(tree)
      expect(await fleet.reconcile('web')).toMatchObject({ reason: 'RevisionNotDescendant' })
      expect(await fleet.reconcile('web', { confirm: [`revision:${commit.slice(0, 12)}`] })).toMatchObject({
        outcome: 'unchanged',
      })
      expect(await fleet.reconcile('web')).toMatchObject({ outcome: 'unchanged' })
    })
  })

  it('another Swarm under the same name is refused, and nothing is written to it', async () => {
    const other = await requireLab({ registry: false })
    await fleet.commit({
      'targets/prod.yaml': { kind: 'Swarm', name: 'prod', endpoints: [other.dockerHost] },
      'apps/web/web.yaml': documents.service('web', 'app:3'),
    })
    expect(await fleet.reconcile('web')).toMatchObject({ outcome: 'unknown', steps: [] })
    const [target] = (await fleet.engine.status(ask())).targets
    expect(target?.message).toBe(`'prod' is ${other.swarm.id} now, and was ${lab.swarm.id} when it was first seen`)
    expect(other.counter.writes()).toEqual([])
    await other.dispose()
  })
})
