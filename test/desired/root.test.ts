import { describe, expect, test } from 'vitest'
import { documentOf, FLEET, lines, read, SWARM, service, type Texts } from './read.ts'

const ROOT = 'envs/prod'
const inRoot = (texts: Texts, refused?: ReadonlyMap<string, string>) =>
  read(texts, { root: ROOT, ...(refused ? { refused } : {}) })

/** A repository with nothing under the root but what is given. */
const bare = (texts: Texts, refused?: ReadonlyMap<string, string>) =>
  inRoot(
    {
      'envs/prod/swarmkeeper.yaml': undefined,
      'envs/prod/targets/prod.yaml': undefined,
      'envs/prod/apps/other/other.yaml': undefined,
      ...texts,
    },
    refused,
  )

describe('with a root', () => {
  test('documents are looked for under it alone, and say their whole path', () => {
    const documents = inRoot({
      'swarmkeeper.yaml': 'kind: Nonsense\n',
      'apps/web/web.yaml': service('web'),
      'apps/stray.yaml': service('stray'),
      'envs/staging/swarmkeeper.yaml': FLEET,
      'envs/staging/apps/web/web.yaml': '{',
      'envs/prod-eu/apps/web/web.yaml': service('web'),
      'envs/prod/apps/web/web.yaml': service('web'),
    })
    expect(lines(documents)).toEqual([])
    expect(documents.documents.map(({ kind, app, path }) => [kind, app, path])).toEqual([
      ['Fleet', undefined, 'envs/prod/swarmkeeper.yaml'],
      ['Service', 'other', 'envs/prod/apps/other/other.yaml'],
      ['Service', 'web', 'envs/prod/apps/web/web.yaml'],
      ['Swarm', undefined, 'envs/prod/targets/prod.yaml'],
    ])
  })

  test('a document extends a base outside of it, and a value says in which file it was written', () => {
    const documents = inRoot({
      'base/web.yaml': service('web', 'replicas: 2\n'),
      'envs/prod/apps/web/web.yaml': 'extends: ../../../../base/web.yaml\nreplicas: 5\n',
    })
    expect(lines(documents)).toEqual([])
    const web = documentOf(documents, 'web')
    expect(web.value).toMatchObject({ image: 'hello:1', replicas: 5 })
    expect(web.position('/image')).toEqual({ path: 'base/web.yaml', line: 3, column: 8 })
    expect(web.position('/replicas')).toEqual({ path: 'envs/prod/apps/web/web.yaml', line: 2, column: 11 })
  })

  test('variables may stand outside of it', () => {
    const documents = inRoot({
      'base/common.env': 'TAG=7\n',
      'envs/prod/swarmkeeper.yaml': `${FLEET}vars: ../../base/common.env\n`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the repository
      'envs/prod/apps/web/web.yaml': 'kind: Service\nname: web\nimage: hello:${TAG}\n',
    })
    expect(documentOf(documents, 'web').value.image).toBe('hello:7')
  })

  test('the top of the repository is still the end', () => {
    const documents = inRoot({ 'envs/prod/apps/web/web.yaml': 'extends: ../../../../../base/web.yaml\n' })
    expect(lines(documents)).toEqual([
      "envs/prod/apps/web/web.yaml:1:10 /extends: the path '../../../../../base/web.yaml' leaves the repository",
    ])
    expect([...documents.broken]).toEqual(['web'])
  })

  test('YAML right under its apps/ is warned of with its whole path', () => {
    expect(lines(inRoot({ 'envs/prod/apps/web.yaml': service('web') }))).toEqual([
      'envs/prod/apps/web.yaml:1:1 warning: this file is not read: documents stand in the folder of their app, apps/<app>/',
    ])
  })

  test('a target without a readable name is known to be there: none is guessed in its stead', () => {
    const documents = inRoot({
      'base/swarm.yaml': '- no map\n',
      'envs/prod/targets/more.yaml': 'extends: ../../../base/swarm.yaml\n',
    })
    expect([...(documents.brokenTargets ?? [])]).toEqual(['envs/prod/targets/more.yaml'])
  })
})

describe('what is not read', () => {
  const refused = new Map([
    ['apps/web/link.yaml', 'it is a symbolic link'],
    ['envs/staging/apps/web/link.yaml', 'it is a symbolic link'],
    ['base', 'it is a submodule'],
  ])

  test('concerns nobody where it stands outside of the root and nobody refers to it', () => {
    const documents = inRoot({}, refused)
    expect(lines(documents)).toEqual([])
    expect([...documents.broken]).toEqual([])
  })

  test('concerns who refers to it', () => {
    const documents = inRoot({ 'envs/prod/apps/web/web.yaml': 'extends: ../../../../base/web.yaml\n' }, refused)
    expect(lines(documents)).toEqual([
      "envs/prod/apps/web/web.yaml:1:10 /extends: 'base' is not read: it is a submodule",
    ])
    expect([...documents.broken]).toEqual(['web'])
  })

  test('concerns its app where it stands under the root', () => {
    const link = new Map([['envs/prod/apps/web/link.yaml', 'it is a symbolic link']])
    const documents = inRoot({}, link)
    expect(lines(documents)).toEqual(['envs/prod/apps/web/link.yaml:1:1 this is not read: it is a symbolic link'])
    expect([...documents.broken]).toEqual(['web'])
  })
})

describe('a root that cannot be used is one error of the fleet, and names it', () => {
  const elsewhere = { 'envs/production/swarmkeeper.yaml': FLEET, 'envs/production/targets/prod.yaml': SWARM }
  const wrong: readonly (readonly [string, Texts, ReadonlyMap<string, string> | undefined, string])[] = [
    ['no folder', { 'x.md': '' }, undefined, "the repository has no folder 'envs/prod', the path in the settings"],
    [
      'another folder',
      { 'envs/prd/swarmkeeper.yaml': FLEET },
      undefined,
      "the repository has no folder 'envs/prod', the path in the settings; did you mean 'envs/prd'?",
    ],
    ['a file', { 'envs/prod': '' }, undefined, "the path in the settings, 'envs/prod', is a file; it names a folder"],
    [
      'a link on the way',
      elsewhere,
      new Map([['envs/prod', 'it is a symbolic link']]),
      "the path in the settings leads nowhere: 'envs/prod' is not read: it is a symbolic link",
    ],
    [
      'a folder without a Fleet',
      { ...elsewhere, 'envs/prod/readme.md': '' },
      undefined,
      "there is no swarmkeeper.yaml in 'envs/prod', the path in the settings",
    ],
    [
      'a Fleet of another name',
      { 'envs/prod/swarmkeeper.yml': FLEET },
      undefined,
      "there is no swarmkeeper.yaml in 'envs/prod', the path in the settings; 'envs/prod/swarmkeeper.yml' is not it",
    ],
  ]

  test.each(wrong)('%s', (_what, texts, refused, message) => {
    const documents = bare(texts, refused)
    expect(documents.problems).toEqual([
      {
        severity: 'error',
        position: { path: 'envs/prod/swarmkeeper.yaml', line: 1, column: 1 },
        pointer: '',
        message,
      },
    ])
  })

  test('an empty Fleet is reported in its own file', () => {
    expect(lines(inRoot({ 'envs/prod/swarmkeeper.yaml': '' }))[0]).toBe(
      'envs/prod/swarmkeeper.yaml:1:1 the file is empty: it has no Fleet',
    )
  })
})
