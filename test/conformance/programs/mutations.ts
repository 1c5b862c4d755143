import { oneOf, type Random } from '../seeded.ts'

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
  'command=/bin/x %(ENV_NOBODY_SET_IT)s',
  'command=/bin/x "a;b" # c',
  'numprocs=3',
  'numprocs=x',
  'numprocs=-1',
  'numprocs=0',
  'numprocs_start=5',
  'process_name=%(program_name)s_%(process_num)02d',
  'process_name=%(program_name)s',
  'process_name=%(group_name)s:%(process_num)d',
  'process_name=',
  'environment=A="1",B=\'2\',C=3',
  'environment=A=1,B',
  'environment=A="1',
  'environment=A="%(process_num)d",HOME="/x"',
  'environment=A=a%b',
  'environment=A="%(ENV_NOBODY_SET_IT)s"',
  'autostart=maybe',
  'autorestart=sometimes',
  'autorestart=TRUE',
  'startsecs=1_0',
  'startsecs=',
  'startretries=3.5',
  'exitcodes=0,256',
  'exitcodes=0,x',
  'stopsignal=usr1',
  'stopsignal=99',
  'stopsignal=NOPE',
  'stopwaitsecs=10s',
  'stopasgroup=true',
  'killasgroup=false',
  'stdout_logfile=NONE',
  'stdout_logfile=/nowhere/x.log',
  'stdout_logfile=syslog',
  'stdout_logfile_maxbytes=0',
  'stdout_logfile_maxbytes=10XB',
  'stdout_capture_maxbytes=1MB',
  'stderr_logfile_backups=many',
  'redirect_stderr=true',
  'stderr_logfile=/tmp/%(program_name)s.log',
  'user=nobody-at-all',
  'user=root',
  'umask=0888',
  'umask=022',
  'directory=/tmp',
  'directory=/nowhere',
  'priority=1',
  'priority=first',
  'loglevel=loud',
  'minfds=lots',
  'nodaemon=perhaps',
  'childlogdir=/nowhere',
  'logfile=/nowhere/x.log',
  'nonsense',
  '=value',
  'key : value',
  '  indented=1',
  '\tcontinued',
  '; comment',
  '',
  'files=nothing/*.conf',
  'files=%(nope)s',
  '[include]',
  'port=99999',
  'port=here:there',
  '[inet_http_server]',
  '[unix_http_server]',
  'chmod=0999',
  'chown=nobody-at-all',
  '[supervisord]',
  '[rpcinterface:mine]',
  'username=u',
  'buffer_size=0',
  'ünïcode=ß "\'',
]

const VALUES = [
  '',
  'x',
  '-1',
  '0',
  '3',
  '1.5',
  'true',
  'maybe',
  '%',
  '%(nope)s',
  '%(ENV_NOPE)s',
  '/nowhere/x',
  'a,b',
  '"',
  '300',
]

type Mutation = (lines: string[], random: Random) => void

const at = (lines: readonly string[], random: Random): number => random(lines.length + 1)

const sectionsOf = (lines: readonly string[]): readonly number[] =>
  lines.flatMap((line, index) => (/^\[/.test(line) ? [index] : []))

const keysOf = (lines: readonly string[]): readonly number[] =>
  lines.flatMap((line, index) => (/^[a-z_.]+\s*[=:]/.test(line) ? [index] : []))

const keyOf = (line = ''): string => /^[^=:]*/.exec(line)?.[0] ?? ''

/** By name, so that a difference says what it came from. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a line more': (lines, random) => void lines.splice(at(lines, random), 0, oneOf(LINES, random)),
  'two lines more': (lines, random) =>
    void lines.splice(at(lines, random), 0, oneOf(LINES, random), oneOf(LINES, random)),
  'a line less': (lines, random) => void lines.splice(at(lines, random), 1),
  'a key less': (lines, random) => void lines.splice(oneOf([...keysOf(lines), 0], random), 1),
  'a section header less': (lines, random) => void lines.splice(oneOf([...sectionsOf(lines), 0], random), 1),
  'a section less': (lines, random) => {
    const starts = sectionsOf(lines)
    const which = random(starts.length + 1)
    const [from, to] = [starts[which] ?? 0, starts[which + 1] ?? lines.length]
    lines.splice(from, to - from)
  },
  'a section twice': (lines, random) => {
    const header = lines[oneOf([...sectionsOf(lines), 0], random)] ?? ''
    lines.splice(at(lines, random), 0, header, oneOf(LINES, random))
  },
  'another value': (lines, random) => {
    const index = oneOf([...keysOf(lines), 0], random)
    lines[index] = `${keyOf(lines[index])}=${oneOf(VALUES, random)}`
  },
  'no equals sign': (lines, random) => {
    const index = oneOf([...keysOf(lines), 0], random)
    lines[index] = (lines[index] ?? '').replace(/\s*[=:]/, random(2) === 0 ? '' : ' ')
  },
  indented: (lines, random) => {
    const index = at(lines, random)
    lines[index] = `${oneOf([' ', '    ', '\t'], random)}${lines[index] ?? ''}`
  },
  'cut off': (lines, random) => {
    const index = at(lines, random)
    const line = lines[index] ?? ''
    lines[index] = line.slice(0, random(line.length + 1))
  },
  'many of it': (lines, random) => {
    const programs = sectionsOf(lines).filter((index) => /^\[(program|eventlistener|fcgi)/.test(lines[index] ?? ''))
    const name = oneOf(
      [
        'process_name=%(process_num)d',
        'process_name=%(program_name)s',
        'process_name=x%(process_num)x',
        '',
        'numprocs_start=%(x)s',
      ],
      random,
    )
    lines.splice(oneOf([...programs, lines.length - 1], random) + 1, 0, `numprocs=${random(4)}`, name)
  },
}

export interface Mutated {
  readonly text: string
  readonly by: readonly string[]
}

/** One to three mutations of the text; each kind has its turn. */
export function mutated(text: string, turn: number, random: Random): Mutated {
  const names = Object.keys(MUTATIONS)
  const by = [names[turn % names.length] ?? '', ...Array.from({ length: random(3) }, () => oneOf(names, random))]
  const lines = text.split('\n')
  for (const name of by) MUTATIONS[name]?.(lines, random)
  return { text: lines.join('\n'), by }
}
