import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withRoot } from '../../src/engine/rooted-source.ts'
import { partsOf } from '../../src/model/id.ts'
import { readDirectory } from '../../src/source/directory.ts'
import { createMemorySource } from '../../src/source/memory.ts'
import { lines, newRender, snapshotOf } from './counted.ts'

const environment = (name: string, replicas: number): Readonly<Record<string, string>> => ({
  [`envs/${name}/swarmkeeper.yaml`]: 'kind: Fleet\nversion: 1\nvars: vars.env\n',
  [`envs/${name}/vars.env`]: `TAG=${name}-7\n`,
  [`envs/${name}/targets/${name}.yaml`]: `kind: Swarm\nname: ${name}\nendpoints: [unix:///var/run/docker.sock]\n`,
  [`envs/${name}/apps/web/hello.yaml`]: `extends: ../../../../base/hello.yaml\nreplicas: ${replicas}\n`,
})

/** Two environments that share a base, with an env file beside it. */
const REPOSITORY = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the repository
  'base/hello.yaml': 'kind: Service\nname: hello\nimage: registry.example/hello:${TAG}\nenvFile: hello.env\n',
  'base/hello.env': 'GREETING=hello\n',
  ...environment('staging', 1),
  ...environment('prod', 3),
}

const helloOf = async (files: Readonly<Record<string, string>>, root: string) => {
  const desired = await newRender()(await snapshotOf(files, root))
  return { desired, hello: desired.apps.get('web')?.wanted[0] }
}

describe('two environments of one repository', () => {
  it.each([
    ['staging', 1],
    ['prod', 3],
  ])('%s has its own target, variables and replicas, and shares the base with its files', async (name, replicas) => {
    const { desired, hello } = await helloOf(REPOSITORY, `envs/${name}`)
    expect(lines(desired)).toEqual([])
    expect([...desired.apps.keys()]).toEqual(['web'])
    expect(desired.targets.map((target) => target.name)).toEqual([name])
    expect(hello && partsOf(hello.id)).toEqual({ target: name, kind: 'Service', name: 'hello' })
    expect(hello?.spec).toMatchObject({
      image: `registry.example/hello:${name}-7`,
      replicas,
      env: { GREETING: 'hello' },
    })
  })

  it('says where things are written from the top of the repository', async () => {
    const { hello } = await helloOf(REPOSITORY, 'envs/prod')
    expect(hello?.origin).toMatchObject({ path: 'envs/prod/apps/web/hello.yaml', line: 1 })
    const wrong = { ...REPOSITORY, 'base/hello.yaml': `${REPOSITORY['base/hello.yaml']}replica: 2\n` }
    const { desired } = await helloOf(wrong, 'envs/prod')
    expect(lines(desired)).toEqual(["base/hello.yaml:5:1 /replica: unknown key 'replica'; did you mean 'replicas'?"])
    expect(desired.apps.get('web')?.broken).toBe(true)
  })

  it('a mistake in one is nothing to the other', async () => {
    const wrong = {
      ...REPOSITORY,
      'envs/staging/apps/web/hello.yaml': '{',
      'envs/staging/apps/new/a.yaml': 'kind: X\n',
    }
    expect(lines((await helloOf(wrong, 'envs/prod')).desired)).toEqual([])
  })

  it('a file that is not there is missed in the place from which it is named', async () => {
    const { 'base/hello.env': _gone, ...without } = REPOSITORY
    expect(lines((await helloOf(without, 'envs/prod')).desired)).toEqual([
      "base/hello.yaml:4:10 /envFile: there is no file 'base/hello.env' in the repository; did you mean 'base/hello.yaml'?",
    ])
  })

  it('no file outside of the repository is read', async () => {
    const outside = {
      ...REPOSITORY,
      'base/hello.yaml': 'kind: Service\nname: hello\nimage: a:1\nenvFile: ../../.env\n',
    }
    expect(lines((await helloOf(outside, 'envs/prod')).desired)).toEqual([
      "base/hello.yaml:4:10 /envFile: the path '../../.env' leaves the repository",
    ])
  })

  it('reads a folder of this machine the same way, an environment of it or alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-environments-'))
    for (const [path, text] of Object.entries(REPOSITORY)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const render = newRender()
    const whole = await readDirectory(folder)
    const prod = await render({ ...whole, root: 'envs/prod' })
    const staging = await render({ ...whole, root: 'envs/staging' })
    const alone = await render(await readDirectory(join(folder, 'envs/prod')))
    rmSync(folder, { recursive: true })
    const targets = [prod, staging, alone].map((desired) => desired.targets.map(({ name }) => name))
    expect(targets).toEqual([['prod'], ['staging'], ['prod']])
    expect([prod, staging].flatMap(lines)).toEqual([])
    expect(lines(alone)).toEqual([
      "apps/web/hello.yaml:1:10 /extends: the path '../../../../base/hello.yaml' leaves the repository",
    ])
  })
})

describe('what is refused in the tree', () => {
  const link = (path: string) => ({ path, message: `${path} is not read: it is a symbolic link` })

  it("breaks its app under the root, is warned of elsewhere under it, and is nobody's outside", async () => {
    const paths = ['envs/prod/apps/web/logo.png', 'envs/prod/notes', 'envs/staging/apps/web/logo.png', 'apps/web/x']
    const desired = await newRender()(await snapshotOf(REPOSITORY, 'envs/prod', paths.map(link)))
    expect(desired.problems.map(({ severity, app, position }) => [severity, app, position.path])).toEqual([
      ['error', 'web', 'envs/prod/apps/web/logo.png'],
      ['warning', undefined, 'envs/prod/notes'],
    ])
    expect(desired.apps.get('web')?.broken).toBe(true)
  })
})

describe('the root of the settings', () => {
  it('is that of every revision of the source', async () => {
    const source = createMemorySource(REPOSITORY)
    const { signal } = new AbortController()
    const { root } = await withRoot(source, 'envs/prod').read(await source.resolve({ signal }), { signal })
    expect(root).toBe('envs/prod')
  })

  it.each(['../other', '/etc', 'envs//prod', 'envs/./prod', '.git'])('is refused where it is %s', (root) => {
    expect(() => withRoot(createMemorySource(REPOSITORY), root)).toThrow(
      `the path '${root}' in the repository is refused`,
    )
  })
})
