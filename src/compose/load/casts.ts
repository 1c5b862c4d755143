import { parseGoFloat } from '../go/float.ts'
import { floatOf } from '../yaml/go-number.ts'
import type { Scalar } from '../yaml/node.ts'

interface Cast {
  readonly noun: string
  /** Undefined where the text is none. */
  read(text: string): Scalar | undefined
}

const WHOLE: Cast = {
  noun: 'a whole number',
  read(text) {
    if (!/^[-+]?[0-9]+$/.test(text)) return undefined
    const value = BigInt(text.replace('+', ''))
    const fits = value >= -(2n ** 63n) && value < 2n ** 63n
    return fits ? { go: 'int', number: Number(value), text: String(value) } : undefined
  },
}

const FLOAT: Cast = {
  noun: 'a number',
  read(text) {
    const value = parseGoFloat(text)
    return value === undefined ? undefined : floatOf(value)
  },
}

const TRUE = ['y', 'yes', 'true', 'on']
const FALSE = ['n', 'no', 'false', 'off']

const BOOLEAN: Cast = {
  noun: 'a boolean: true, yes, on, y, or false, no, off, n',
  read(text) {
    const word = text.toLowerCase()
    return TRUE.includes(word) || (FALSE.includes(word) ? false : undefined)
  },
}

/** Where the docker CLI makes numbers and booleans of what variables gave; `*` is any key, `[]` an item of a list. */
const CASTS: readonly (readonly [string, Cast])[] = [
  ['services.*.configs.[].mode', WHOLE],
  ['services.*.secrets.[].mode', WHOLE],
  ['services.*.healthcheck.retries', WHOLE],
  ['services.*.healthcheck.disable', BOOLEAN],
  ['services.*.deploy.replicas', WHOLE],
  ['services.*.deploy.update_config.parallelism', WHOLE],
  ['services.*.deploy.update_config.max_failure_ratio', FLOAT],
  ['services.*.deploy.rollback_config.parallelism', WHOLE],
  ['services.*.deploy.rollback_config.max_failure_ratio', FLOAT],
  ['services.*.deploy.restart_policy.max_attempts', WHOLE],
  ['services.*.deploy.placement.max_replicas_per_node', WHOLE],
  ['services.*.ports.[].target', WHOLE],
  ['services.*.ports.[].published', WHOLE],
  ['services.*.ulimits.*', WHOLE],
  ['services.*.ulimits.*.hard', WHOLE],
  ['services.*.ulimits.*.soft', WHOLE],
  ['services.*.oom_score_adj', WHOLE],
  ['services.*.privileged', BOOLEAN],
  ['services.*.read_only', BOOLEAN],
  ['services.*.stdin_open', BOOLEAN],
  ['services.*.tty', BOOLEAN],
  ['services.*.volumes.[].read_only', BOOLEAN],
  ['services.*.volumes.[].volume.nocopy', BOOLEAN],
  ['networks.*.external', BOOLEAN],
  ['networks.*.internal', BOOLEAN],
  ['networks.*.attachable', BOOLEAN],
  ['volumes.*.external', BOOLEAN],
  ['secrets.*.external', BOOLEAN],
  ['configs.*.external', BOOLEAN],
]

/** @param path a dot inside of a key counts as a step, as in the docker CLI: `tty` of a service `a.b` is not cast */
export function castFor(path: readonly string[]): Cast | undefined {
  const steps = path.join('.').split('.')
  const found = CASTS.find(([pattern]) => {
    const wanted = pattern.split('.')
    return wanted.length === steps.length && wanted.every((step, index) => step === '*' || step === steps[index])
  })
  return found?.[1]
}
