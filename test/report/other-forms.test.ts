import { describe, expect, test } from 'vitest'
import { planJson } from '../../src/report/json.ts'
import { renderPlanMarkdown } from '../../src/report/render-markdown.ts'
import { renderGithubAnnotations, sarifOf } from '../../src/report/render-problems.ts'
import { appPlan, create, fleetPlan, id, image, secret, text, update } from './samples.ts'

const web = id('Service', 'web')
const fleet = fleetPlan([
  appPlan({
    stages: [{ changes: [create(id('Network', 'front')), update(web, [image, secret])], gates: [], pauseMs: 0 }],
  }),
])
const problem = {
  severity: 'error',
  position: { path: 'apps/a/a.yaml', line: 3, column: 7 },
  pointer: '/image',
  message: '50% of\nit: bad',
  app: 'a',
} as const

describe('a plan as JSON', () => {
  test('names every change with what it does, and of a secret only that it differs', () => {
    expect(planJson(fleet)).toMatchObject({
      format: 1,
      verdict: 'changes',
      apps: [
        {
          app: 'hello',
          goal: 'desired',
          stages: [
            {
              changes: [
                { action: 'create', id: 'prod/Network/front', cause: 'revision', diffs: [] },
                {
                  action: 'update',
                  id: 'prod/Service/web',
                  effect: 'restarts',
                  diffs: [
                    { path: '/image', from: 'web:1', to: 'web:2', effect: 'restart' },
                    { path: '/env/KEY', opaque: true, effect: 'restart' },
                  ],
                },
              ],
            },
          ],
        },
      ],
    })
    expect(JSON.stringify(planJson(fleet))).not.toMatch(/a1|b2"/)
  })
})

test('the names in a plan as JSON stay as they are', () => {
  const [app] = (planJson(fleet) as { readonly apps: readonly object[] }).apps
  expect(Object.keys(planJson(fleet) as object)).toEqual(
    'format revision stale verdict apps problems orphans orphanedTargets'.split(' '),
  )
  expect(Object.keys(app ?? {})).toEqual('app goal stages settled held guards unfit departures'.split(' '))
})

describe('a plan as markdown', () => {
  test('is a table of apps with a folded diff', () => {
    expect(text(renderPlanMarkdown(fleet))).toBe(`
**Plan of 1a2b3c4d5e6f:** 1 to create, 1 to change (1 restarts)

| app | changes | attention |
|---|---|---|
| hello | 1 to create, 1 to change (1 restarts) | disturbs prod/Service/web |

<details><summary>hello</summary>

\`\`\`diff
+ prod/Network/front
    driver: overlay
~ prod/Service/web    restarts
    image: "web:1" -> "web:2"
    env/KEY: changed (secret)
\`\`\`

</details>
`)
  })

  test('writes only as numbers what would be markup', () => {
    const words = 'image (web:1) failed! {a} + b_c: "x", 50%. #1 _y_ $z$ www.evil.test'
    const blocked = { reason: 'Stalled', message: '' }
    const rows = renderPlanMarkdown(fleetPlan([appPlan({}, { blocked, unfit: [{ id: web, message: words }] })]))
    expect(rows.find((line) => line.startsWith('| hello'))).toContain(
      'image (web:1) failed! {a} + b_c: "x", 50%. &#35;1 &#95;y&#95; &#36;z&#36; www&#46;evil.test',
    )
  })

  test('lets nothing that others wrote out of its place: no mention, no markup, no fence', () => {
    const nasty = update(web, [{ path: '/image', from: '```\n# @everyone', to: '</details>', effect: 'none' }])
    const held = [{ id: web, why: 'data', message: '@all **look** <img src=x> https://evil.test' } as const]
    const lines = renderPlanMarkdown(
      fleetPlan([appPlan({ stages: [{ changes: [nasty], gates: [], pauseMs: 0 }], held })]),
    )
    expect(lines).toContain('````diff')
    const row = lines.find((line) => line.startsWith('| hello'))
    expect(row).not.toMatch(/@all|\*\*|<img|https:\/\//)
  })
})

describe('problems', () => {
  test('as annotations of GitHub Actions are escaped', () => {
    expect(renderGithubAnnotations([problem])).toEqual([
      '::error file=apps/a/a.yaml,line=3,col=7,title=/image::50%25 of%0Ait: bad',
    ])
  })

  test('as SARIF name the place', () => {
    expect(sarifOf([problem], '1.0.0')).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          results: [
            {
              level: 'error',
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'apps/a/a.yaml' },
                    region: { startLine: 3, startColumn: 7 },
                  },
                },
              ],
            },
          ],
        },
      ],
    })
  })
})
