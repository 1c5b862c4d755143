import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { createLiveDaemon, type LiveDaemon } from '../support/live-daemon.ts'

const soon = { timeout: 60_000, interval: 50 }

describe.skipIf(!labPossible())('with the login of a GitHub App', () => {
  let lab: Lab
  let daemon: LiveDaemon

  beforeAll(async () => {
    lab = await requireLab()
    daemon = await createLiveDaemon(lab, 'app', { login: 'app' })
    await daemon.start()
  })
  afterAll(async () => {
    await daemon?.dispose()
    await lab?.dispose()
  })

  it('what is wrong is shown at the lines of the changed files, and of a head without mistakes there is none', async () => {
    const { service } = createDocuments(lab)
    const path = 'apps/web/hello.yaml'
    const pull = await daemon.open({ [path]: { ...service('hello', 'web:1'), image: 17 } })
    const shown = () =>
      daemon.github.world.checkRuns.map(({ sha, conclusion, annotations }) => [
        sha === daemon.github.world.pull(pull)?.head.sha,
        conclusion,
        annotations.map((one) => [one.path, one.start_line, one.annotation_level]),
      ])
    await expect.poll(shown, soon).toEqual([[true, 'failure', [[path, 3, 'failure']]]])
    await daemon.push(pull, { [path]: service('hello', 'web:1') })
    await expect.poll(() => daemon.comments(pull)[0], soon).toContain('prod/Service/hello')
    await expect
      .poll(() => daemon.statuses(daemon.github.world.pull(pull)?.head.sha ?? '').plan, soon)
      .toMatch(/^success/)
    // The new head has no check run: nothing is wrong there.
    expect(shown()).toEqual([[false, 'failure', expect.anything()]])
    expect(daemon.comments(pull)).toHaveLength(1)
  })
})
