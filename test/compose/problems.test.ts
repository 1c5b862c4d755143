// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what people write
import { describe, expect, it } from 'vitest'
import { originOf } from '../../src/compose/source.ts'
import { formatProblem } from '../../src/model/problem.ts'
import { loadTexts, problemsOf, schemas } from './compose-world.ts'

describe('what is wrong with a compose file is said with its place in the file', () => {
  it.each([
    [
      'an unknown key',
      'imagee: b',
      "compose.yaml:4:5 /services/web/imagee: unknown key 'imagee'; did you mean 'image'?",
    ],
    [
      'a wrong type',
      'hostname: 5',
      'compose.yaml:4:15 /services/web/hostname: expected a text, got 5; in quotes it is a text: "5"',
    ],
    [
      'a duration',
      'stop_grace_period: 2d',
      "compose.yaml:4:24 /services/web/stop_grace_period: '2d' is not a duration like 30s, 1m30s or 24h; there is no unit for days",
    ],
    [
      'a port',
      'ports: ["80:80:80"]',
      "compose.yaml:4:13 /services/web/ports/0: '80:80:80' is not a port: '80' is not an address",
    ],
    [
      'a range',
      'ports: ["1-3:1-2"]',
      "compose.yaml:4:13 /services/web/ports/0: '1-3:1-2' is not a port: the two ranges have different lengths",
    ],
    [
      'a volume',
      'volumes: ["/a:/b:ro:x"]',
      "compose.yaml:4:15 /services/web/volumes/0: '/a:/b:ro:x' is not a volume: it has too many colons",
    ],
    [
      'a size',
      'deploy: {resources: {limits: {memory: 5X}}}',
      "compose.yaml:4:43 /services/web/deploy/resources/limits/memory: '5X' is not a size like 256M, 1.5GiB or 1024",
    ],
    [
      'a command',
      'command: "a \'b"',
      'compose.yaml:4:14 /services/web/command: the command has an open quote, or ends with a backslash',
    ],
    ['an env file', 'env_file: [a.env]', "compose.yaml:4:16 /services/web/env_file/0: there is no file 'a.env'"],
    [
      'what is not for stacks',
      'mem_limit: 1g',
      "compose.yaml:4:5 /services/web/mem_limit: 'mem_limit' is not for stacks: use 'deploy.resources.limits.memory'",
    ],
  ])('%s', (_, line, problem) => {
    expect(problemsOf([`services:\n  web:\n    image: a:1\n    ${line}`])).toContain(problem)
  })

  it('all of them at once, of all files', () => {
    const problems = problemsOf(['services: {a: {tty: 1}, b: {tty: 2}}', 'services: {c: {tty: 3}}'])
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'compose.yaml:1:21',
      'compose.yaml:1:34',
      'over-1.yaml:1:21',
    ])
  })

  it('where it was written, for what an anchor or `<<` brought', () => {
    const text = 'x-base: &base\n  tty: 5\nservices:\n  web:\n    <<: *base\n    image: a:1'
    expect(problemsOf([text])).toEqual(['compose.yaml:2:8 /services/web/tty: expected true or false, got 5'])
  })

  it('two versions do not go together, and one that Docker does not know is said', () => {
    expect(problemsOf(['version: "3.8"\nservices: {}', 'version: "3.9"\nservices: {}'])).toEqual([
      'over-1.yaml:1:1 /version: the files have different versions: 3.8 and 3.9',
    ])
    expect(problemsOf(['version: "2.4"\nservices: {}'])).toEqual([
      'compose.yaml:1:10 /version: the version 2.4 is not one that stacks know: 3.0 to 3.13, or none',
    ])
  })
})

describe('what does nothing is a warning that says what to use instead', () => {
  const warnings = (line: string) => problemsOf([`services:\n  web:\n    image: a:1\n    ${line}`])

  it.each([
    ['build: .', /push/],
    ['restart: always', /counts only where there is no 'deploy\.restart_policy'/],
    ['depends_on: [a]', /any order/],
    ['privileged: true', /cap_add/],
    ['network_mode: host', /networks/],
    ['container_name: a', /name/],
    ['shm_size: 64M', /tmpfs/],
    ['devices: ["/dev/a"]', /generic_resources/],
  ])('%s', (line, instead) => {
    const found = warnings(line)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^compose\.yaml:4:5 warning: /)
    expect(found[0]).toMatch(instead)
  })

  it('so is everything behind the first document, which Docker does not read', () => {
    const unread =
      'Docker reads nothing from here on: a file is one document, and all its keys stand at the same column'
    expect(problemsOf(['services: {}\n---\nnot: read'])).toEqual([`compose.yaml:2:1 warning: ${unread}`])
    expect(problemsOf([' services: {}\nvolumes: {}'])).toEqual([`compose.yaml:2:1 warning: ${unread}`])
  })
})

describe('variables', () => {
  const text = (value: string) => [`services:\n  web:\n    image: "a:${value}"`]

  it('without a value are an error by default, at the variable, with the one that was meant', () => {
    const world = { unset: 'error', variables: { VERSION: '1' } } as const
    expect(problemsOf(text('1-${VERSOIN}'), world)).toEqual([
      "compose.yaml:3:17 /services/web/image: the variable 'VERSOIN' is not set; did you mean 'VERSION'?",
    ])
    expect(problemsOf(text('${VERSION}-${OTHER:-x}'), world)).toEqual([])
  })

  it('without a value are blank where Docker’s own meaning is asked for', () => {
    expect(problemsOf(text('1${NOTHING}'), { unset: 'blank' })).toEqual([])
  })

  it('all of a text are looked at by default, of which Docker looks at the last', () => {
    const both = text('${A:?needed}${B:-b}')
    expect(problemsOf(both, { unset: 'blank' })).toEqual([])
    expect(problemsOf(both, { unset: 'error' })).toEqual([
      "compose.yaml:3:15 /services/web/image: the variable 'A' is required and is not set: needed",
    ])
  })

  it.each([
    ['${A:+b}', "'${A:+b}' is not a variable; the docker CLI's stack commands know no ':+'"],
    ['${A+b}', "'${A+b}' is not a variable; the docker CLI's stack commands know no '+'"],
    ['${}', "'${}' is not a variable; write ${NAME}, or $$ for a dollar"],
    ['$ 5', "'$ 5' is not a variable; write ${NAME}, or $$ for a dollar"],
  ])('%s is none', (value, message) => {
    expect(problemsOf(text(value))).toEqual([`compose.yaml:3:15 /services/web/image: ${message}`])
  })

  it('that become what does not fit are an error', () => {
    const lines = ['services:\n  web:\n    image: a:1\n    tty: ${T}']
    expect(problemsOf(lines, { variables: { T: 'On' } })).toEqual([])
    expect(problemsOf(lines, { variables: { T: '1' } })).toEqual([
      "compose.yaml:4:10 /services/web/tty: '1' is not a boolean: true, yes, on, y, or false, no, off, n",
    ])
  })
})

describe('where a value of merged files comes from', () => {
  const { sources } = loadTexts([
    'services:\n  web:\n    image: a:1\n    ports: ["80:80"]',
    'services:\n  web:\n    image: a:2\n    tty: true',
  ])
  const where = (pointer: string) =>
    formatProblem({ severity: 'error', pointer: '', message: '', position: originOf(sources, pointer) })

  it('is the last file that has it', () => {
    expect(where('/services/web/image')).toBe('over-1.yaml:3:5 ')
    expect(where('/services/web/ports/0')).toBe('compose.yaml:4:13 ')
    expect(where('/services/web/ports')).toBe('compose.yaml:4:5 ')
  })

  it('is what is nearest above it, for what was not written', () => {
    expect(where('/services/web/deploy/mode')).toBe('over-1.yaml:2:3 ')
  })
})

it('every version that Docker knows is known', () => {
  const minors = Array.from({ length: 14 }, (_, minor) => `3.${minor}`)
  expect(minors.filter((version) => !schemas.has(version))).toEqual([])
})
