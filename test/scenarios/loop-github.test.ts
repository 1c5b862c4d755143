import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { createLiveDaemon, type LiveDaemon } from '../support/live-daemon.ts'

const soon = { timeout: 90_000, interval: 50 }

/** In order: each begins where the one before it ended, as people live with it. */
describe.skipIf(!labPossible())('the loop that people live in, told to GitHub and chat', () => {
  let lab: Lab
  let daemon: LiveDaemon
  let documents: ReturnType<typeof createDocuments>

  beforeAll(async () => {
    lab = await requireLab()
    documents = createDocuments(lab)
    daemon = await createLiveDaemon(lab, 'loop')
    await daemon.fleet.commit({ 'apps/web/hello.yaml': hello('web:1'), 'apps/other/other.yaml': other({}) })
    await daemon.start()
  })
  afterAll(async () => {
    await daemon?.dispose()
    await lab?.dispose()
  })
  afterEach(() => {
    expect(daemon.github.violations).toEqual([])
    expect(daemon.discord.violations).toEqual([])
  })

  let bad = 0

  const head = (pull: number): string => daemon.github.world.pull(pull)?.head.sha ?? ''
  const hello = (image: string, keeper = {}) => documents.service('hello', image, { replicas: 2, keeper })
  const other = (env: object) => documents.service('other', 'app:1', { env })
  const status = (sha: string, context = 'apply') => expect.poll(() => daemon.statuses(sha)[context], soon)
  const story = (sha: string, context: string) =>
    daemon.github.world.statuses
      .filter((one) => one.sha === sha && one.context === `swarmkeeper/loop/${context}`)
      .map((one) => `${one.state}: ${one.description}`)
  const chat = () => [...daemon.discord.messages.values()].map((one) => JSON.stringify(one))
  const live = (name: string) => lab.engine.call('GET', `/services/${name}`)
  const imageOf = async (name: string): Promise<string> => (await live(name)).Spec.TaskTemplate.ContainerSpec.Image
  const updatesOf = async (name: string) => lab.counter.matching('POST', `/services/${(await live(name)).ID}/update`)

  it('the first revision is applied, and its commit says so', async () => {
    const first = await daemon.fleet.repository.resolve()
    await status(first).toBe('success: 2 apps proven')
    await status(first, 'apply/web').toBe('success: proven')
    expect(chat()).toEqual([])
  })

  it('a pull request is planned: one comment with what would happen, and a status on its head', async () => {
    daemon.github.world.setPermission('alice', 'write')
    const pull = await daemon.open({ 'apps/web/hello.yaml': { ...hello('web:2'), image: 17 } })
    const wrong = head(pull)
    await status(wrong, 'plan').toMatch(/^failure: /)
    await expect.poll(() => daemon.comments(pull).length, soon).toBe(1)
    const fixed = await daemon.push(pull, { 'apps/web/hello.yaml': hello('web:2', { bake: '3s' }) })
    await status(fixed, 'plan').toMatch(/^success: /)
    await expect.poll(() => daemon.comments(pull)[0], soon).toContain(`plan of ${fixed.slice(0, 7)}`)
    expect(daemon.comments(pull)).toHaveLength(1)
    expect(daemon.comments(pull)[0]).toMatch(/prod\/Service\/hello[\s\S]*web:1[\s\S]*web:2/)
    expect(await imageOf('hello')).toContain('web:1@')
  })

  it('its merge is pending, applied and baking, then proven: the comment says so, and no line is in chat', async () => {
    const sha = await daemon.merge(1)
    await status(sha, 'apply/web').toBe('success: proven')
    await status(sha).toBe('success: web: proven')
    expect(story(sha, 'apply/web')).toEqual(['pending: applying', 'pending: applied, baking', 'success: proven'])
    expect(daemon.statuses(sha)).not.toHaveProperty('apply/other')
    await expect.poll(() => daemon.comments(1)[0], soon).toMatch(/proven[\s\S]*The plan before the merge/)
    expect(daemon.comments(1)).toHaveLength(1)
    expect(chat()).toEqual([])
  })

  it('a bad revision is rolled back: commit and comment have the reason, chat the last lines, once', async () => {
    bad = await daemon.open({ 'apps/web/hello.yaml': hello('app:crash') })
    await status(head(bad), 'plan').toMatch(/^success/)
    const sha = await daemon.merge(bad)
    await status(sha).toMatch(/^failure: web: rolled back: TaskFailed/)
    await status(sha, 'apply/web').toMatch(/^failure: rolled back: TaskFailed/)
    await expect.poll(() => daemon.comments(bad)[0], soon).toContain('fatal: cannot open the database')
    expect(daemon.comments(bad)[0]).toContain('rolled back')
    await expect.poll(() => chat().join('\n'), soon).toContain('fatal: cannot open the database')
    expect(await imageOf('hello')).toContain('web:2@')
  })

  it('a comment of who may not write does nothing, one of who may retries it', async () => {
    lab.counter.forget()
    daemon.github.world.setPermission('mallory', 'read')
    daemon.github.world.comment(bad, { by: 'mallory', body: '/swarmkeeper retry web' })
    daemon.github.world.comment(bad, { by: 'alice', body: 'I would say\n> /swarmkeeper retry web\nif I were you' })
    daemon.github.world.comment(bad, { by: 'alice', body: '/swarmkeeper retry web' })
    await expect.poll(() => daemon.comments(bad).slice(1).join('\n'), soon).toMatch(/retry web/)
    expect(daemon.comments(bad)).toHaveLength(2)
    expect(daemon.comments(bad)[1]).toMatch(/web.*rolled back/i)
    expect((await updatesOf('hello')).length).toBeGreaterThan(0)
    expect(await imageOf('hello')).toContain('web:2@')
  })

  it('an unrelated merge goes through, and does not ship it again', async () => {
    lab.counter.forget()
    const before = chat()
    const pull = await daemon.open({ 'apps/other/other.yaml': other({ A: '1' }) })
    const sha = await daemon.merge(pull)
    await status(sha).toBe('success: other: proven')
    expect(await updatesOf('hello')).toEqual([])
    expect(await imageOf('hello')).toContain('web:2@')
    expect(chat()).toEqual(before)
  })

  it('a revert closes the incident, where it was opened', async () => {
    const before = daemon.discord.messages.size
    const pull = await daemon.open({ 'apps/web/hello.yaml': hello('web:2') })
    const sha = await daemon.merge(pull)
    await status(sha).toMatch(/^success/)
    await expect.poll(() => chat().at(-1), soon).toMatch(/resolved/i)
    expect(daemon.discord.messages.size).toBe(before)
  })

  it('a branch that is behind shows no reverts of what was merged since', async () => {
    const from = await daemon.fleet.repository.resolve('main~4')
    const pull = await daemon.open({ 'apps/other/more.yaml': documents.service('more', 'app:1') }, { from })
    await expect.poll(() => daemon.comments(pull)[0] ?? '', soon).toContain('prod/Service/more')
    expect(daemon.comments(pull)[0]).not.toContain('prod/Service/other')
    expect(daemon.comments(pull)[0]).not.toContain('prod/Service/hello')
    daemon.github.world.close(pull)
  })

  it('a rollback that a person asks for is done, and pins the app', async () => {
    const pull = await daemon.open({ 'apps/other/other.yaml': other({ A: '2' }) })
    const sha = await daemon.merge(pull)
    await status(sha).toBe('success: other: proven')
    daemon.github.world.comment(pull, { by: 'alice', body: '/swarmkeeper rollback other' })
    await expect.poll(() => daemon.comments(pull).slice(1).join('\n'), soon).toMatch(/rollback other/)
    await expect.poll(async () => (await live('other')).Spec.TaskTemplate.ContainerSpec.Env, soon).toEqual(['A=1'])
  })

  it('of two merges within a minute both have a final status, and the newest runs', async () => {
    const first = await daemon.merge(await daemon.open({ 'apps/web/hello.yaml': hello('web:1', { bake: '20s' }) }))
    await status(first, 'apply/web').toBe('pending: applied, baking')
    const second = await daemon.merge(await daemon.open({ 'apps/web/hello.yaml': hello('web:2') }))
    await status(second).toBe('success: web: proven')
    await status(first).toMatch(/superseded by/)
    expect(Object.values(daemon.statuses(first)).filter((one) => one.startsWith('pending'))).toEqual([])
    expect(await imageOf('hello')).toContain('web:2@')
  })

  it('the head of a merge queue is planned', async () => {
    const files = daemon.fleet.texts({ 'apps/web/hello.yaml': hello('web:1') })
    const [baseSha, branch] = [await daemon.fleet.repository.resolve(), 'gh-readonly-queue/main/pr-99']
    const headSha = await daemon.fleet.repository.commit(files, { branch, parent: baseSha })
    daemon.github.world.queue({ headSha, baseSha })
    await status(headSha, 'plan').toMatch(/^success: /)
  })

  it('what happened while it was stopped is found when it starts', async () => {
    await daemon.stop()
    const sha = await daemon.merge(await daemon.open({ 'apps/web/hello.yaml': hello('web:1') }))
    expect(daemon.statuses(sha)).toEqual({})
    await daemon.start()
    await status(sha).toBe('success: web: proven')
  })

  it('a history that was rewritten is held, and nothing of it is applied', async () => {
    const before = await imageOf('hello')
    lab.counter.forget()
    const sha = await daemon.fleet.rewrite({
      'apps/web/hello.yaml': hello('app:1'),
      'apps/other/other.yaml': other({}),
    })
    daemon.github.world.pushTo('main', sha)
    await status(sha).toMatch(/^(failure|error|pending): waits for a person/)
    expect(await imageOf('hello')).toBe(before)
    expect(await updatesOf('hello')).toEqual([])
  })
})
