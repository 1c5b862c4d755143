import { describe, expect, it } from 'vitest'
import { errors, type Files, render } from './fleet-files.ts'

/** What takes longer than this never ends; what is bounded takes a small part of it, also on a busy machine. */
const SOON_MS = 20_000
const MEMORY = 700 * 1024 * 1024

const aliases = (levels: number): string =>
  [
    'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
    ...Array.from(
      { length: levels },
      (_, n) => `a${n + 1}: &a${n + 1} [${Array.from({ length: 10 }, () => `*a${n}`)}]`,
    ),
  ].join('\n')
const deep = (open: string, close: string, times: number): string => open.repeat(times) + close.repeat(times)
const stack = (compose: string): Files => ({
  'apps/a/a.yaml': 'kind: Stack\nname: a\ncompose: [compose.yaml]\n',
  'apps/a/compose.yaml': compose,
})
const unit = (text: string): Files => ({
  'apps/a/a.yaml': 'kind: Unit\nname: a.service\nhosts: [app-1]\nfile: a.service\n',
  'apps/a/a.service': text,
})
const program = (text: string): Files => ({
  'apps/a/a.yaml': 'kind: Program\nname: a\nhosts: [app-1]\nconf: a.conf\n',
  'apps/a/a.conf': text,
})
const envFile = (text: string): Files => ({
  'apps/a/a.yaml': 'kind: Service\nname: a\nimage: a:1\nenvFile: a.env\n',
  'apps/a/a.env': text,
})
/** A reference, and what begins one without an end. */
const [REFERENCE, BEGUN] = ['$' + '{A', '$' + '{']

const BOMBS: Readonly<Record<string, Files>> = {
  'aliases of aliases in a document': {
    'apps/a/a.yaml': `kind: Service\nname: a\nimage: a:1\nx:\n${aliases(12).replaceAll(/^/gm, '  ')}\n`,
  },
  'aliases of aliases in a compose file': stack(`${aliases(12)}\nservices: { web: { image: "a:1", labels: *a12 } }\n`),
  'merge keys of merge keys': stack(
    `x0: &x0 { k: v }\n${Array.from({ length: 40 }, (_, n) => `x${n + 1}: &x${n + 1} { <<: [*x${n}, *x${n}], n${n}: v }`).join('\n')}\nservices: { web: { image: "a:1", labels: *x40 } }\n`,
  ),
  '100,000 levels of lists': { 'apps/a/a.yaml': `kind: Service\nname: a\nx: ${deep('[', ']', 100_000)}\n` },
  '100,000 levels of maps': { 'apps/a/a.yaml': `kind: Service\nname: a\nx: ${deep('{a: ', '}', 100_000)}\n` },
  '100,000 levels of lists in a compose file': stack(
    `services: { web: { image: "a:1", command: ${deep('[', ']', 100_000)} } }\n`,
  ),
  '100,000 levels of a default within a default': stack(
    `services: { web: { image: "${`${REFERENCE}:-`.repeat(100_000)}${'}'.repeat(100_000)}" } }\n`,
  ),
  'references that never end': stack(`services: { web: { image: "${BEGUN.repeat(60_000)}" } }\n`),
  'variables of variables': envFile(
    `A0=xxxxxxxxxx\n${Array.from({ length: 40 }, (_, n) => `A${n + 1}=${`$\{A${n}}`.repeat(10)}`).join('\n')}\n`,
  ),
  'documents without end in one file': { 'apps/a/a.yaml': '---\n'.repeat(28_000) },
  'keys without end': {
    'apps/a/a.yaml': `kind: Service\nname: a\nimage: a:1\nenv:\n${Array.from({ length: 20_000 }, (_, n) => `  K${n}: v`).join('\n')}\n`,
  },
  'documents that extend each other': {
    'apps/a/a.yaml': 'extends: b.yaml\nname: a\n',
    'apps/a/b.yaml': 'extends: a.yaml\nkind: Service\n',
  },
  'a chain of extensions': Object.fromEntries(
    Array.from({ length: 500 }, (_, n) => [
      `apps/a/${n === 0 ? 'a.yaml' : `base/${n}.yaml`}`,
      `extends: ${n === 0 ? 'base/1.yaml' : `${n + 1}.yaml`}\n`,
    ]),
  ),
  'compose files that include each other': {
    ...stack('include: [other.yaml]\nservices: {}\n'),
    'apps/a/other.yaml': 'include: [compose.yaml]\nservices: {}\n',
  },
  'services that extend each other': stack('services: { a: { extends: b, image: "a:1" }, b: { extends: a } }\n'),
  'dependencies in a circle': {
    'apps/a/a.yaml': Array.from(
      { length: 500 },
      (_, n) => `kind: Service\nname: s${n}\nimage: a:1\nkeeper: { dependsOn: [Service/s${(n + 1) % 500}] }`,
    ).join('\n---\n'),
  },
  'a unit of continued lines': unit(`[Service]\nExecStart=/bin/true ${'\\\n'.repeat(300_000)}x\n`),
  'a unit of quotes': unit(`[Service]\nExecStart=/bin/true ${`"'`.repeat(300_000)}\n`),
  'a unit of specifiers': unit(`[Service]\nExecStart=/bin/true ${'%%%'.repeat(200_000)}\n`),
  'a program of quotes': program(`[program:a]\ncommand=/bin/cat ${`"\\`.repeat(300_000)}\n`),
  'a program of expansions': program(
    `[program:a]\ncommand=/bin/cat ${'%(here)s'.repeat(80_000)}%(${'('.repeat(100_000)}\n`,
  ),
}

describe.each(Object.entries(BOMBS))('SEC-21: %s', (_name, files) => {
  it('takes bounded time and memory, and no other app with it', async () => {
    const [began, before] = [performance.now(), process.memoryUsage().rss]
    const desired = await render(files)
    expect(performance.now() - began).toBeLessThan(SOON_MS)
    expect(process.memoryUsage().rss - before).toBeLessThan(MEMORY)
    expect(desired.apps.get('well')).toMatchObject({ broken: false, wanted: [{ kind: 'Service' }] })
    // Refused in a bounded number of words, or taken for what it is.
    expect(errors(desired).join('\n').length).toBeLessThan(200_000)
  })
})

/** Texts on which patterns that try every way take forever. */
const REPETITIVE: readonly string[] = [
  'a'.repeat(8_000),
  `${'a'.repeat(8_000)}!`,
  `${'a-'.repeat(4_000)}!`,
  `${'a.'.repeat(4_000)}!`,
  `${'a/'.repeat(4_000)}:`,
  `${'1:'.repeat(4_000)}x`,
  `${' '.repeat(8_000)}x`,
  `${'0'.repeat(8_000)}s`,
  `${'1h'.repeat(4_000)}x`,
  // Short, for patterns that try every way to divide it.
  `${'1'.repeat(60)}x`,
  `${'1.1s'.repeat(20)}x`,
  `${'\\\\'.repeat(8_000)}x`,
  `${'"'.repeat(8_000)}x`,
  `x${' '.repeat(8_000)}x`,
  `${'='.repeat(8_000)} x`,
  `${'@'.repeat(8_000)}`,
  `${'['.repeat(8_000)}`,
]
/** Fields with a pattern, a format or a parser of their own behind them. */
const FIELDS: Readonly<Record<string, (text: string) => Files>> = {
  name: (text) => ({ 'apps/a/a.yaml': `kind: Service\nname: ${text}\nimage: a:1\n` }),
  image: (text) => ({ 'apps/a/a.yaml': `kind: Service\nname: a\nimage: ${text}\n` }),
  'ports, mounts, command': (text) => ({
    'apps/a/a.yaml': `kind: Service\nname: a\nimage: a:1\nports: [${text}]\nmounts: [${text}]\ncommand: ${text}\nconstraints: [${text}]\n`,
  }),
  'durations and sizes': (text) => ({
    'apps/a/a.yaml': `kind: Service\nname: a\nimage: a:1\nstopGracePeriod: ${text}\nresources: { limits: { memory: ${text} } }\nkeeper: { bake: ${text} }\n`,
  }),
  windows: (text) => ({ 'swarmkeeper.yaml': `kind: Fleet\nversion: 1\nwindows: [{ deny: ${text}, timezone: UTC }]\n` }),
  paths: (text) => ({ 'apps/a/a.yaml': `kind: Config\nname: a\nfile: ${text}\n` }),
  dependsOn: (text) => ({ 'apps/a/a.yaml': `kind: Service\nname: a\nimage: a:1\nkeeper: { dependsOn: [${text}] }\n` }),
  endpoints: (text) => ({
    'targets/other.yaml': `kind: Swarm\nname: other\nendpoints: [${text}, "ssh://${'a'.repeat(9)}@x"]\n`,
  }),
  'addresses and host keys': (text) => ({
    'targets/other.yaml': `kind: Host\nname: other\naddress: ${text}\nuser: root\nhostKey: ${text}\ncredential: k\n`,
  }),
  checks: (text) => ({
    'apps/a/a.yaml': `kind: Check\nname: a\nhttp: { url: ${text}, from: controller }\n---\nkind: Service\nname: a\nimage: a:1\nkeeper: { checks: [{ http: { url: "http://${'a'.repeat(300)}/", json: { ${text}: ok }, from: controller } }] }\n`,
  }),
  'compose ports, volumes, references': (text) =>
    stack(
      `services: { web: { image: ${text}, ports: [${text}], volumes: [${text}], healthcheck: { interval: ${text} } } }\n`,
    ),
  'timers and units': (text) =>
    unit(`[Service]\nExecStart=${text}\nEnvironment=${text}\nTimeoutStopSec=${text}\n[${text}\n`),
  programs: (text) => program(`[program:a]\ncommand=${text}\nenvironment=${text}\n[${text}\n`),
  'env files': (text) => envFile(`${text}\nA=${text}\nB="${text}\n`),
}

describe.each(Object.entries(FIELDS))('SEC-21: patterns over %s', (_name, filesOf) => {
  it('take time in proportion to the text', async () => {
    const began = performance.now()
    for (const text of REPETITIVE) {
      const desired = await render(filesOf(JSON.stringify(text)))
      expect(errors(desired).join().length).toBeLessThan(100_000)
    }
    expect(performance.now() - began).toBeLessThan(SOON_MS)
  })
})
