import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPromtool, type Promtool } from '../../src/cli/promtool.ts'
import { temporaryFolder, type } from './cli-world.ts'

let folder: ReturnType<typeof temporaryFolder>
const write = (path: string, text: string) => {
  mkdirSync(join(folder.path, path, '..'), { recursive: true })
  writeFileSync(join(folder.path, path), text)
}
const RULES = 'groups:\n- name: g\n  rules:\n  - alert: Down\n    expr: up == 0\n'

beforeEach(() => {
  folder = temporaryFolder()
  write('fleet/swarmkeeper.yaml', 'kind: Fleet\nversion: 1\n')
  write(
    'fleet/targets/main.yaml',
    'kind: Prometheus\nname: main\nurl: http://127.0.0.1:9090\nrules: { local: /etc/rules }\n',
  )
  write('fleet/targets/here.yaml', 'kind: Host\nname: here\naddress: local\n')
  write(
    'fleet/apps/mon/rules.yaml',
    'kind: AlertRules\nname: down\ntarget: main\nfile: down.yml\ntests: down_test.yml\n',
  )
  write('fleet/apps/mon/down.yml', RULES)
  write('fleet/apps/mon/down_test.yml', 'rule_files: [down.yml]\n')
})
afterEach(() => folder.remove())

/** What it was asked, and what it answers to each `check` and `test`. */
function stub(answers: Readonly<Record<string, { readonly exitCode: number; readonly output: string }>>) {
  const asked: string[] = []
  const promtool: Promtool = async (words) => {
    asked.push(words.join(' '))
    return answers[words[0] ?? '']
  }
  return { asked, promtool }
}
const validate = (promtool: Promtool | undefined) =>
  type(['validate', 'fleet'], { cwd: folder.path, ...(promtool && { promtool }) })

describe('validate, where promtool is installed', () => {
  it('asks it about rule files and their tests', async () => {
    const { asked, promtool } = stub({ check: { exitCode: 0, output: 'fine' }, test: { exitCode: 0, output: 'fine' } })
    expect((await validate(promtool)).code).toBe(0)
    const here = join(folder.path, 'fleet/apps/mon')
    expect(asked).toEqual([`check rules ${here}/down.yml`, `test rules ${here}/down_test.yml`])
  })

  it('says what it refuses, where it stands', async () => {
    const file = join(folder.path, 'fleet/apps/mon/down.yml')
    const { promtool } = stub({
      check: {
        exitCode: 1,
        output: `Checking ${file}\n  FAILED:\n${file}: 5:11: group "g", rule 1, "Down": no such thing\n`,
      },
      test: { exitCode: 0, output: '' },
    })
    const { code, out } = await validate(promtool)
    expect(code).toBe(1)
    expect(out).toContain(
      'fleet/apps/mon/down.yml:5:11 promtool refuses this: group "g", rule 1, "Down": no such thing',
    )
  })

  it('says which tests fail', async () => {
    const { promtool } = stub({
      check: { exitCode: 0, output: '' },
      test: { exitCode: 1, output: 'Unit Testing:  down_test.yml\n  FAILED:\n    alertname: Down\n' },
    })
    const { out } = await validate(promtool)
    expect(out).toContain(
      'fleet/apps/mon/rules.yaml:5:8 /tests: the tests of these rules fail: Unit Testing:  down_test.yml',
    )
  })

  it.each([
    ['rule_files: [/etc/passwd]\n', "the path '/etc/passwd' is absolute"],
    ['rule_files: [../../../../secret]\n', "the path '../../../../secret' leaves the repository"],
    ['a: &a [/proc/self/environ]\nrule_files: *a\n', "the path '/proc/self/environ' is absolute"],
    ['<<: {rule_files: [/etc/passwd]}\n', "the path '/etc/passwd' is absolute"],
    ['rule_files: &a [*a, /etc/passwd]\n', "the path '/etc/passwd' is absolute"],
    ["rule_files: ['*.yml']\n", "there is no file 'apps/mon/*.yml' in the repository"],
    ['rule_files: [\n', ''],
  ])('does not run tests that read more than files of the repository: %j', async (tests, why) => {
    write('fleet/apps/mon/down_test.yml', tests)
    const { asked, promtool } = stub({ check: { exitCode: 0, output: '' }, test: { exitCode: 0, output: '' } })
    const { code, out } = await validate(promtool)
    expect(code).toBe(1)
    expect(out).toContain(
      `rules.yaml:5:8 /tests: the tests of these rules were not run: ${why && `rule_files: ${why}`}`,
    )
    expect(asked.filter((words) => words.startsWith('test'))).toEqual([])
  })

  it('does not ask about a file that is wrong already', async () => {
    write('fleet/apps/mon/down.yml', RULES.replace('up == 0', 'rate(up)'))
    const { asked, promtool } = stub({})
    expect((await validate(promtool)).out).toContain('down.yml:5:16 rate() takes a range vector')
    expect(asked).toEqual([])
  })

  it('says which tests were not run where it is not', async () => {
    const { code, out } = await validate(stub({}).promtool)
    expect(code).toBe(0)
    expect(out).toContain(
      'rules.yaml:5:8 warning: /tests: the tests of these rules were not run: promtool is not installed',
    )
  })
})

describe('promtool', () => {
  const options = () => ({ cwd: folder.path, signal: new AbortController().signal })
  const install = (script: string) => {
    write('bin/promtool', `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder.path, 'bin/promtool'), 0o755)
    return createPromtool(join(folder.path, 'bin'))
  }

  it('is run with its words as they are, and nothing of the environment but PATH', async () => {
    const promtool = install('echo "$#:$2:$HOME"; exit 3')
    expect(await promtool(['check', '$(id); x'], options())).toEqual({ exitCode: 3, output: '2:$(id); x:\n\n' })
  })

  it('is none where it is not found', async () => {
    expect(await createPromtool(join(folder.path, 'nowhere'))(['--version'], options())).toBeUndefined()
  })
})
