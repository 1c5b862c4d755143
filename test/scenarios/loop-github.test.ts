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

  const hello = (image: string, keeper = {}) => documents.service('hello', image, { replicas: 2, keeper })
  const other = (env: object) => documents.service('other', 'app:1', { env })
  const status = (sha: string, context = 'apply') => expect.poll(() => daemon.statuses(sha)[context], soon)
  const story = (sha: string, context: string) =>
    daemon.github.world.statuses
      .filter((one) => one.sha === sha && one.context === `swarmkeeper/loop/${context}`)
      .map((one) => `${one.state}: ${one.description}`)
  const chat = () => [...daemon.discord.messages.values()].map((one) => JSON.stringify(one))
  const imageOf = async (name: string): Promise<string> =>
    (await lab.engine.call('GET', `/services/${name}`)).Spec.TaskTemplate.ContainerSpec.Image
  const updatesOf = async (name: string) =>
    lab.counter.matching('POST', `/services/${(await lab.engine.call('GET', `/services/${name}`)).ID}/update`)

  it('the first revision is applied, and its commit says so', async () => {
    const first = await daemon.fleet.repository.resolve()
    await status(first).toBe('success: 2 apps proven')
    await status(first, 'apply/web').toBe('success: proven')
    expect(chat()).toEqual([])
  })

  it('a merge is pending, applied and baking, then proven: without a line in chat', async () => {
    const pull = await daemon.open({ 'apps/web/hello.yaml': hello('web:2', { bake: '3s' }) })
    const sha = await daemon.merge(pull)
    await status(sha, 'apply/web').toBe('success: proven')
    await status(sha).toBe('success: web: proven')
    expect(story(sha, 'apply/web')).toEqual(['pending: applying', 'pending: applied, baking', 'success: proven'])
    expect(daemon.statuses(sha)).not.toHaveProperty('apply/other')
    expect(chat()).toEqual([])
  })

  it('a bad revision is rolled back: its commit has the reason, chat the last lines, once', async () => {
    const pull = await daemon.open({ 'apps/web/hello.yaml': hello('app:crash') })
    const sha = await daemon.merge(pull)
    await status(sha).toMatch(/^failure: web: rolled back: TaskFailed/)
    await status(sha, 'apply/web').toMatch(/^failure: rolled back: TaskFailed/)
    await expect.poll(() => chat().join('\n'), soon).toContain('fatal: cannot open the database')
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

  it('of two merges within a minute both have a final status, and the newest runs', async () => {
    const first = await daemon.merge(await daemon.open({ 'apps/web/hello.yaml': hello('web:1', { bake: '20s' }) }))
    await status(first, 'apply/web').toMatch(/^pending/)
    const second = await daemon.merge(await daemon.open({ 'apps/web/hello.yaml': hello('web:2') }))
    await status(second).toBe('success: web: proven')
    await status(first).toMatch(/superseded by/)
    expect(Object.values(daemon.statuses(first)).filter((one) => one.startsWith('pending'))).toEqual([])
    expect(await imageOf('hello')).toContain('web:2@')
  })

  it('what happened while it was stopped is found when it starts', async () => {
    await daemon.stop()
    const pull = await daemon.open({ 'apps/other/other.yaml': other({ A: '2' }) })
    const sha = await daemon.merge(pull)
    expect(daemon.statuses(sha)).toEqual({})
    await daemon.start()
    await status(sha).toBe('success: other: proven')
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
