import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { askSupervisord, type Configuration, judge, missingSupervisord } from './supervisord-itself.ts'

const CORPUS = join(process.env.SWARMKEEPER_CORPUS ?? '../shared/data', 'supervisor')
const missing = missingSupervisord() ?? (existsSync(CORPUS) ? undefined : `no configurations in ${CORPUS}`)
if (missing) console.warn(`SKIPPED, what the real supervisord says of mutated configurations: ${missing}`)

/** Small and the same on every machine (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** What people write, and what they mistype. */
const LINES = [
  '[program:x]',
  '[program:a b]',
  '[program:]',
  '[program',
  '[group:g]',
  'programs=cat,nobody',
  '[eventlistener:l]',
  'events=TICK_5,NOPE',
  '[fcgi-program:f]',
  'socket=tcp://localhost:0',
  'socket=unix://rel',
  '[DEFAULT]',
  'command=/bin/cat %(process_num)d %(program_name)s',
  'command=date +%s',
  'command=/bin/x %(nope)s',
  'command=/bin/x %y',
  'command=/bin/x 100%',
  'command=/bin/x %(ENV_HOME)s ; comment',
  'command=/bin/x "a;b" # c',
  'numprocs=3',
  'numprocs=x',
  'numprocs=-1',
  'process_name=%(program_name)s_%(process_num)02d',
  'process_name=%(group_name)s:%(process_num)d',
  'environment=A="1",B=\'2\',C=3',
  'environment=A=1,B',
  'environment=A="1',
  'environment=A="%(process_num)d",HOME="/x"',
  'environment=A=a%b',
  'autostart=maybe',
  'autorestart=sometimes',
  'autorestart=TRUE',
  'startsecs=1_0',
  'startsecs=',
  'exitcodes=0,256',
  'exitcodes=0,x',
  'stopsignal=usr1',
  'stopsignal=99',
  'stopsignal=NOPE',
  'stopasgroup=true',
  'killasgroup=false',
  'stdout_logfile=NONE',
  'stdout_logfile=/nowhere/x.log',
  'stdout_logfile=syslog',
  'stdout_logfile_maxbytes=0',
  'stdout_logfile_maxbytes=10XB',
  'redirect_stderr=true',
  'stderr_logfile=/tmp/%(program_name)s.log',
  'user=nobody-at-all',
  'user=root',
  'umask=0888',
  'directory=/tmp',
  'priority=1',
  'loglevel=loud',
  'nonsense',
  '=value',
  'key : value',
  '  indented=1',
  '\tcontinued',
  '; comment',
  '',
  'files=nothing/*.conf',
  '[include]',
  'port=99999',
  '[inet_http_server]',
  'username=u',
  'buffer_size=0',
  'ünïcode=ß "\'',
]

function mutated(text: string, random: (below: number) => number): string {
  const lines = text.split('\n')
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(lines.length + 1)
    const line = lines[at] ?? ''
    const kind = random(7)
    if (kind <= 2) lines.splice(at, 0, LINES[random(LINES.length)] ?? '')
    else if (kind === 3) lines.splice(at, 1)
    else if (kind === 4) lines.splice(at, 1, line.replace('=', random(2) === 0 ? '' : ' = '))
    else if (kind === 5) lines.splice(at, 1, ` ${line}`)
    else lines.splice(at, 1, line.slice(0, random(line.length + 1)))
  }
  return lines.join('\n')
}

function mutations(seed: number, perFile: number): readonly Configuration[] {
  const random = randomOf(seed)
  const texts = readdirSync(CORPUS)
    .filter((name) => name.endsWith('.conf'))
    .sort()
    .map((name) => readFileSync(join(CORPUS, name), 'utf8'))
  const small = '[supervisord]\n[program:cat]\ncommand=/bin/cat\n[program:dog]\ncommand=/bin/dog\n'
  const including = Array.from({ length: perFile }, () => ({
    main: '[supervisord]\nenvironment=A="of all"\n[include]\nfiles=conf.d/a.conf conf.d/b.conf none.conf\n',
    files: {
      'conf.d/a.conf': mutated('[program:a]\ncommand=%(here)s/a %(ENV_A)s\n[group:g]\nprograms=a,b\n', random),
      'conf.d/b.conf': mutated('[program:b]\ncommand=b\n', random),
    },
  }))
  const alone = [...texts, small, small, small, small].flatMap((text) => [
    { main: text },
    ...Array.from({ length: perFile }, () => ({ main: mutated(text, random) })),
  ])
  return [...alone, ...including]
}

describe.skipIf(missing !== undefined)('the real supervisord', () => {
  it('accepts and refuses the same configurations, with the same complaints, and reads the same from them', () => {
    const cases = mutations(Number(process.env.SEED ?? 1), 40)
    const verdicts = askSupervisord(cases)
    const differing = cases.flatMap((configuration, index): readonly unknown[] => {
      const theirs = verdicts[index]
      // Whether Python finds a plugin is for the host to say.
      if (
        theirs &&
        'error' in theirs &&
        /cannot be resolved within|EntryPoint|^\('Invalid module|^Parse error/.test(theirs.error)
      )
        return []
      const ours = judge(configuration)
      // A crash of its own is not a verdict: we refuse, in whatever words.
      if (theirs && 'crash' in theirs) return 'error' in ours ? [] : [{ configuration, ours, theirs }]
      return JSON.stringify(sorted(ours)) === JSON.stringify(sorted(theirs)) ? [] : [{ configuration, ours, theirs }]
    })
    expect(differing.slice(0, 3)).toEqual([])
    expect(verdicts.filter((verdict) => 'error' in verdict).length).toBeGreaterThan(100)
    expect(verdicts.filter((verdict) => 'groups' in verdict).length).toBeGreaterThan(100)
  })
})

/** Keys in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}
