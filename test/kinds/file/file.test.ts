import { describe, expect, it } from 'vitest'
import { sha256Of } from '../../../src/kinds/content-digest.ts'
import { fileFromWire } from '../../../src/kinds/file/from-wire.ts'
import { fileKind, refusalOfFile } from '../../../src/kinds/file/kind.ts'
import type { FileSpec, WireFile } from '../../../src/kinds/file/spec.ts'
import { fileToWire } from '../../../src/kinds/file/to-wire.ts'
import type { File } from '../../../src/model/written/file.ts'
import { contextOf, problemOf } from '../context.ts'

type Written = Omit<File, 'kind' | 'name' | 'hosts'>
const WORLD = { files: { 'a.txt': 'from a file\n' }, settings: { TOKEN: 'hush' } }
const normalize = (written: Partial<Written>, context = contextOf(WORLD)) =>
  fileKind.normalize({ kind: 'File', name: 'f', hosts: ['h'], path: '/etc/f', ...written }, context)
const specOf = (written: Partial<Written>): FileSpec => normalize(written).spec
const bytesOf = (written: Partial<Written>): string => fileToWire(specOf(written), {}).bytes.toString('utf8')
const problem = (written: Partial<Written>) => problemOf(() => normalize(written))

const STAT = { type: 'regular file', owner: 'root', uid: '0', group: 'root', gid: '0', mode: '644' }
const wire = (text: string, more: Partial<WireFile> = {}): WireFile => ({
  stat: STAT,
  sha256: sha256Of(text),
  base64: Buffer.from(text).toString('base64'),
  ...more,
})
const diffs = (written: Partial<Written>, live: WireFile) => fileKind.compare(specOf(written), fileFromWire(live))

describe('a file', () => {
  it('is called by its path, so that another name of its document changes nothing', () => {
    expect(normalize({ content: 'x' }).name).toBe('/etc/f')
  })

  it.each([
    ['its content', { content: 'hello\n' }, 'hello\n'],
    ['a file of the repository', { file: 'a.txt' }, 'from a file\n'],
    ['lines of an environment', { env: { A: 1, B: true, C: 'x' } }, 'A=1\nB=true\nC=x\n'],
  ])('has %s', (_, written, bytes) => {
    expect(bytesOf(written)).toBe(bytes)
  })

  it('quotes in an environment what a shell and systemd would read otherwise', () => {
    expect(bytesOf({ env: { A: 'two words', B: '$HOME "x" `y` \\', C: '', D: '#no' } })).toBe(
      'A="two words"\nB="\\$HOME \\"x\\" \\`y\\` \\\\"\nC=\nD="#no"\n',
    )
  })

  it.each([
    [{ env: { A: 'x\ny' } }, '/env/A: the value has a line break'],
    [{ env: { 'A B': 'x' } }, "/env: 'A B' is no name"],
    [{ env: { 'A;id': 'x' } }, "/env: 'A;id' is no name"],
    [{}, ': needs one of content, file, env, json or secret'],
    [{ content: 'x', file: 'a.txt' }, "/file: 'content' and 'file' together"],
    [{ content: 'x', mode: '9' }, "/mode: '9' is no mode"],
    [{ content: 'x', mode: '0o644' }, "/mode: '0o644' is no mode"],
    [{ content: 'x', owner: '-R' }, "/owner: '-R' is neither"],
    [{ content: 'x', group: 'a b' }, "/group: 'a b' is neither"],
    [{ content: 'x'.repeat(1024 * 1024 + 1) }, '/content: the content has 1048577 bytes'],
  ])('refuses %o', (written, message) => {
    expect(problem(written)).toContain(message)
  })

  it.each([
    ['etc/f', 'is not absolute'],
    [`/etc/${'é'.repeat(128)}`, 'a part of the path has more than 255 bytes'],
    ['/etc/../f', "has '.' or '..' in it"],
    ['/etc/./f', "has '.' or '..' in it"],
    ['/etc//f', 'empty part'],
    ['/etc/f/', 'ends with a slash'],
    ['/', 'is the root'],
    ['/etc/f\n', 'control character'],
    ['/etc/\0', 'control character'],
    ['/proc/self/environ', "kernel's"],
    ['~/f', 'is not absolute'],
    ['-rf', 'is not absolute'],
  ])('has no path %j', (path, message) => {
    expect(problem({ path, content: 'x' })).toContain(message)
  })

  it('belongs to root with mode 0644, and a secret one with 0600, where nothing is said', () => {
    expect(specOf({ content: '' })).toMatchObject({ owner: 'root', group: 'root', mode: '0644' })
    expect(specOf({ secret: { from: 'settings:TOKEN' } })).toMatchObject({ mode: '0600' })
    expect(specOf({ content: '', owner: 'www', mode: '640' })).toMatchObject({ owner: 'www', mode: '0640' })
    expect(specOf({ content: '', owner: 'www' })).not.toHaveProperty('group')
  })
})

describe('a file differs', () => {
  it('in nothing, where the host has it so', () => {
    expect(diffs({ content: 'x' }, wire('x'))).toEqual([])
  })

  it('in its content, which is shown', () => {
    expect(diffs({ content: 'new' }, wire('old'))).toEqual([
      { path: '/content', from: 'old', to: 'new', effect: 'none' },
    ])
  })

  it('in content that cannot be shown by its digest', () => {
    const binary = Buffer.from([0, 255]).toString('base64')
    const [diff] = diffs({ content: 'new' }, wire('', { base64: binary, sha256: 'f'.repeat(64) }))
    expect(diff).toMatchObject({ from: `sha256:${'f'.repeat(64)}` })
  })

  it('in owner, group and mode, by name or by number', () => {
    const live = wire('x', { stat: { ...STAT, owner: 'www', uid: '33', group: 'UNKNOWN', gid: '77', mode: '4755' } })
    expect(diffs({ content: 'x' }, live).map(({ path, from, to }) => [path, from, to])).toEqual([
      ['/owner', 'www', 'root'],
      ['/group', '77', 'root'],
      ['/mode', '4755', '0644'],
    ])
    expect(diffs({ content: 'x', owner: 33, group: '77', mode: '4755' }, live)).toEqual([])
  })

  it('in what it is: a directory or a symlink there is something else', () => {
    expect(diffs({ content: 'x' }, { stat: { ...STAT, type: 'directory' } })).toEqual([
      { path: '/type', from: 'directory', to: 'file', effect: 'replace' },
    ])
  })
})

describe('a secret file', () => {
  const secret = { secret: { from: 'settings:TOKEN' }, mode: '644' }
  const { mac } = specOf(secret).content as { readonly mac: string }

  it('is known by its MAC, and neither content nor plain digest is in its spec', () => {
    const text = JSON.stringify(specOf(secret))
    expect(text).not.toContain('hush')
    expect(text).not.toContain(sha256Of('hush'))
  })

  it('is what the record of the host says, as long as the bytes are those', () => {
    expect(diffs(secret, wire('hush', { record: { sha256: sha256Of('hush'), mac } }))).toEqual([])
  })

  it('differs, without a word of what it was or will be', () => {
    const tampered = wire('other', { record: { sha256: sha256Of('hush'), mac } })
    expect(diffs(secret, tampered)).toEqual([{ path: '/content', opaque: true, effect: 'none' }])
    expect(JSON.stringify(fileFromWire(tampered))).not.toContain(sha256Of('other'))
  })

  it('is written from what was revealed, and the record keeps the MAC', () => {
    const write = fileToWire(specOf(secret), { content: Buffer.from('hush') })
    expect([write.bytes.toString(), write.mac]).toEqual(['hush', mac])
  })

  it('warns where everybody may read it', () => {
    const context = contextOf(WORLD)
    normalize({ ...secret, mode: '0644' }, context)
    expect(context.warnings).toEqual(['/mode: with mode 0644 every user of the host can read this secret'])
  })
})

describe('keys merged into a JSON file', () => {
  const merge = { json: { merge: { 'log-driver': 'journald', 'log-opts': { tag: 'x' }, old: null, hosts: ['a'] } } }
  const daemon = '{\n    "data-root": "/data",\n    "log-opts": { "env": "E" },\n    "old": 1\n}\n'
  const written = (text: string, owns?: readonly string[]) =>
    fileToWire(specOf(merge), { live: fileFromWire(wire(text, owns ? { record: { owns } } : {})) })

  it('leave every other key, the order and the indentation as they are', () => {
    expect(written(daemon).bytes.toString()).toBe(
      [
        '{',
        '    "data-root": "/data",',
        '    "log-opts": { "env": "E", "tag": "x" },',
        '    "log-driver": "journald",',
        '    "hosts": [',
        '        "a"',
        '    ]',
        '}',
        '',
      ].join('\n'),
    )
  })

  it('differ key by key', () => {
    expect(diffs(merge, wire(daemon)).map(({ path, from, to }) => [path, from, to])).toEqual([
      ['/content/log-driver', undefined, 'journald'],
      ['/content/log-opts/tag', undefined, 'x'],
      ['/content/old', 1, undefined],
      ['/content/hosts', undefined, ['a']],
    ])
  })

  it('differ in nothing once they are written', () => {
    const { bytes, owns = [] } = written(daemon)
    expect(diffs(merge, wire(bytes.toString(), { record: { owns } }))).toEqual([])
  })

  it('take away what was ours and is declared no longer, and nothing else', () => {
    const live = '{"log-driver":"journald","log-opts":{"tag":"x","env":"E"},"hosts":["a"],"mine":1,"theirs":2}'
    const owns = ['/log-driver', '/log-opts/tag', '/hosts', '/mine']
    expect(diffs(merge, wire(live, { record: { owns } }))).toEqual([
      { path: '/content/mine', from: 1, to: undefined, effect: 'none' },
    ])
    expect(JSON.parse(written(live, owns).bytes.toString())).not.toHaveProperty('mine')
    expect(JSON.parse(written(live, owns).bytes.toString())).toHaveProperty('theirs', 2)
  })

  it('make the file where there is none', () => {
    expect(JSON.parse(fileToWire(specOf(merge), {}).bytes.toString())).toEqual({
      'log-driver': 'journald',
      'log-opts': { tag: 'x' },
      hosts: ['a'],
    })
  })

  it('do not reach the prototype of anything', () => {
    const json = { merge: JSON.parse('{"a": {"__proto__": {"polluted": 1}}}') as Record<string, unknown> }
    expect(problem({ json })).toBe("/json/merge: '__proto__' is no key that is merged")
  })

  it.each([
    ['[1]', '1:1: the file holds no object'],
    ['"text"', '1:1: the file holds no object'],
    ['no json', '1:1: there is "n" where a value is expected'],
    ['{\n  "a": 1\n  "b": 2\n}', '3:3: there is "\\"" where a comma or the end of the object is expected'],
    ['{"a": 1,}', '1:9: there is "}" where a key in quotes is expected'],
    ['{"a": 1} // why', '1:10: there is "/" where the end of the file is expected'],
    ['{"a": 01}', '1:8: there is "1" where a comma or the end of the object is expected'],
    ['{"a": ', '1:7: the file ends where a value is expected'],
    ['['.repeat(300), '1:202: it is nested deeper than 200'],
  ])('cannot go into %j: the place is told', (text, message) => {
    expect(refusalOfFile(specOf(merge), fileFromWire(wire(text)))).toBe(
      `nothing can be merged into /etc/f, which is no JSON object: ${message}`,
    )
  })

  it('cannot go into what is too large to be read, or no text', () => {
    const { base64: _, ...large } = wire('{}')
    expect(refusalOfFile(specOf(merge), fileFromWire(large))).toContain('it is too large to be read')
    const binary = wire('', { base64: Buffer.from([0, 255]).toString('base64') })
    expect(refusalOfFile(specOf(merge), fileFromWire(binary))).toContain('it is no text')
  })
})

describe('content that is ignored', () => {
  const { content: _, ...spec } = specOf({ content: 'first' })

  it("is nobody's difference, while owner and mode are", () => {
    const live = wire('edited by hand', { stat: { ...STAT, mode: '600' } })
    expect(fileKind.compare(spec, fileFromWire(live)).map(({ path }) => path)).toEqual(['/mode'])
    expect(refusalOfFile(spec, fileFromWire(live))).toBeUndefined()
  })
})

describe('a path that is a symlink, or crosses one', () => {
  const live = fileFromWire(wire('x', { stat: { ...STAT, crosses: '/etc/alternatives' } }))

  it('is refused', () => {
    expect(refusalOfFile(specOf({ content: 'x' }), live)).toBe(
      "/etc/f crosses the symlink /etc/alternatives: write 'symlinks: follow' if that is meant",
    )
    const link = fileFromWire({ stat: { ...STAT, type: 'symbolic link' } })
    expect(refusalOfFile(specOf({ content: 'x' }), link)).toContain('is a symlink')
  })

  it('is followed where that is declared', () => {
    expect(refusalOfFile(specOf({ content: 'x', symlinks: 'follow' }), live)).toBeUndefined()
  })
})
