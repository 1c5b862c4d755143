import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FileLive } from '../../src/kinds/file/spec.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { factsScript } from '../../src/targets/host/facts-script.ts'
import type { Host } from '../lab/host.mjs'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { create, prune, update } from '../support/changes.ts'
import { createHostBench, type HostBench } from '../targets/host/bench.ts'
import { fileOf, wantedOf } from '../targets/host/things.ts'

/**
 * Whoever owns a folder on the way may put a symlink in its place at any time (SEC-2): a program of that user does so as
 * fast as it can, with the folder and with whatever root makes in it, while root writes there again and again.
 */
const SWAPS = `
import os
os.chdir('/srv/app')
def tried(what, *words):
    try: what(*words)
    except OSError: pass
open('/tmp/swapping', 'w').close()
while not os.path.exists('/tmp/enough'):
    for name in ('conf', 'data'):
        tried(os.rename, name, name + '.real')
        tried(os.symlink, '/etc', name)
        tried(os.unlink, name)
        tried(os.rename, name + '.real', name)
    for made in os.listdir('conf') if os.path.isdir('conf') and not os.path.islink('conf') else []:
        if made.startswith('.swarmkeeper.'):
            tried(os.rename, 'conf/' + made, 'conf/taken')
            tried(os.symlink, '/etc', 'conf/' + made)
            tried(os.unlink, 'conf/' + made)
            tried(os.rmdir, 'conf/taken')
    tried(os.rename, 'conf/passwd', 'conf/old')
    tried(os.symlink, '/etc/passwd', 'conf/passwd')
    tried(os.unlink, 'conf/passwd')
    tried(os.rename, 'conf/old', 'conf/passwd')
`

describe.skipIf(!hostsPossible())('a folder of somebody who wants more', () => {
  let hosts: Hosts
  let host: Host
  let bench: HostBench
  beforeAll(async () => {
    hosts = await startHosts({ supervisord: false })
    host = hosts.first
    bench = createHostBench(hosts)
    await host.run([
      'sh',
      '-c',
      'install -d -o guest /srv/app /srv/app/conf /srv/app/data; chmod 0600 /etc/machine-id; chmod 0644 /etc/machine-id',
    ])
  })
  afterAll(async () => {
    await bench?.dispose()
    await hosts?.dispose()
  })

  const file = (text: string): Wanted =>
    wantedOf(
      'File',
      '/srv/app/conf/passwd',
      fileOf('/srv/app/conf/passwd', text, { owner: 'guest', group: 'guest', mode: '0666' }),
    )
  const place = { path: '/srv/app/data', owner: 'guest', group: 'guest', mode: '0777', symlinks: 'refuse' }
  const directory = wantedOf('Directory', place.path, place)
  const system = () =>
    host.run([
      'sh',
      '-c',
      'stat -c "%n %U:%G %a" /etc /etc/passwd /etc/shadow /; sha256sum /etc/passwd; ls -A /etc | sort | sha256sum; find /etc -user guest',
    ])

  it('never gets a write of root elsewhere, nor anything of the system', async () => {
    const before = await system()
    await bench.apply(create(file('0\n')), create(directory))
    const swapping = host.run(['runuser', '-u', 'guest', '--', 'python3', '-c', SWAPS], { timeoutMs: 120_000 })
    await waitUntil('the swaps', () => host.run(['ls', '/tmp']).then((names) => names.includes('swapping')))
    const steps: string[] = []
    for (let round = 1; round <= 25; round += 1) {
      const wanted = file(`${round}\n`)
      const seen = await bench.observe(wanted)
      const { base64 = '' } = (seen?.state === 'present' ? seen.live : {}) as Partial<FileLive>
      expect(Buffer.from(base64, 'base64').toString()).toMatch(/^\d*\n?$/)
      const change = seen?.state === 'present' ? update(wanted) : create(wanted)
      const marks = await bench.apply(change, update(directory))
      steps.push(...marks.map(({ step, note }) => `${step} ${note.reason ?? ''}`))
    }
    await host.run(['touch', '/tmp/enough'])
    await swapping
    expect(await system()).toBe(before)
    // it was a race: some were won, and some refused
    expect(new Set(steps)).toContain('applied ')
    expect(new Set(steps)).toContain('failed Conflict')
  })

  it('is read by its path only where nobody but root can put another folder in its place', async () => {
    const folders = {
      '/etc/ssh': 'guarded',
      '/tmp/of-root': 'guarded',
      '/tmp': 'not',
      '/srv/guests/of-root': 'not',
      '/srv/of-all': 'not',
      '/srv/of-a-group': 'not',
      '/srv/link': 'not',
      '/srv/link/ssh': 'not',
      '/srv/nowhere': 'not',
    }
    const made = [
      'install -d -o guest /srv/guests',
      'install -d /srv/guests/of-root /tmp/of-root',
      'install -d -m 0777 /srv/of-all',
      'install -d -m 0775 /srv/of-a-group',
      'ln -s /etc /srv/link',
    ]
    const nothing = factsScript({ units: [], paths: [], users: [], groups: [] })
    const asks = Object.keys(folders).map((folder) => `isGuarded ${folder} && echo guarded || echo not`)
    const said = await host.run(['sh', '-c', [...made, nothing, 'echo ANSWERS', ...asks].join('\n')])
    expect(
      said
        .slice(said.indexOf('ANSWERS\n') + 'ANSWERS\n'.length)
        .trim()
        .split('\n'),
    ).toEqual(Object.values(folders))
  })

  it('keeps nothing of what it has exchanged from being put right, and no leftovers stay', async () => {
    await host.run([
      'sh',
      '-c',
      'cd /srv/app; rm -rf conf data *.real; install -d -o guest conf data; install -d -m 0700 -d conf/.swarmkeeper.0123456789; touch -d "2 hours ago" conf/.swarmkeeper.0123456789',
    ])
    const wanted = file('right\n')
    await bench.observe(wanted)
    expect(await bench.apply(create(wanted))).toMatchObject([{ step: 'applied' }])
    expect(await host.run(['sh', '-c', 'cd /srv/app/conf; ls -A; stat -c "%U %a" passwd'])).toBe('passwd\nguest 666\n')
  })

  it('cannot have a file of the system removed in place of its own', async () => {
    await host.run(['sh', '-c', 'mv /srv/app/conf /srv/app/moved; ln -s /etc /srv/app/conf'])
    await bench.observe(file('right\n'))
    expect(await bench.apply(prune(file('right\n')))).toMatchObject([
      {
        step: 'failed',
        note: { reason: 'Conflict', message: expect.stringContaining('crosses a symlink: it leads to /etc') },
      },
    ])
    expect(await host.run(['stat', '-c', '%U %a', '/etc/passwd'])).toBe('root 644\n')
  })

  it('may be called anything: names reach the host byte by byte, in places of root as of others', async () => {
    const names = [
      '-rf',
      'a b',
      "it's",
      '"',
      '$(touch pwned)',
      '`id`',
      'a\\nb',
      '*',
      '?',
      '[a]',
      '~',
      '#x',
      'é',
      '日本',
      ';',
      '|',
      '&',
      '(',
      '{a,b}',
      '!',
      '%s',
      ' x ',
      '\\',
      '..a',
      '=',
    ]
    await host.run(['sh', '-c', 'rm -rf /srv/app/conf; install -d /srv/odd; install -d -o guest /srv/app/conf'])
    for (const folder of ['/srv/app/conf', '/srv/odd/$(x) "y" \'z']) {
      const at = { owner: 'root', mode: '0755', symlinks: 'refuse' }
      const made = wantedOf('Directory', folder, { ...at, path: folder })
      const files = names.map((name) => wantedOf('File', `${folder}/${name}`, fileOf(`${folder}/${name}`, `${name}\n`)))
      const folders = folder.includes('$') ? [create(made)] : []
      const marks = await bench.apply(...folders, ...files.map(create))
      expect(marks.filter(({ step }) => step !== 'applied')).toEqual([])
      const listed = await host.run([
        'sh',
        '-c',
        'cd "$1" && for f in * ..?*; do [ ! -f "./$f" ] || { printf "%s\\n" "$f" | cmp -s - "./$f" && printf "%s\\n" "$f"; }; done',
        'sh',
        folder,
      ])
      expect(listed.split('\n').slice(0, -1).sort()).toEqual([...names].sort())
      for (const one of files.slice(0, 6)) expect(await bench.differences(one)).toEqual([])
      const gone = await bench.apply(...files.map(prune))
      expect(gone.filter(({ step }) => step !== 'applied')).toEqual([])
      expect(await host.run(['find', folder, '-type', 'f'])).toBe('')
    }
    expect(await host.run(['find', '/', '-xdev', '-name', 'pwned'])).toBe('')
  })
})
