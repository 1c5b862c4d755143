import { quote } from '../../desired/quote.ts'

/**
 * `${NAME}` as the docker CLI's stack commands know it (docker/cli cli/compose/template): `$NAME`, `${NAME}`, and with
 * `:-` `-` (a default) or `:?` `?` (required), where the word behind the operator ends at the first `}` and is not
 * looked through again. `$$` is a dollar. `:+` and `+` are not known to it: an error there, and so here.
 */
const VARIABLE = /\$(?:(\$)|([_a-z][_a-z0-9]*(?::?[-?][^}]*)?)|\{([_a-z][_a-z0-9]*(?::?[-?][^}]*)?)\}|)/giu

export type Lookup = (name: string) => string | undefined

/** `error`: a variable without value and default is one; `blank`: it is empty, as far as Docker is concerned. */
export type Unset = 'error' | 'blank'

interface TemplateProblem {
  /** As it stands in the text. */
  readonly written: string
  readonly message: string
}

export interface Substituted {
  readonly text: string
  readonly problems: readonly TemplateProblem[]
}

/** With `blank`, only the last variable of a text can be wrong: Docker forgets what it found about those before it. */
export function substitute(template: string, lookup: Lookup, unset: Unset): Substituted {
  const answers: (TemplateProblem | undefined)[] = []
  const text = template.replaceAll(VARIABLE, (written: string, escaped?: string, named?: string, braced?: string) => {
    if (escaped) return '$'
    const answer = answerTo(named || braced, { template, written, lookup, unset })
    answers.push('message' in answer ? { written, message: answer.message } : undefined)
    return 'value' in answer ? answer.value : ''
  })
  const counted = unset === 'blank' ? answers.slice(-1) : answers
  return { text, problems: counted.filter((problem) => problem !== undefined) }
}

type Answer = { readonly value: string } | { readonly message: string }

interface Question {
  readonly template: string
  readonly written: string
  readonly lookup: Lookup
  readonly unset: Unset
}

/** The operators in Docker's order: the first that is anywhere in the text wins, whatever stands before it. */
function answerTo(asked: string | undefined, { template, written, lookup, unset }: Question): Answer {
  if (!asked) return { message: notAVariable(template, written) }
  for (const operator of [':-', '-', ':?', '?']) {
    const at = asked.indexOf(operator)
    if (at === -1) continue
    const [name, word] = [asked.slice(0, at), asked.slice(at + operator.length)]
    const value = lookup(name)
    if (value !== undefined && !(operator.startsWith(':') && value === '')) return { value }
    if (operator.endsWith('-')) return { value: word }
    const why = value === undefined ? 'is not set' : 'is empty'
    return { message: `the variable ${quote(name)} is required and ${why}${word === '' ? '' : `: ${word}`}` }
  }
  const value = lookup(asked)
  if (value === undefined && unset === 'error') return { message: `the variable ${quote(asked)} is not set` }
  return { value: value ?? '' }
}

function notAVariable(template: string, written: string): string {
  const rest = template.slice(template.indexOf(written))
  const alternative = /^\$\{[_a-z][_a-z0-9]*(:?\+)/i.exec(rest)?.[1]
  const hint = alternative
    ? `the docker CLI's stack commands know no '${alternative}'`
    : // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people write
      'write ${NAME}, or $$ for a dollar'
  return `${quote(rest.slice(0, 40))} is not a variable; ${hint}`
}
