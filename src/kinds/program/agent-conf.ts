import { NormalizeProblem } from '../../model/kind.ts'
import { type ConfProgram, environmentIn, optionIn, programIn, withEnvironment, withOption } from './edit-conf.ts'
import { environmentText } from './inline.ts'

/** What a program gets beside what its file says. */
export interface ProgramMore {
  readonly name: string
  /** As supervisord expands them: a percent sign is `%%`. */
  readonly variables: ReadonlyMap<string, string>
  /** It is started by its schedule, and by nothing else. */
  readonly rests: boolean
}

/** The text of a `.conf` file with what its program gets as well. @throws NormalizeProblem where the file says otherwise */
export function confWith(text: string, { name, variables, rests }: ProgramMore): string {
  const program = programIn(text, name)
  const resting = rests ? atRest(program) : program
  const said = environmentIn(program)
  const missing = [...variables].filter(([key]) => !said.has(key))
  for (const [key, value] of variables) {
    if (said.has(key) && said.get(key) !== value) throw saidOtherwise(key, program)
  }
  const pairs = missing.length === 0 ? '' : environmentText(Object.fromEntries(missing))
  const whole = withEnvironment(resting, pairs)
  const read = environmentIn(whole)
  const lost = [...variables].find(([key, value]) => read.get(key) !== value)
  if (!lost) return whole.text
  throw new NormalizeProblem('/conf', `${lost[0]} cannot be added to the environment of [${program.section}]`)
}

const saidOtherwise = (key: string, { section }: ConfProgram): NormalizeProblem =>
  new NormalizeProblem('/conf', `${key} is said twice: by the environment of [${section}], and otherwise by the agent`)

const RESTING = ['autostart', 'autorestart'] as const

/** One that ends within its `startsecs` would count as a start that failed, and be tried again (supervisor subprocess states). */
function atRest(program: ConfProgram): ConfProgram {
  const with0 = optionIn(program, 'startsecs') === undefined ? withOption(program, 'startsecs', '0') : program
  return RESTING.reduce((so, key) => off(so, key), with0)
}

function off(program: ConfProgram, key: (typeof RESTING)[number]): ConfProgram {
  const said = optionIn(program, key)
  if (said === undefined) return withOption(program, key, 'false')
  if (/^(false|no|off|0)$/i.test(said)) return program
  throw new NormalizeProblem(
    '/conf',
    `${key}=${said}: between the runs of its schedule nothing of it runs; leave it out`,
  )
}
