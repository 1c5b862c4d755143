import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FleetOutcome } from '../../src/model/outcome.ts'
import { formatProblem } from '../../src/model/problem.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`

/** A folder per mistake, and what is said of it. */
const MISTAKES: Readonly<Record<string, { readonly files: Record<string, unknown>; readonly says: RegExp }>> = {
  'unknown-key': {
    files: { 'a.yaml': text(['kind: Service', 'name: unknown-key', 'image: app:1', 'replica: 2']) },
    says: /^apps\/unknown-key\/a\.yaml:4:1 .*'replica'.*replicas/,
  },
  'wrong-type': {
    files: { 'a.yaml': text(['kind: Service', 'name: wrong-type', 'image: app:1', 'replicas: many']) },
    says: /^apps\/wrong-type\/a\.yaml:4:11 /,
  },
  'no-such-network': {
    files: { 'a.yaml': text(['kind: Service', 'name: no-such-network', 'image: app:1', 'networks: [nowhere]']) },
    says: /^apps\/no-such-network\/a\.yaml:4:12 .*nowhere/,
  },
  cycle: {
    files: {
      'a.yaml': text(['kind: Service', 'name: cycle', 'image: app:1', 'keeper: { dependsOn: [Service/cycle-b] }']),
      'b.yaml': text(['kind: Service', 'name: cycle-b', 'image: app:1', 'keeper: { dependsOn: [Service/cycle] }']),
    },
    says: /these wait for each other: .*cycle.*cycle-b/,
  },
  'duplicate-id': {
    files: { 'a.yaml': text(['kind: Service', 'name: good', 'image: app:1']) },
    says: /^apps\/duplicate-id\/a\.yaml:\d+:\d+ .*good/,
  },
  'duplicate-key': {
    files: { 'a.yaml': text(['kind: Service', 'name: duplicate-key', 'image: app:1', 'image: app:2']) },
    says: /^apps\/duplicate-key\/a\.yaml:4:1 /,
  },
  'alias-bomb': {
    files: {
      'a.yaml': text([
        'kind: Service',
        'name: alias-bomb',
        'a: &a [x, x, x, x, x, x, x, x, x]',
        ...'bcdefghi'.split('').map((to, at) => `${to}: &${to} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(', ')}]`),
      ]),
    },
    says: /^apps\/alias-bomb\/a\.yaml:/,
  },
  'deep-nesting': {
    files: { 'a.yaml': `kind: Service\nname: deep-nesting\nimage: ${'['.repeat(100_000)}\n` },
    says: /^apps\/deep-nesting\/a\.yaml:/,
  },
  'huge-file': {
    files: { 'a.yaml': Buffer.alloc(50 * 1024 * 1024, 'a') },
    says: /^apps\/huge-file\/a\.yaml:1:1 .*(MB|MiB|bytes|large)/,
  },
  binary: {
    files: { 'a.yaml': Buffer.from([0, 1, 2, 255, 254, 0, 10]) },
    says: /^apps\/binary\/a\.yaml:/,
  },
  symlink: {
    files: { 'a.yaml': { link: '../../../../etc/passwd' } },
    says: /^apps\/symlink\/a\.yaml:1:1 .*symbolic link|symlink/,
  },
  submodule: {
    files: { vendor: { submodule: 'a'.repeat(40) } },
    says: /^apps\/submodule\/vendor:1:1 .*submodule/,
  },
  traversal: {
    files: { 'a.yaml': text(['kind: Config', 'name: traversal', 'file: ../../../../etc/passwd']) },
    says: /^apps\/traversal\/a\.yaml:3:7 /,
  },
  'unset-variable': {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the repository
    files: { 'a.yaml': text(['kind: Service', 'name: unset-variable', 'image: "app:${NOWHERE}"']) },
    says: /^apps\/unset-variable\/a\.yaml:3:\d+ .*NOWHERE/,
  },
}

describe.skipIf(!labPossible())('bad input', () => {
  let lab: Lab
  let fleet: LiveFleet
  let documents: ReturnType<typeof createDocuments>

  beforeAll(async () => {
    lab = await requireLab()
    documents = createDocuments(lab)
    fleet = await createLiveFleet(lab, 'bad-input', { fleet: { vars: 'vars.env' } })
    const resting = Object.keys(MISTAKES).map((app) => [
      `apps/${app}/before.yaml`,
      documents.service(`before-${app}`, 'app:1', { replicas: 0 }),
    ])
    await fleet.commit({
      'vars.env': 'SOME=thing\n',
      'apps/good/good.yaml': documents.service('good', 'app:1'),
      ...Object.fromEntries(resting),
    })
    const first = await fleet.apply()
    expect(new Set(first.apps.map(({ outcome }) => outcome))).toEqual(new Set(['proven']))
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  const servicesOf = async (): Promise<string[]> => {
    const services: { Spec: { Name: string } }[] = await lab.engine.call('GET', '/services')
    return services.map(({ Spec }) => Spec.Name).sort()
  }

  describe('in fourteen apps at once', () => {
    let outcome: FleetOutcome
    let before: string[]
    let bytes: number

    beforeAll(async () => {
      before = await servicesOf()
      // Each of them also loses the document of what runs: what cannot be read is no reason to prune.
      const changes = Object.entries(MISTAKES).flatMap(([app, { files }]) => [
        [`apps/${app}/before.yaml`, null],
        ...Object.entries(files).map(([name, file]) => [`apps/${app}/${name}`, file]),
      ])
      await fleet.repository.commit(Object.fromEntries(changes))
      await fleet.commit({ 'apps/good/good.yaml': documents.service('good', 'app:2') })
      const start = process.memoryUsage().rss
      outcome = await fleet.apply()
      bytes = process.memoryUsage().rss - start
    })

    it.each(Object.entries(MISTAKES))('%s: its own app waits, and the message says where and what', (app, { says }) => {
      const found = fleet.app(outcome, app)
      expect(found).toMatchObject({ outcome: 'waiting', reason: 'InvalidDesired', steps: [] })
      const problems = outcome.problems.filter((problem) => problem.app === app).map(formatProblem)
      expect(problems).toContainEqual(expect.stringMatching(says))
    })

    it('applies the others, and prunes nothing', async () => {
      expect(fleet.app(outcome, 'good').outcome).toBe('proven')
      expect(await servicesOf()).toEqual(before)
    })

    it('needs no memory for it', () => {
      expect(bytes).toBeLessThan(400 * 1024 * 1024)
    })
  })

  it('a swarmkeeper.yaml that cannot be read stops everything, and says so', async () => {
    await fleet.commit({ 'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\ndirft: safe\n' })
    await fleet.commit({ 'apps/good/good.yaml': documents.service('good', 'app:3') })
    lab.counter.forget()
    const outcome = await fleet.apply()
    expect(new Set(outcome.apps.map((app) => app.outcome))).toEqual(new Set(['waiting']))
    expect(outcome.problems.map(formatProblem)).toContainEqual(
      expect.stringMatching(/^swarmkeeper\.yaml:3:1 .*'dirft'.*drift/),
    )
    expect(lab.counter.writes()).toEqual([])
  })
})
