import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AppPlan, FleetPlan } from '../../src/model/outcome.ts'
import { defaultHandling } from '../../src/model/resource.ts'
import type { AppReport, RevisionReport } from '../../src/model/revision-report.ts'
import { type PullPlan, renderPullComment, renderPullPlan } from '../../src/report/pull-comment.ts'
import { appPlan, create, fleetPlan, id, image, prune, REVISION, secret, update, wanted } from './samples.ts'

const pull = (plan: FleetPlan, rest: Partial<PullPlan> = {}): PullPlan => ({
  install: 'prod',
  head: 'a'.repeat(40),
  tip: REVISION,
  plan,
  command: 'swarmkeeper plan --revision aaaaaaa',
  ...rest,
})

const stage = (...changes: AppPlan['plan']['stages'][number]['changes']) => [{ changes, gates: [], pauseMs: 0 }]

const FULL = fleetPlan(
  [
    appPlan({
      app: 'web',
      stages: stage(create(id('Network', 'web')), update(id('Service', 'web'), [image, secret])),
      held: [
        { id: id('Service', 'db'), why: 'data', message: 'postgres would start EMPTY; its data stays in pg on node-3' },
        { id: id('Service', 'far'), why: 'unknown', message: 'new, not observed' },
      ],
    }),
    appPlan(
      {
        app: 'old',
        stages: stage(prune(id('Service', 'old'))),
        held: [{ id: id('Service', 'x'), why: 'guard', message: '3 of 5 would go' }],
      },
      { guards: [{ name: 'prune:old:12345678', message: '3 of 5 would go' }] },
    ),
    appPlan({ app: 'as-is' }),
  ],
  {
    problems: [
      {
        severity: 'warning',
        position: { path: 'apps/web/web.yaml', line: 3, column: 5 },
        pointer: '/image',
        message: 'a floating tag',
        app: 'web',
      },
    ],
  },
)

const app = (word: AppReport['word'], rest: Partial<AppReport> = {}): AppReport => ({
  word,
  diagnosis: [],
  unknown: 0,
  ...rest,
})

const report = (apps: RevisionReport['apps'], rest: Partial<RevisionReport> = {}): RevisionReport => ({
  revision: REVISION,
  skipped: [],
  seenAt: '2026-01-01T00:00:00.000Z',
  apps,
  final: true,
  ...rest,
})

describe('the comment on a pull request', () => {
  it('says first what nobody should merge without having seen it, then folds the diff of each app', () => {
    expect(renderPullPlan(pull(FULL, { notes: ['of a fork: nothing was compared with live'] }))).toMatchInlineSnapshot(`
      "### swarmkeeper prod: plan of aaaaaaa merged into 1a2b3c4

      > of a fork: nothing was compared with live

      **1 to create, 1 to change (1 restarts), 1 to prune; 1 held for its data; 1 guarded; 1 unknown**

      | app | changes | attention |
      |---|---|---|
      | web | 1 to create, 1 to change (1 restarts); 1 held for its data; 1 unknown | blocked: data would be left behind; 1 restart; 1 unknown |
      | old | 1 to prune; 1 guarded | guard prune:old:12345678 |

      **Blocked for its data:**
      - prod/Service/db: postgres would start EMPTY; its data stays in pg on node-3

      **Restarts:**
      - prod/Service/web

      **Removed:**
      - prod/Service/old

      **Guards that would wait for a person:**
      - old: 3 of 5 would go; after the merge: \`swarmkeeper apply --confirm prune:old:12345678\`

      **Cannot be known now:**
      - prod/Service/far: new, not observed

      **1 warning:**

      \`\`\`text
      apps/web/web.yaml:3:5 warning: /image: a floating tag
      \`\`\`

      <details><summary><b>web</b>: 1 to create, 1 to change (1 restarts); 1 held for its data; 1 unknown</summary>

      \`\`\`diff
      + prod/Network/web
          driver: overlay
      ~ prod/Service/web  restarts
          image: "web:1" -> "web:2"
          env/KEY: changed (secret)
      ! prod/Service/db  data: postgres would start EMPTY; its data stays in pg on node-3
      ! prod/Service/far  unknown: new, not observed
      \`\`\`

      </details>

      <details><summary><b>old</b>: 1 to prune; 1 guarded</summary>

      \`\`\`diff
      - prod/Service/old
      guard: 3 of 5 would go
        - prod/Service/x
        confirm it with: swarmkeeper apply --confirm prune:old:12345678
      \`\`\`

      </details>

      <sub>The same plan again: \`swarmkeeper plan --revision aaaaaaa\`, or a comment that says \`/swarmkeeper plan\`.</sub>"
    `)
  })

  it('says that nothing would change', () => {
    expect(renderPullPlan(pull(fleetPlan([appPlan({ app: 'as-is' })])))).toMatchInlineSnapshot(`
      "### swarmkeeper prod: plan of aaaaaaa merged into 1a2b3c4

      **nothing to do**

      <sub>The same plan again: \`swarmkeeper plan --revision aaaaaaa\`, or a comment that says \`/swarmkeeper plan\`.</sub>"
    `)
  })

  it('says why there is no plan', () => {
    const { plan: _plan, ...rest } = pull(FULL)
    expect(renderPullPlan({ ...rest, failure: 'it conflicts with the tip in apps/web/web.yaml' })).toContain(
      '**No plan:** it conflicts with the tip in apps/web/web.yaml',
    )
  })

  it('names what cannot be taken back', () => {
    const job = {
      ...wanted(id('Job', 'migrate')),
      kind: 'Job',
      spec: { service: { image: 'm:1' }, irreversible: true },
    }
    const data = { ...wanted(id('Service', 'db')), spec: { image: 'db:2', mounts: [{ type: 'volume', source: 'pg' }] } }
    const hold = { ...wanted(id('Service', 'hold')), handling: { ...defaultHandling, rollback: 'hold' as const } }
    const plan = fleetPlan([
      appPlan({
        stages: stage(
          { ...create(job.id), action: 'create', to: job },
          { ...update(data.id, [image]), action: 'update', from: undefined, to: data },
          { ...update(hold.id, []), action: 'update', from: undefined, to: hold },
        ),
      }),
    ])
    const text = renderPullPlan(pull(plan))
    expect(text.slice(text.indexOf('**No way back'), text.indexOf('**Restarts'))).toBe(`**No way back:**
- prod/Job/migrate: it is irreversible; past it, a failure is held and not rolled back
- prod/Service/db: a new image and a writable volume: a failure is held and not rolled back, for the old program may not read the new data
- prod/Service/hold: it says <code>rollback: hold</code>: a failure is held and not rolled back

`)
  })

  it('shows no live value of what is not ours', () => {
    const text = renderPullPlan(
      pull(
        fleetPlan([
          appPlan({
            held: [
              {
                id: id('Service', 'theirs'),
                why: 'conflict',
                message: 'it exists, and is not ours',
                diffs: [{ path: '/image', from: 'their-registry/private:7', to: 'web:2', effect: 'restart' }],
              },
            ],
          }),
        ]),
      ),
    )
    expect(text).toContain('not ours, not shown')
    expect(text).not.toContain('their-registry')
  })
})

describe('what happened after the merge', () => {
  it('stands above the plan, with the last log lines, what runs now and what to do', () => {
    const happened = report({
      old: app('proven'),
      web: app('rolled-back', {
        reason: 'HealthCheckFailed',
        message: 'prod/Service/web: check http: 503',
        todo: 'mend it with a commit, or: swarmkeeper retry web',
        diagnosis: ['task web.1 on node-2: exit code 1', '| Error: no such table: users'],
        running: { revision: 'f'.repeat(40), images: [`web: registry.example/web:1@sha256:${'a1'.repeat(32)}`] },
      }),
    })
    expect(renderPullComment({ plan: 'THE PLAN', report: happened })).toMatchInlineSnapshot(`
      "### ❌ Merged as 1a2b3c4: 1 app rolled back (web), 1 app proven

      | app | what became of it |
      |---|---|
      | web | rolled back: HealthCheckFailed: prod/Service/web: check http: 503 |
      | old | proven |

      <details open><summary><b>web</b>: rolled back: HealthCheckFailed: prod/Service/web: check http: 503</summary>

      \`\`\`text
      task web.1 on node-2: exit code 1
      | Error: no such table: users
      \`\`\`

      **Runs now:** \`ffffffffffff\`
      - \`web: registry.example/web:1@sha256:a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\`

      **Next:** mend it with a commit, or: swarmkeeper retry web

      </details>

      <details><summary>The plan before the merge</summary>

      THE PLAN

      </details>"
    `)
  })

  it('is the plan alone before the merge', () => {
    expect(renderPullComment({ plan: 'THE PLAN' })).toBe('THE PLAN')
  })

  const HEADS: readonly (readonly [string, RevisionReport])[] = [
    ['⏳ Merged as 1a2b3c4: web: applying', report({ web: app('pending') }, { final: false })],
    ['⏳ Merged as 1a2b3c4: web: applied, baking', report({ web: app('applied') }, { final: false })],
    ['✅ Merged as 1a2b3c4: web: proven', report({ web: app('proven') })],
    ['✅ Merged as 1a2b3c4: no app is touched', report({})],
    ['✅ Merged as 1a2b3c4: 2 apps proven, 3 unknown', report({ a: app('proven', { unknown: 3 }), b: app('proven') })],
    [
      '✅ Merged as 1a2b3c4: superseded by bbbbbbb: web: proven',
      report({ web: app('proven') }, { supersededBy: 'b'.repeat(40) }),
    ],
    [
      '⏳ Merged as 1a2b3c4: waits for a person: another history',
      report({}, { waits: 'another history', final: false }),
    ],
  ]
  it.each(HEADS)('%s', (head, happened) => {
    expect(renderPullComment({ plan: '', report: happened }).split('\n')[0]).toBe(`### ${head}`)
  })
})

/** What a repository, a log or a live name may hold (SEC-18). */
const HOSTILE = [
  '</details><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '```\n</details>\n# owned',
  '````',
  '[click](javascript:alert(1))',
  '![x](http://evil.example/beacon.png)',
  '@everyone @org/team',
  '<!channel>',
  '<!-- swarmkeeper:prod -->',
  'a | b\n|---|',
  'https://evil.example www.evil.example',
  '#1 GH-1',
  '\u202egnp.exe',
]

function hostilePlan(text: string): FleetPlan {
  return fleetPlan(
    [
      appPlan(
        {
          app: text,
          stages: stage(
            update(id('Service', text), [{ path: `/env/${text}`, from: text, to: `${text}2`, effect: 'restart' }]),
            prune(id('Service', `${text}-old`)),
          ),
          held: [
            { id: id('Service', `${text}-d`), why: 'data', message: text },
            { id: id('Service', `${text}-u`), why: 'unknown', message: text },
            { id: id('Service', `${text}-c`), why: 'conflict', message: text },
          ],
        },
        {
          guards: [{ name: text, message: text }],
          unfit: [{ id: id('Service', text), message: text }],
          blocked: { reason: 'GuardHeld', message: text, todo: text },
        },
      ),
    ],
    {
      problems: [
        { severity: 'error', position: { path: text, line: 1, column: 1 }, pointer: text, message: text, app: text },
      ],
    },
  )
}

const hostileReport = (text: string): RevisionReport =>
  report({
    [text]: app('rolled-back', {
      reason: text,
      message: text,
      todo: text,
      diagnosis: [text, ...text.split('\n')],
      running: { revision: text, images: [text] },
    }),
  })

/** Markdown with its fences and code spans taken out, as GitHub reads it. */
function outsideOfCode(markdown: string): string {
  const lines: string[] = []
  let fence: string | undefined
  for (const line of markdown.split('\n')) {
    const [, ticks] = /^(`{3,})/.exec(line) ?? []
    if (fence === undefined && ticks) fence = ticks
    else if (fence !== undefined && line === fence) fence = undefined
    else if (fence === undefined) lines.push(line.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, ''))
  }
  expect(fence).toBeUndefined()
  return lines.join('\n')
}

function expectHarmless(markdown: string): void {
  const text = outsideOfCode(markdown)
  const tags = [...text.matchAll(/<\/?([a-z!][^\s>]*)[^>]*>/gi)].map(([tag]) => tag)
  const allowed = new Set([
    '<details>',
    '<details open>',
    '</details>',
    '<summary>',
    '</summary>',
    '<b>',
    '</b>',
    '<sub>',
    '</sub>',
    '<code>',
    '</code>',
  ])
  expect(tags.filter((tag) => !allowed.has(tag))).toEqual([])
  expect(tags.filter((tag) => tag.startsWith('<details')).length).toBe(
    tags.filter((tag) => tag === '</details>').length,
  )
  expect(text).not.toMatch(/\]\(/)
  expect(text).not.toMatch(/@[a-z]/i)
  expect(text).not.toMatch(/https?:\/\//)
  expect(markdown).not.toContain('<!--')
  expect(markdown).not.toMatch(/\u202e/)
}

describe('SEC-18: text of others in a comment', () => {
  it.each(HOSTILE)('%j stays text', (text) => {
    const plan = renderPullPlan(
      pull(hostilePlan(text), { install: text, notes: [text], command: `swarmkeeper plan ${text}` }),
    )
    const comment = renderPullComment({ plan, report: hostileReport(text) })
    expectHarmless(comment)
  })

  it('whatever the text is made of', () => {
    const piece = fc.oneof(
      fc.constantFrom(...HOSTILE, '`', '``', '\\', '\n', '<', '>', '@a', '](', '<!--', '-->'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const text = pieces.join('')
        if (text.trim() === '') return
        const plan = renderPullPlan(pull(hostilePlan(text)))
        expectHarmless(renderPullComment({ plan, report: hostileReport(text) }))
      }),
      { numRuns: 150 },
    )
  })
})

describe('the size of a comment', () => {
  const big = (name: string, lines: number): AppPlan =>
    appPlan({
      app: name,
      stages: stage(
        ...Array.from({ length: lines }, (_, index) =>
          update(id('Service', `${name}-${index}`), [{ ...image, to: `registry.example/${'x'.repeat(60)}:${index}` }]),
        ),
      ),
    })

  it('of 200 apps with much to say stays below 60,000 characters, and says what is left out', () => {
    const names = Array.from({ length: 200 }, (_, index) => `app-${index}`)
    const plan = renderPullPlan(pull(fleetPlan(names.map((name) => big(name, 8)))))
    const failed = app('rolled-back', {
      message: 'm'.repeat(500),
      todo: 't'.repeat(500),
      diagnosis: Array.from({ length: 40 }, () => 'l'.repeat(500)),
      running: { images: Array.from({ length: 40 }, () => `sha256:${'a'.repeat(64)}`) },
    })
    const comment = renderPullComment({ plan, report: report(Object.fromEntries(names.map((name) => [name, failed]))) })
    expect(comment.length).toBeLessThan(60_000)
    expect(plan).toContain('left out: the diffs of')
    expect(plan).toMatch(/\| … \| 100 more apps \| \|/)
    expectHarmless(comment)
  })

  it('leaves out the biggest diff first', () => {
    const plan = renderPullPlan(pull(fleetPlan([big('huge', 600), big('small', 2)])))
    expect(plan).toContain('left out: the diff of huge.')
    expect(plan).toContain('prod/Service/small-1  restarts\n    image:')
    expect(plan.length).toBeLessThan(40_500)
  })

  it('holds with names and messages that are long', () => {
    const name = (index: number): string => `${'<'.repeat(250)}${index}`
    const apps = Array.from({ length: 120 }, (_, index) => ({
      ...big(name(index), 3),
      guards: [{ name: name(index), message: '@'.repeat(2_000) }],
    }))
    const plan = renderPullPlan(pull(fleetPlan(apps)))
    expect(plan.length).toBeLessThan(40_000)
  })
})
