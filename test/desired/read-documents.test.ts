// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what people write in documents
import { describe, expect, it } from 'vitest'
import { documentOf, FLEET, lines, read, SWARM, service } from './read.ts'

describe('which files are documents', () => {
  it('reads the Fleet, targets, apps and policies, several documents a file, in the order of paths', () => {
    const { documents, problems, broken } = read({
      'apps/web/b.yml': `${service('b')}---\n# nothing\n---\n${service('c')}`,
      'apps/web/deep/er/a.yaml': service('a'),
      'policies/latest.yaml': 'kind: Policy\nname: no-latest\nanything: goes\n',
      'README.md': 'kind: Service\n',
      'other/x.yaml': 'kind: Nonsense\n',
    })
    expect(documents.map(({ kind, name, app, path }) => [kind, name, app, path])).toEqual([
      ['Fleet', undefined, undefined, 'swarmkeeper.yaml'],
      ['Service', 'other', 'other', 'apps/other/other.yaml'],
      ['Service', 'b', 'web', 'apps/web/b.yml'],
      ['Service', 'c', 'web', 'apps/web/b.yml'],
      ['Service', 'a', 'web', 'apps/web/deep/er/a.yaml'],
      ['Policy', 'no-latest', undefined, 'policies/latest.yaml'],
      ['Swarm', 'prod', undefined, 'targets/prod.yaml'],
    ])
    expect(problems.map(({ severity, message }) => [severity, message])).toEqual([
      ['warning', 'policies are not enforced by this version: this one stops nothing'],
    ])
    expect(broken.size).toBe(0)
  })

  it('does not look at hidden files and folders', () => {
    const hidden = 'kind: Nonsense\n'
    expect(lines(read({ 'apps/web/.a.yaml': hidden, 'apps/.web/a.yaml': hidden, 'targets/.a.yaml': hidden }))).toEqual(
      [],
    )
  })

  it('takes YAML without a kind as a file of another tool, where a document refers to it', () => {
    const documents = read({
      'apps/web/web.yaml': service('web', 'configs: [prometheus]\n'),
      'apps/web/config.yaml': 'kind: Config\nname: prometheus\nfile: files/prometheus.yml\n',
      'apps/web/files/prometheus.yml': 'scrape_configs: []\n',
    })
    expect(lines(documents)).toEqual([])
  })

  it('warns of YAML without a kind that nothing refers to', () => {
    const documents = read({ 'apps/web/web.yaml': service('web'), 'apps/web/rules.yml': '# rules\ngroups: []\n' })
    expect(lines(documents)).toEqual([
      "apps/web/rules.yml:2:1 warning: there is no 'kind', so this is not a document, and no document refers to it: it has no effect",
    ])
    expect(documents.broken.size).toBe(0)
  })

  it('does not judge what a file of another tool says, unless nothing refers to it', () => {
    const template = '{{ if .x }}\n- a: [\n'
    const config = { 'apps/web/config.yaml': 'kind: Config\nname: c\nfile: c.yml\n', 'apps/web/c.yml': template }
    expect(lines(read(config))).toEqual([])
    const alone = read({ 'apps/web/c.yml': template })
    expect(lines(alone)[0]).toMatch(/^apps\/web\/c\.yml:\d+:\d+ /)
    expect([...alone.broken]).toEqual(['web'])
  })

  it('says nothing about unused files while a document that might use them cannot be read', () => {
    const documents = read({ 'apps/web/web.yaml': 'kind: Config\nname: "c\nfile: c.yml\n', 'apps/web/c.yml': 'a: 1\n' })
    expect(lines(documents)).toEqual(['apps/web/web.yaml:4:1 Missing closing "quote'])
  })

  it('warns of a document that stands in no app', () => {
    expect(lines(read({ 'apps/web.yaml': service('web') }))).toEqual([
      'apps/web.yaml:1:1 warning: this file is not read: documents stand in the folder of their app, apps/<app>/',
    ])
  })

  it('refuses names of apps that cannot stand in a label', () => {
    const documents = read({ 'apps/my app/web.yaml': service('web') })
    expect(lines(documents)).toEqual([
      "apps/my app/web.yaml:1:1 'my app' cannot be the name of an app: letters, digits, dots, dashes and underscores, at most 63",
    ])
    expect([...documents.broken]).toEqual(['my app'])
  })

  it('accepts a byte order mark, Windows line ends, anchors, aliases and merge keys', () => {
    const documents = read({
      'apps/web/web.yaml':
        '\uFEFFkind: Service\r\nname: web\r\nimage: hello:1\r\nenv: &env { A: one }\r\nlabels:\r\n  <<: *env\r\n  B: two\r\nstdin: 1\r\n',
    })
    expect(lines(documents)).toEqual(['apps/web/web.yaml:8:8 /stdin: expected true or false, got 1; for example true'])
    const good = read({
      'apps/web/web.yaml': service('web', 'env: &env { A: one, B: 1 }\nlabels:\n  <<: *env\n  B: two\n'),
    })
    expect(documentOf(good, 'web').value.labels).toEqual({ A: 'one', B: 'two' })
  })
})

describe('what is broken', () => {
  it('reports every problem of every file at once, and leaves the other apps alone', () => {
    const documents = read({
      'apps/a/a.yaml': service('a', 'replica: 2\nstdin: 5\n'),
      'apps/a/b.yaml': 'kind: Servise\nname: b\n',
      'apps/b/a.yaml': 'kind: Service\n\tname: x\n',
      'apps/c/c.yaml': service('c'),
    })
    expect(lines(documents)).toEqual([
      "apps/a/a.yaml:4:1 /replica: unknown key 'replica'; did you mean 'replicas'?",
      'apps/a/a.yaml:5:8 /stdin: expected true or false, got 5; for example true',
      "apps/a/b.yaml:1:7 /kind: unknown kind 'Servise'; did you mean 'Service'?",
      'apps/b/a.yaml:2:1 a tab may not indent: use spaces',
    ])
    expect([...documents.broken]).toEqual(['a', 'b'])
    expect(documents.problems.map((problem) => problem.app)).toEqual(['a', 'a', 'a', 'b'])
    expect(documents.documents.map((document) => document.app)).toEqual([undefined, 'c', 'other', undefined])
  })

  it('keeps the valid documents of a broken app: others may refer to them', () => {
    const documents = read({ 'apps/web/a.yaml': service('a'), 'apps/web/b.yaml': service('b', 'tty: x\n') })
    expect(documentOf(documents, 'web').name).toBe('a')
    expect([...documents.broken]).toEqual(['web'])
  })

  it('names the targets that are declared with errors, even where the file is no valid YAML', () => {
    const documents = read({
      'targets/prod.yaml': `${SWARM}colour: red\n`,
      'targets/test.yaml': 'kind: Swarm\nname: test\nname: test2\n',
    })
    expect([...(documents.brokenTargets ?? [])]).toEqual(['prod', 'test'])
    expect(documents.broken.size).toBe(0)
    expect(documents.problems.every((problem) => problem.app === undefined)).toBe(true)
  })

  it('waits with every app while the Fleet is not valid', () => {
    const documents = read({ 'swarmkeeper.yaml': `${FLEET}drift: no\n`, 'apps/web/web.yaml': service('web') })
    expect(lines(documents)).toEqual(["swarmkeeper.yaml:3:8 /drift: 'no' is not one of safe, heal, report"])
    expect([...documents.broken].sort()).toEqual(['other', 'web'])
  })

  it('stops the app in whose place a symlink or submodule stands', () => {
    const documents = read({}, { refused: new Map([['apps/web', 'a submodule']]) })
    expect(lines(documents)).toEqual(['apps/web:1:1 this is not read: a submodule'])
    expect([...documents.broken]).toEqual(['web'])
  })

  it('reports a fault of a shared base once for every app that extends it', () => {
    const documents = read({
      'apps/a/a.yaml': 'extends: ../../base/a.yaml\nname: a\n',
      'apps/a/b.yaml': 'extends: ../../base/a.yaml\nname: b\n',
      'apps/b/a.yaml': 'extends: ../../base/a.yaml\nname: a\n',
      'base/a.yaml': 'kind: Service\nimage: a:1\nreplica: 2\n',
    })
    expect(documents.problems.map(({ app, position }) => [app, position.path, position.line])).toEqual([
      ['a', 'base/a.yaml', 3],
      ['b', 'base/a.yaml', 3],
    ])
  })
})

describe('values', () => {
  it('takes numbers, true and false as they are written where a text is wanted', () => {
    const more = 'env: { VERSION: 1.10, OCTAL: 012, BIG: 12345678901234567890, ON: true, TEXT: "1.10" }\n'
    expect(documentOf(read({ 'apps/web/web.yaml': service('web', more) }), 'web').value.env).toEqual({
      VERSION: '1.10',
      OCTAL: '012',
      BIG: '12345678901234567890',
      ON: 'true',
      TEXT: '1.10',
    })
  })

  it('never silently takes one number for another', () => {
    const documents = read({ 'apps/web/web.yaml': service('web', 'replicas: 12345678901234567890\n') })
    expect(lines(documents)).toEqual([
      "apps/web/web.yaml:4:11 /replicas: expected a whole number or 'unmanaged', got '12345678901234567890'; for example 2",
    ])
  })

  it('knows where each value was written', () => {
    const document = documentOf(
      read({ 'apps/web/web.yaml': service('web', 'ports:\n  - "80:80"\n  - target: 53\n') }),
      'web',
    )
    const at = (pointer: string) => {
      const { path, line, column } = document.position(pointer)
      return `${path}:${line}:${column}`
    }
    expect(at('')).toBe('apps/web/web.yaml:1:1')
    expect(at('/name')).toBe('apps/web/web.yaml:2:7')
    expect(at('/ports/1/target')).toBe('apps/web/web.yaml:6:13')
    expect(at('/ports/1/published')).toBe('apps/web/web.yaml:6:5')
    expect(at('/nothing/here')).toBe('apps/web/web.yaml:1:1')
  })
})

describe('vars', () => {
  const withVars = (env: string, more: string) =>
    read({
      'swarmkeeper.yaml': `${FLEET}vars: env/staging.env\n`,
      'env/staging.env': env,
      'apps/web/web.yaml': service('web', more),
    })

  it('stand in any value, quoted or not, more than once', () => {
    const documents = withVars('A=one\nB=two words\n', 'env:\n  X: "${A}-${B}"\n  Y: ${A}\n  "${A}": z\n')
    expect(lines(documents)).toEqual([])
    // biome-ignore lint/complexity/useLiteralKeys: the key is the point
    expect(documentOf(documents, 'web').value.env).toEqual({ X: 'one-two words', Y: 'one', ['${A}']: 'z' })
  })

  it('become numbers and booleans where YAML would read them so, and texts in quotes', () => {
    const documents = withVars(
      'N=3\nT=true\nEMPTY=\n',
      'replicas: ${N}\ntty: ${T}\nhostname: "${EMPTY}"\nuser: "${N}"\n',
    )
    expect(lines(documents)).toEqual([])
    expect(documentOf(documents, 'web').value).toMatchObject({ replicas: 3, tty: true, hostname: '', user: '3' })
  })

  it('stay as they are written where a text is wanted', () => {
    const documents = withVars(
      'VERSION=1.10\nEMPTY=\nNULL=null\n',
      'env:\n  A: ${VERSION}\n  B: ${EMPTY}\n  C: ${NULL}\n',
    )
    expect(documentOf(documents, 'web').value.env).toEqual({ A: '1.10', B: '', C: 'null' })
  })

  it('are not looked through for variables again, and $$ is a dollar', () => {
    const documents = withVars('A=${B}$$\n', 'command: ["sh", "-c", "echo $${HOME} $HOME $$ ${A}"]\n')
    expect(documentOf(documents, 'web').value.command).toEqual(['sh', '-c', 'echo ${HOME} $HOME $ ${B}$$'])
  })

  it('do not reach into files that documents name', () => {
    const documents = read({ 'apps/web/web.yaml': service('web', 'envFile: a.env\n'), 'apps/web/a.env': 'A=${X}\n' })
    expect(lines(documents)).toEqual([])
  })

  it('stop only those who use them, when their file cannot be read', () => {
    const documents = read({
      'swarmkeeper.yaml': `${FLEET}vars: ../staging.env\n`,
      'apps/web/web.yaml': service('web', 'hostname: ${A}\nuser: ${B}\n'),
    })
    expect(lines(documents)).toEqual([
      "apps/web/web.yaml:4:11 /hostname: the variable 'A' is not known: the file of variables could not be read",
      "swarmkeeper.yaml:3:7 /vars: the path '../staging.env' leaves the repository",
    ])
    expect([...documents.broken]).toEqual(['web'])
  })

  it('cannot make a document without end', () => {
    const documents = withVars(
      `A=${'x'.repeat(100_000)}\n`,
      `env: { ${Array.from({ length: 1000 }, (_, i) => `A${i}: "\${A}"`).join(', ')} }\n`,
    )
    expect(lines(documents)).toEqual([
      'apps/web/web.yaml:4:133 /env/A10: variables add more than 1048576 characters to this document',
    ])
  })
})

describe('extends', () => {
  const base = [
    'kind: Service',
    'name: base',
    'image: hello:1',
    'replicas: 2',
    'env: { A: one, B: two }',
    'labels: { team: web }',
    'hostname: base',
    'mounts:',
    '  - { source: data, target: /data }',
    '  - { source: logs, target: /logs }',
    'constraints: [node.role == worker]',
    'envFile: base.env',
    '',
  ].join('\n')
  const own = [
    'extends: ../../base/hello.yaml',
    'name: web',
    'env: { B: three, C: four }',
    'labels: null',
    'mounts:',
    '  - { target: /logs, readOnly: true }',
    '  - { source: tmp, target: /tmp }',
    'constraints: [node.role == manager]',
    '',
  ].join('\n')
  const extended = () =>
    documentOf(read({ 'base/hello.yaml': base, 'base/base.env': '', 'apps/web/web.yaml': own }), 'web')

  it('merges maps, removes with null, merges lists of named things by name, replaces the rest', () => {
    expect(extended().value).toEqual({
      kind: 'Service',
      name: 'web',
      image: 'hello:1',
      replicas: 2,
      env: { A: 'one', B: 'three', C: 'four' },
      hostname: 'base',
      mounts: [
        { source: 'data', target: '/data' },
        { source: 'logs', target: '/logs', readOnly: true },
        { source: 'tmp', target: '/tmp' },
      ],
      constraints: ['node.role == manager'],
      envFile: 'base.env',
    })
  })

  it('knows the file that each value comes from', () => {
    const at = (pointer: string) => {
      const { path, line, column } = extended().position(pointer)
      return `${path}:${line}:${column}`
    }
    expect(at('')).toBe('apps/web/web.yaml:1:1')
    expect(at('/image')).toBe('base/hello.yaml:3:8')
    expect(at('/env/A')).toBe('base/hello.yaml:5:11')
    expect(at('/env/B')).toBe('apps/web/web.yaml:3:11')
    expect(at('/mounts/1/source')).toBe('base/hello.yaml:10:15')
    expect(at('/mounts/1/readOnly')).toBe('apps/web/web.yaml:6:32')
    expect(at('/envFile')).toBe('base/hello.yaml:12:10')
  })

  it('goes on through bases of bases, each relative to its own file, with variables', () => {
    const documents = read({
      'swarmkeeper.yaml': `${FLEET}vars: a.env\n`,
      'a.env': 'WHICH=one\n',
      'apps/web/web.yaml': 'kind: Service\nextends: ../../base/${WHICH}.yaml\nname: web\n',
      'base/one.yaml': 'extends: deep/two.yaml\nreplicas: 3\n',
      'base/deep/two.yaml': 'image: "hello:${WHICH}"\nreplicas: 1\ntty: true\n',
    })
    expect(lines(documents)).toEqual([])
    const { value, position } = documentOf(documents, 'web')
    expect(value).toEqual({ kind: 'Service', name: 'web', image: 'hello:one', replicas: 3, tty: true })
    expect(position('/tty').path).toBe('base/deep/two.yaml')
  })

  it('merges env lists by their variables', () => {
    const documents = read({
      'base/a.yaml': 'kind: Service\nimage: a:1\nenv: [A=1, B=2]\n',
      'apps/web/web.yaml': 'extends: ../../base/a.yaml\nname: web\nenv: [B=3, C=4]\n',
    })
    expect(documentOf(documents, 'web').value.env).toEqual(['A=1', 'B=3', 'C=4'])
  })

  it('lets a base stand in an app without being a document of it', () => {
    const documents = read({
      'apps/web/a.yaml': 'image: a:1\n',
      'apps/web/web.yaml': 'kind: Service\nextends: a.yaml\nname: web\n',
    })
    expect(lines(documents)).toEqual([])
    expect(documentOf(documents, 'web').name).toBe('web')
  })

  it('ends after 16 bases', () => {
    const bases = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`base/${i}.yaml`, `extends: ${i + 1}.yaml\n`]),
    )
    const documents = read({ ...bases, 'apps/web/web.yaml': 'kind: Service\nextends: ../../base/0.yaml\n' })
    expect(lines(documents)).toEqual(['base/15.yaml:1:10 /extends: more than 16 documents extend each other'])
  })
})
