// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what people write in documents
import { describe, expect, it } from 'vitest'
import { FLEET, lines, read, SWARM, service, type Texts } from './read.ts'

/** A YAML text that aliases blow up to 10^10 values. */
const bomb = (): string => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    return `a${level + 1}: &a${level + 1} [${Array.from({ length: 10 }, () => `*a${level}`).join(', ')}]`
  })
  return ['kind: Service', 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]', ...levels].join('\n')
}

const web = (text: string | Buffer): Texts => ({ 'apps/web/web.yaml': text })

type Row = readonly [what: string, files: Texts, lines: readonly string[], broken?: readonly string[]]

const YAML: readonly Row[] = [
  [
    'a key that stands there twice',
    web('kind: Service\nname: web\nimage: a:1\nname: web2\n'),
    ["apps/web/web.yaml:4:1 the key 'name' stands here twice; the first is at 2:1"],
  ],
  [
    'an alias bomb',
    web(bomb()),
    [
      'apps/web/web.yaml:6:9 this has more than 50000 values once its aliases are followed',
      'apps/web/web.yaml:11:9 this has more than 50000 values once its aliases are followed',
    ],
  ],
  [
    'an alias bomb by merge keys',
    web(
      `kind: Service\nbig: &big {${Array.from({ length: 2000 }, (_, i) => `k${i}: 1`).join(', ')}}\nlist:\n${'  - <<: *big\n'.repeat(30)}`,
    ),
    [
      'apps/web/web.yaml:4:3 this has more than 50000 values once its aliases are followed',
      ...[29, 30, 31, 32, 33].map(
        (line) => `apps/web/web.yaml:${line}:5 '<<' copies more than 50000 values in this document`,
      ),
    ],
  ],
  [
    'an alias of itself',
    web('kind: Service\nenv: &e [*e]\n'),
    ["apps/web/web.yaml:2:10 the alias '*e' stands inside the thing that it names"],
  ],
  [
    'an alias of nothing',
    web('kind: Service\nenv: *e\n'),
    ["apps/web/web.yaml:2:6 there is no anchor '&e' above this alias"],
  ],
  [
    '100,000 lists in each other',
    web(`kind: Service\nx: ${'['.repeat(100_000)}`),
    ['apps/web/web.yaml:2:67 nested deeper than 64 levels'],
  ],
  [
    '100,000 block lists in each other',
    web(`kind: Service\nx:\n  ${'- '.repeat(100_000)}`),
    ['apps/web/web.yaml:3:129 nested deeper than 64 levels'],
  ],
  [
    '100,000 maps in each other',
    web(`kind: Service\nx: ${'{a: '.repeat(100_000)}`),
    ['apps/web/web.yaml:2:256 nested deeper than 64 levels'],
  ],
  [
    'a 50 MB file',
    web(Buffer.alloc(50 * 1024 * 1024, 'a')),
    ['apps/web/web.yaml:1:1 the file has 50MiB (52428800 bytes); no more than 1MiB is read'],
  ],
  [
    'a file of 300,000 tokens',
    web(`kind: Service\nx: [${'1,'.repeat(150_000)}]`),
    ['apps/web/web.yaml:2:166663 the file has more than 250000 tokens'],
  ],
  [
    'a file of 100,000 documents',
    web('---\n'.repeat(100_000)),
    ['apps/web/web.yaml:1003:1 the file has more than 1000 documents'],
  ],
  [
    'a binary file',
    web(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0])),
    ['apps/web/web.yaml:1:1 the file is binary: it has NUL bytes'],
  ],
  [
    'text that is not UTF-8',
    web(Buffer.from('kind: Service\nname: caf\xe9\n', 'latin1')),
    ['apps/web/web.yaml:1:1 the file is not UTF-8 text'],
  ],
  ['a tab', web('kind: Service\nenv:\n\tA: b\n'), ['apps/web/web.yaml:3:1 a tab may not indent: use spaces']],
  [
    'wrong indentation',
    web('kind: Service\nenv:\n  A: b\n C: d\n'),
    ['apps/web/web.yaml:4:1 All mapping items must start at the same column'],
  ],
  ['an open quote', web('kind: Service\nname: "web\n'), ['apps/web/web.yaml:3:1 Missing closing "quote']],
  [
    "a ': ' in a text",
    web('kind: Service\nimage: a: b\n'),
    ["apps/web/web.yaml:2:8 a map may not begin behind 'key: ' on the same line; quote the text if it has ': ' in it"],
  ],
  ['a tag', web('kind: Service\nname: !env NAME\n'), ['apps/web/web.yaml:2:7 tags (!name) are not supported']],
  [
    'a variable in { } without quotes',
    web('kind: Service\nenv: { A: ${A}, B: ${B} }\n'),
    ['apps/web/web.yaml:2:12 inside { } and [ ] a variable needs quotes: "${NAME}"'],
  ],
  ['another YAML', web('%YAML 1.1\n---\nkind: Service\n'), ['apps/web/web.yaml:2:1 only YAML 1.2 is read']],
  [
    'half of a character in an escape, in a value or a key',
    web('kind: Service\nname: "a\\ud800"\nenv: {"\\udc00": x, A: "\\ud83d\\ude00"}\n'),
    [
      'apps/web/web.yaml:2:7 an escape stands for half of a character: no UTF-8 text can hold it',
      'apps/web/web.yaml:3:7 an escape stands for half of a character: no UTF-8 text can hold it',
    ],
  ],
  [
    'a key that objects cannot have',
    web('kind: Service\n__proto__: {a: 1}\n'),
    ["apps/web/web.yaml:2:1 the key '__proto__' is not allowed"],
  ],
  ['a map as a key', web('kind: Service\n? {a: 1}\n: b\n'), ['apps/web/web.yaml:2:3 a key must be a text']],
]

const SCHEMA: readonly Row[] = [
  [
    'what a Stack cannot say',
    web('kind: Stack\nname: a b\ncompose: compose.yaml\nunset: blanc\nservices: {}\n'),
    [
      "apps/web/web.yaml:2:7 /name: 'a b' is not a valid name; for example platform",
      'apps/web/web.yaml:3:10 /compose: expected a list, got \'compose.yaml\'; for example ["compose.yaml","compose.prod.yaml"]',
      "apps/web/web.yaml:4:8 /unset: 'blanc' is not one of error, blank; did you mean 'blank'?",
      "apps/web/web.yaml:5:1 /services: unknown key 'services'; known here: kind, name, target, compose, envFile, unset, keeper",
    ],
  ],
  [
    'a Stack of nothing',
    web('kind: Stack\nname: web\ncompose: []\n'),
    ['apps/web/web.yaml:3:10 /compose: must not be empty'],
  ],
  [
    'an unknown key',
    web(service('web', 'replica: 2\n')),
    ["apps/web/web.yaml:4:1 /replica: unknown key 'replica'; did you mean 'replicas'?"],
  ],
  [
    'an unknown key far from all others',
    { 'targets/prod.yaml': `${SWARM}colour: red\n` },
    [
      "targets/prod.yaml:4:1 /colour: unknown key 'colour'; known here: kind, name, endpoints, credential, hostKey, registries",
    ],
    [],
  ],
  [
    'a wrong type',
    web(service('web', 'stdin: 5\n')),
    ['apps/web/web.yaml:4:8 /stdin: expected true or false, got 5; for example true'],
  ],
  [
    'a text for a number or a word',
    web(service('web', 'replicas: two\n')),
    ["apps/web/web.yaml:4:11 /replicas: expected a whole number or 'unmanaged', got 'two'; for example 2"],
  ],
  [
    'a misspelt word',
    web(service('web', 'update:\n  order: startfirst\n')),
    [
      "apps/web/web.yaml:5:10 /update/order: 'startfirst' is not one of stop-first, start-first; did you mean 'start-first'?",
    ],
  ],
  [
    'a number for a duration',
    web(service('web', 'stopGracePeriod: 30\n')),
    ['apps/web/web.yaml:4:18 /stopGracePeriod: 30 is not a duration: it has no unit; for example 30s'],
  ],
  [
    'a size of nothing',
    web(service('web', 'resources: { limits: { memory: lots } }\n')),
    [
      "apps/web/web.yaml:4:32 /resources/limits/memory: 'lots' is not a size like 256MiB, 10m, 4GiB or a number of bytes",
    ],
  ],
  [
    'a mistake in the long form of a port',
    web(service('web', 'ports:\n  - "80:80"\n  - taget: 53\n    published: 53\n')),
    ["apps/web/web.yaml:6:5 /ports/1/taget: unknown key 'taget'; did you mean 'target'?"],
  ],
  [
    'what is no form of a port',
    web(service('web', 'ports: [true]\n')),
    ['apps/web/web.yaml:4:9 /ports/0: expected a text, a whole number or a map, got true; for example 8080:80'],
  ],
  ['a missing key', web('kind: Service\nname: web\n'), ["apps/web/web.yaml:1:1 the key 'image' is missing"]],
  [
    'a mistake under keeper',
    web(service('web', 'keeper:\n  drift: reprt\n')),
    ["apps/web/web.yaml:5:10 /keeper/drift: 'reprt' is not one of safe, heal, report, ignore; did you mean 'report'?"],
  ],
  [
    'an unknown kind',
    web('kind: Servise\nname: web\n'),
    ["apps/web/web.yaml:1:7 /kind: unknown kind 'Servise'; did you mean 'Service'?"],
  ],
  [
    'a misspelt kind',
    { 'targets/b.yaml': 'knd: Swarm\nname: b\n' },
    ["targets/b.yaml:1:1 /knd: unknown key 'knd'; did you mean 'kind'?"],
    [],
  ],
  ['no kind', { 'targets/b.yaml': 'name: b\n' }, ["targets/b.yaml:1:1 the key 'kind' is missing"], []],
  ['a kind in a wrong place', web(SWARM), ['apps/web/web.yaml:1:7 /kind: a document of kind Swarm stands in targets/']],
  [
    'a document that is a list',
    { 'targets/b.yaml': '- kind: Swarm\n' },
    ["targets/b.yaml:1:1 a document is a map of keys and values, with 'kind' first"],
    [],
  ],
  [
    'an address that is none',
    { 'targets/prod.yaml': SWARM.replace('unix:///', 'http://') },
    [
      "targets/prod.yaml:3:13 /endpoints/0: 'http://var/run/docker.sock' is not an address; for example unix:///var/run/docker.sock",
    ],
    [],
  ],
  [
    'the second document of a file',
    web(`${service('a')}---\n${service('b', 'tty: 1\n')}`),
    ['apps/web/web.yaml:8:6 /tty: expected true or false, got 1; for example true'],
  ],
]

const FLEETS: readonly Row[] = [
  [
    'no Fleet',
    { 'swarmkeeper.yaml': undefined },
    ['swarmkeeper.yaml:1:1 there is no swarmkeeper.yaml at the top of the repository (or of the path in the settings)'],
    ['other'],
  ],
  [
    'a Fleet under another name',
    { 'swarmkeeper.yaml': undefined, 'swarmkeeper.yml': FLEET },
    [
      "swarmkeeper.yaml:1:1 there is no swarmkeeper.yaml at the top of the repository (or of the path in the settings); 'swarmkeeper.yml' is not it",
    ],
    ['other'],
  ],
  [
    'an empty Fleet',
    { 'swarmkeeper.yaml': '# nothing\n' },
    ['swarmkeeper.yaml:1:1 the file is empty: it has no Fleet'],
    ['other'],
  ],
  [
    'two Fleets',
    { 'swarmkeeper.yaml': `${FLEET}---\n${FLEET}` },
    ['swarmkeeper.yaml:4:1 swarmkeeper.yaml has one document, the Fleet at line 1; this is one more'],
    ['other'],
  ],
  [
    'a Fleet in an app',
    web(FLEET),
    ['apps/web/web.yaml:1:7 /kind: a document of kind Fleet stands in swarmkeeper.yaml'],
  ],
  [
    'another version of the format',
    { 'swarmkeeper.yaml': 'kind: Fleet\nversion: 2\n' },
    ['swarmkeeper.yaml:2:10 /version: must be 1, got 2'],
    ['other'],
  ],
]

const REFERENCES: readonly Row[] = [
  [
    'an unset variable',
    {
      'swarmkeeper.yaml': `${FLEET}vars: a.env\n`,
      'a.env': 'IMAGE=a:1\n',
      ...web('kind: Service\nname: web\nimage: ${IMGE}\n'),
    },
    ["apps/web/web.yaml:3:8 /image: the variable 'IMGE' is not set; did you mean 'IMAGE'?"],
  ],
  [
    'a variable where no file gives any',
    web('kind: Service\nname: web\nimage: "a:${TAG}"\n'),
    ["apps/web/web.yaml:3:8 /image: the variable 'TAG' is not set"],
  ],
  [
    'a variable with a default',
    web('kind: Service\nname: web\nimage: a:${TAG:-1}\n'),
    [
      "apps/web/web.yaml:3:8 /image: '${TAG:-1}' is not a variable: write ${NAME}, with letters, digits and _ (no defaults), or $$ for a dollar",
    ],
  ],
  [
    'a missing file of variables',
    { 'swarmkeeper.yaml': `${FLEET}vars: staging.evn\n`, 'staging.env': '', ...web(service('${X}')) },
    [
      "apps/web/web.yaml:2:7 /name: the variable 'X' is not known: the file of variables could not be read",
      "swarmkeeper.yaml:3:7 /vars: there is no file 'staging.evn' in the repository; did you mean 'staging.env'?",
    ],
  ],
  [
    'a bad line in the file of variables',
    { 'swarmkeeper.yaml': `${FLEET}vars: a.env\n`, 'a.env': 'A=1\nsecret hunter2\n' },
    ["a.env:2:1 the line has no '='; write NAME=value"],
    [],
  ],
  [
    'a missing base',
    { ...web('extends: ../../base/helo.yaml\n'), 'base/hello.yaml': 'kind: Service\n' },
    [
      "apps/web/web.yaml:1:10 /extends: there is no file 'base/helo.yaml' in the repository; did you mean 'base/hello.yaml'?",
    ],
  ],
  [
    'bases in a circle',
    {
      ...web('kind: Service\nextends: ../../base/a.yaml\n'),
      'base/a.yaml': 'extends: b.yaml\n',
      'base/b.yaml': 'extends: ./a.yaml\n',
    },
    ['base/b.yaml:1:10 /extends: goes in a circle: apps/web/web.yaml -> base/a.yaml -> base/b.yaml -> base/a.yaml'],
  ],
  [
    'a base of itself',
    web('kind: Service\nextends: web.yaml\n'),
    ['apps/web/web.yaml:2:10 /extends: goes in a circle: apps/web/web.yaml -> apps/web/web.yaml'],
  ],
  [
    'a base outside the repository',
    web('kind: Service\nextends: ../../../etc/passwd\n'),
    ["apps/web/web.yaml:2:10 /extends: the path '../../../etc/passwd' leaves the repository"],
  ],
  [
    'a base that is a symlink',
    web('kind: Service\nextends: link.yaml\n'),
    [
      'apps/web/link.yaml:1:1 this is not read: a symlink',
      "apps/web/web.yaml:2:10 /extends: 'apps/web/link.yaml' is not read: a symlink",
    ],
  ],
  [
    'a base with two documents',
    { ...web('kind: Service\nextends: ../../base/a.yaml\n'), 'base/a.yaml': 'a: 1\n---\nb: 2\n' },
    ["apps/web/web.yaml:2:10 /extends: 'base/a.yaml' has 2 documents; exactly one document can be extended"],
  ],
  [
    'a base that is no YAML',
    { ...web('kind: Service\nextends: ../../base/a.yaml\n'), 'base/a.yaml': 'password: "hunter2\n' },
    ['base/a.yaml:2:1 Missing closing "quote'],
  ],
  [
    'a path that is no text',
    web('kind: Service\nextends: [a.yaml]\n'),
    ['apps/web/web.yaml:2:10 /extends: expected the path of a YAML file; for example ../base/hello.yaml'],
  ],
  [
    'a mistake that comes from a base',
    { ...web('extends: ../../base/a.yaml\nname: web\n'), 'base/a.yaml': 'kind: Service\nimage: a:1\nreplica: 2\n' },
    ["base/a.yaml:3:1 /replica: unknown key 'replica'; did you mean 'replicas'?"],
  ],
]

const SECTIONS: readonly (readonly [string, readonly Row[]])[] = [
  ['YAML', YAML],
  ['schema', SCHEMA],
  ['Fleet', FLEETS],
  ['variables and extends', REFERENCES],
]

describe.each(SECTIONS)('bad input, %s', (_title, rows) => {
  const cases = rows.map(([what, files, expected, broken = ['web']]) => ({ what, files, expected, broken }))
  it.each(cases)('$what', ({ files, expected, broken }) => {
    const usesLink = Object.values(files).some((text) => String(text).includes('link.yaml'))
    const documents = read(files, usesLink ? { refused: new Map([['apps/web/link.yaml', 'a symlink']]) } : {})
    expect(lines(documents)).toEqual(expected)
    expect([...documents.broken]).toEqual(broken)
    expect(documents.documents.filter((document) => document.app === 'other')).toHaveLength(1)
  })
})
