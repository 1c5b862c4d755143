import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { temporaryFolder, type } from './cli-world.ts'

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.remove())
const here = () => ({ cwd: folder.path })

describe('init', () => {
  test('writes a repository that is valid as it stands, and settings that load', async () => {
    const { code, out } = await type(['init', 'fleet'], here())
    expect(code).toBe(0)
    expect(out).toContain('+ fleet/apps/hello/hello.yaml')
    expect(await type(['validate', 'fleet'], here())).toEqual({
      code: 0,
      out: '1 app, 3 resources: no problems\n',
      err: '',
    })
    const loaded = loadSettings({ file: join(folder.path, 'fleet/swarmkeeper.config.yaml'), env: {} })
    expect(loaded).toMatchObject({ settings: { install: 'main' }, warnings: [] })
  })

  test('keeps the key from others and out of git', async () => {
    await type(['init'], here())
    expect(statSync(join(folder.path, 'swarmkeeper.config.yaml')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder.path, '.gitignore'), 'utf8')).toContain('swarmkeeper.config.yaml')
  })

  test('writes over nothing', async () => {
    writeFileSync(join(folder.path, 'swarmkeeper.yaml'), 'mine')
    const { code, err } = await type(['init'], here())
    expect(code).toBe(1)
    expect(err).toContain('swarmkeeper.yaml is there already')
    expect(readFileSync(join(folder.path, 'swarmkeeper.yaml'), 'utf8')).toBe('mine')
    expect(() => statSync(join(folder.path, 'swarmkeeper.config.yaml'))).toThrow('ENOENT')
  })
})

describe('validate', () => {
  const write = (path: string, text: string) => {
    mkdirSync(join(folder.path, path, '..'), { recursive: true })
    writeFileSync(join(folder.path, path), text)
  }
  beforeEach(() => {
    write('fleet/swarmkeeper.yaml', 'kind: Fleet\nversion: 1\n')
    write('fleet/targets/prod.yaml', 'kind: Swarm\nname: prod\nendpoints: [unix:///var/run/docker.sock]\n')
    write('fleet/apps/a/a.yaml', 'kind: Service\nname: a\nimgae: a:1\n')
    write('fleet/apps/b/b.yaml', 'kind: Service\nname: b\nimage: b:1\nkeeper: { dependsOn: [Service/c] }\n')
  })

  test('says all problems at once, where one can open them', async () => {
    const { code, out } = await type(['validate', 'fleet'], here())
    expect(code).toBe(1)
    expect(out).toContain("fleet/apps/a/a.yaml:3:1 /imgae: unknown key 'imgae'; did you mean 'image'?")
    expect(out).toContain("fleet/apps/b/b.yaml:4:23 /keeper/dependsOn/0: no document declares 'Service/c'")
    expect(out).toMatch(/2 apps, 1 resource: \d+ errors\n$/)
  })

  test('as annotations, SARIF and JSON says the same', async () => {
    const github = await type(['validate', 'fleet', '--format', 'github'], here())
    expect(github.out).toContain('::error file=fleet/apps/a/a.yaml,line=3,col=1,title=/imgae::unknown key')
    const sarif = JSON.parse((await type(['validate', 'fleet', '--format', 'sarif'], here())).out)
    expect(sarif.runs[0].tool.driver).toMatchObject({ name: 'swarmkeeper', version: '1.2.3' })
    const json = JSON.parse((await type(['validate', 'fleet', '--format', 'json'], here())).out)
    expect(json.problems.map((problem: { message: string }) => problem.message)).toContain(
      "unknown key 'imgae'; did you mean 'image'?",
    )
  })

  test('follows no symbolic link', async () => {
    write('secret.yaml', 'kind: Service\nname: outside\nimage: x:1\n')
    symlinkSync(join(folder.path, 'secret.yaml'), join(folder.path, 'fleet/apps/b/link.yaml'))
    const { out } = await type(['validate', 'fleet'], here())
    expect(out).toContain('fleet/apps/b/link.yaml:1:1 this is not read: it is a symbolic link')
    expect(out).not.toContain('outside')
  })

  test('of a folder that is not there says so', async () => {
    const { code, err } = await type(['validate', 'nowhere'], here())
    expect(code).toBe(1)
    expect(err).toMatch(/^error: the folder .+nowhere cannot be read: ENOENT/)
    expect(err).toContain('=> name a folder that holds swarmkeeper.yaml')
  })
})

describe('an environment that is one folder of a repository', () => {
  const write = (path: string, text: string) => {
    mkdirSync(join(folder.path, path, '..'), { recursive: true })
    writeFileSync(join(folder.path, path), text)
  }
  beforeEach(() => {
    write('repo/base/web.yaml', 'kind: Service\nname: web\nimage: web:1\n')
    write('repo/envs/prod/swarmkeeper.yaml', 'kind: Fleet\nversion: 1\n')
    write('repo/envs/prod/targets/prod.yaml', 'kind: Swarm\nname: prod\nendpoints: [unix:///var/run/docker.sock]\n')
    write('repo/envs/prod/apps/web/web.yaml', 'extends: ../../../../base/web.yaml\nreplicas: 2\n')
    write('repo/envs/other/apps/broken/broken.yaml', 'kind: [')
  })

  test('may extend what stands beside it, as where the settings name it', async () => {
    mkdirSync(join(folder.path, 'repo/.git'))
    expect(await type(['validate', 'repo/envs/prod'], here())).toEqual({
      code: 0,
      out: '1 app, 1 resource: no problems\n',
      err: '',
    })
    const { out } = await type(['render', 'web', '--path', 'repo/envs/prod'], here())
    expect(out).toContain('base/web.yaml:3')
  })

  test('is found from within it, too, and problems stand where one can open them', async () => {
    mkdirSync(join(folder.path, 'repo/.git'))
    write('repo/base/web.yaml', 'kind: Service\nname: web\nimage: web:1\nreplcas: 2\n')
    const { code, out } = await type(['validate'], { cwd: join(folder.path, 'repo/envs/prod') })
    expect(code).toBe(1)
    expect(out).toContain('../../base/web.yaml:4:1 /replcas: unknown key')
  })

  test('is all there is where nothing says that it belongs to a repository', async () => {
    const { code, out } = await type(['validate', 'repo/envs/prod'], here())
    expect(code).toBe(1)
    expect(out).toContain('repo/envs/prod/apps/web/web.yaml:1:10 /extends')
  })
})

describe('render', () => {
  test('shows desired resources, with where each value was written', async () => {
    await type(['init'], here())
    const { code, out } = await type(['render', 'hello'], here())
    expect(code).toBe(0)
    expect(out).toContain('  local/Service/hello  # apps/hello/hello.yaml:8\n')
    expect(out).toContain('    image: busybox:1.37  # apps/hello/hello.yaml:10\n')
    expect(out).toContain('    replicas: 1  # default\n')
    expect(out).toContain('    content:  # apps/hello/hello.yaml:6\n')
  })

  test('of an unknown app names those that there are', async () => {
    await type(['init'], here())
    const { code, err } = await type(['render', 'helo'], here())
    expect({ code, err }).toEqual({ code: 1, err: "error: no app 'helo'\n  => there are: hello\n" })
  })
})
