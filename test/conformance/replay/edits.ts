import { type Draw, mutate } from '../stacks/mutate.ts'

/** A stack file that is edited, and the files beside it, by their path from it. */
export interface Edited {
  readonly text: string
  readonly files: ReadonlyMap<string, string>
}

type Edit = (stack: Edited, draw: Draw) => Edited

interface Service {
  /** Lines of it, from its key to before the next one. */
  readonly start: number
  readonly end: number
  readonly indent: string
}

const linesOf = (text: string): readonly string[] => text.split('\n')

function servicesOf(lines: readonly string[]): readonly Service[] {
  const top = lines.findIndex((line) => /^services:\s*(#.*)?$/.test(line))
  if (top < 0) return []
  const after = lines.findIndex((line, at) => at > top && /^[^\s#]/.test(line))
  const end = after < 0 ? lines.length : after
  const [, indent = ''] =
    /^( +)[^\s#]/.exec(lines.slice(top + 1, end).find((line) => /^ +[^\s#]/.test(line)) ?? '') ?? []
  const starts = lines.flatMap((line, at) =>
    at > top && at < end && indent !== '' && line.startsWith(indent) && /^[^\s#]/.test(line.slice(indent.length))
      ? [at]
      : [],
  )
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? end, indent }))
}

const pick = <T>(list: readonly T[], draw: Draw): T | undefined => list[draw(Math.max(1, list.length))]

/** Changes the lines of one service. */
function inService(change: (lines: readonly string[], service: Service, draw: Draw) => readonly string[]): Edit {
  return (stack, draw) => {
    const lines = linesOf(stack.text)
    const service = pick(servicesOf(lines), draw)
    if (!service) return stack
    const changed = change(lines.slice(service.start, service.end), service, draw)
    return { ...stack, text: [...lines.slice(0, service.start), ...changed, ...lines.slice(service.end)].join('\n') }
  }
}

const reorder: Edit = (stack, draw) => {
  const lines = linesOf(stack.text)
  const services = servicesOf(lines)
  const at = draw(Math.max(1, services.length - 1))
  const [a, b] = [services[at], services[at + 1]]
  if (!a || !b) return stack
  const swapped = [...lines.slice(b.start, b.end), ...lines.slice(a.start, a.end)]
  return { ...stack, text: [...lines.slice(0, a.start), ...swapped, ...lines.slice(b.end)].join('\n') }
}

const comment: Edit = (stack, draw) => {
  const lines = [...linesOf(stack.text)]
  lines.splice(draw(lines.length), 0, `# reviewed ${draw(1000)}`, '')
  return { ...stack, text: lines.join('\n') }
}

const image = inService((lines, _, draw) =>
  lines.map((line) =>
    line.replace(/^(\s+image:\s*)(["']?)([^"'\s#:@]+)(:[^"'\s#@]+)?/, `$1$2$3:${draw(9)}.${draw(9)}`),
  ),
)

/** A key that the service does not have yet, and what stands below it. */
const addKey = (key: string, value: (draw: Draw) => readonly string[]): Edit =>
  inService((lines, { indent }, draw) => {
    const [first = '', ...rest] = lines
    if (rest.some((line) => line.trim().startsWith(`${key}:`)) || !/:\s*(#.*)?$/.test(first)) return lines
    const [, inner = `${indent}  `] = /^( +)/.exec(rest.find((line) => /^ +[^\s#]/.test(line)) ?? '') ?? []
    const [head = '', ...below] = value(draw)
    return [first, `${inner}${key}: ${head}`.trimEnd(), ...below.map((line) => `${inner}  ${line}`), ...rest]
  })

const ADDED = [
  addKey('environment', (draw) => ['', `SEEDED: "${draw(100)}"`, 'ON: "yes"', 'NUMBER: 012']),
  addKey('labels', (draw) => [`{seeded: "${draw(100)}", other: 'x'}`]),
  addKey('hostname', (draw) => [`h${draw(100)}`]),
  addKey('stop_grace_period', (draw) => [`${draw(90) + 1}s`]),
  addKey('deploy', (draw) => ['', `replicas: ${draw(4) + 1}`, 'labels:', `  seeded: "${draw(9)}"`]),
  addKey('extra_hosts', (draw) => [`["seeded:10.0.0.${draw(200)}"]`]),
  addKey('ports', (draw) => [`["${8000 + draw(900)}:80"]`]),
  addKey('user', (draw) => [`"${draw(1000)}"`]),
  addKey('command', (draw) => [`serve --port ${draw(1000)} "two words"`]),
  addKey('healthcheck', (draw) => ['', 'test: ["CMD", "true"]', `interval: ${draw(50) + 1}s`]),
]

/** Numbers and versions, wherever they stand. */
const number = inService((lines, _, draw) => {
  const at = draw(lines.length)
  return lines.map((line, index) => (index === at ? line.replace(/\d+/, String(draw(60) + 1)) : line))
})

const removeService = inService((lines, _, draw) => (draw(4) === 0 ? [] : lines))

const renameService = inService((lines, _, draw) => {
  const [first = '', ...rest] = lines
  return [first.replace(/^( +[\w-]+?)(-n\d+)?:/, `$1-n${draw(20)}:`), ...rest]
})

const quotes = inService((lines) =>
  lines.map((line) => line.replace(/^(\s+[A-Z_]+: )([A-Za-z][A-Za-z0-9./-]*)$/, '$1"$2"')),
)

/** Two services that share their environment through an anchor. */
const anchor: Edit = (stack, draw) => {
  const lines = linesOf(stack.text)
  const [service] = servicesOf(lines)
  const known = /^( +)SHARED: "?\d+"?/m
  if (known.test(stack.text)) return { ...stack, text: stack.text.replace(known, `$1SHARED: "${draw(100)}"`) }
  if (!service) return stack
  const one = (name: string, environment: readonly string[]): readonly string[] =>
    [`${name}:`, '  image: seeded:1', ...environment].map((line) => `${service.indent}${line}`)
  const added = [
    ...one('seeded-a', ['  environment: &shared', `    SHARED: "${draw(100)}"`]),
    ...one('seeded-b', ['  environment:', '    <<: *shared', '    OWN: "1"']),
  ]
  return { ...stack, text: [...lines.slice(0, service.start), ...added, ...lines.slice(service.start)].join('\n') }
}

const mountConfig: Edit = (stack, draw) => {
  const section = draw(2) === 0 ? 'configs' : 'secrets'
  if (new RegExp(`^${section}:`, 'm').test(stack.text)) return stack
  const mounted = addKey(section, () => ['[seeded]'])(stack, draw)
  if (mounted.text === stack.text) return stack
  const file = `seeded/${section}-${draw(100)}.txt`
  const text = `${mounted.text.trimEnd()}\n${section}:\n  seeded:\n    file: ./${file}\n`
  return { text, files: new Map([...stack.files, [file, `first ${draw(1000)}\n`]]) }
}

const variable = addKey('working_dir', (draw) => [`/\${WHERE:-srv${draw(9)}}/\${UNSET}x$$y`])

/** The content of a file that the stack may mention; the stack file stays as it is. */
const content: Edit = (stack, draw) => {
  const path = pick([...stack.files.keys()], draw)
  if (path === undefined) return stack
  const lines = linesOf(stack.files.get(path) ?? '')
  return {
    ...stack,
    files: new Map([...stack.files, [path, [`SEEDED_${draw(100)}=${draw(1000)}`, ...lines].join('\n')]]),
  }
}

const EDITS: readonly Edit[] = [
  reorder,
  reorder,
  comment,
  comment,
  image,
  image,
  number,
  number,
  number,
  quotes,
  anchor,
  anchor,
  mountConfig,
  mountConfig,
  content,
  content,
  content,
  variable,
  removeService,
  renameService,
  ...ADDED,
]

/** A mistake, which nobody edits further: the next edit is of what stood before it. */
export const mistake: Edit = (stack, draw) => ({ ...stack, text: mutate(stack.text, draw).text })

/** One edit as people make them; an edit that finds nothing to change leaves the stack as it is. */
export function edit(stack: Edited, draw: Draw): Edited {
  return pick(EDITS, draw)?.(stack, draw) ?? stack
}
