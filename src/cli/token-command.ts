import { createHash } from 'node:crypto'
import { Option } from 'commander'
import { ReconcileError } from '../model/error.ts'
import { JSON_FORMAT } from '../report/json.ts'
import { type AnyCommand, command, formatOption, listOption } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { type Format, printJson, printLines } from './print.ts'

/** As many as a hash needs that is not to be guessed. */
const BYTES = 32
/** So that those who look for secrets in repositories and logs know it. */
const PREFIX = 'swk_'

interface Flags {
  readonly format: Format
  readonly name: string
  readonly scope?: readonly string[]
}

export const tokenCommand: AnyCommand = command<Flags>({
  usage: 'token',
  summary: 'a fresh token of the API, shown once, and the lines that let the daemon know it',
  options: [
    new Option('--name <name>', 'whose it is: letters, digits, - _ .').default('me'),
    listOption(
      '--scope <scope>',
      'read, reconcile (includes reading), alerts (for Alertmanager) or admin (everything); read where it is not said',
    ),
    formatOption('text', 'json'),
  ],
  examples: ['token --name ci --scope reconcile', 'token --name ana --scope admin > token'],
  run: async (context, _args, { name, scope: scopes = ['read'], format }) => {
    refuseWrong(name, scopes)
    const token = `${PREFIX}${context.randomBytes(BYTES).toString('base64url')}`
    const sha256 = createHash('sha256').update(token).digest('hex')
    if (format === 'json') printJson(context, { format: JSON_FORMAT, name, token, sha256, scopes })
    else {
      printLines(context, [token])
      context.err.write(`${settingsLines(name, sha256, scopes).join('\n')}\n`)
    }
    return EXIT.done
  },
})

function refuseWrong(name: string, scopes: readonly string[]): void {
  const wrong = scopes.find((scope) => !['read', 'reconcile', 'alerts', 'spend', 'admin'].includes(scope))
  if (wrong !== undefined) {
    throw new ReconcileError('Usage', {
      message: `no scope '${wrong}'`,
      todo: 'there are: read, reconcile, alerts, spend, admin',
    })
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) {
    throw new ReconcileError('Usage', { message: `'${name}' cannot name a token: letters, digits, - _ . only` })
  }
}

/** Beside the token, not among it: `> file` holds the token alone. */
const settingsLines = (name: string, sha256: string, scopes: readonly string[]): readonly string[] => [
  '',
  'It is not kept, and not shown again. What the daemon needs stands in its settings:',
  '',
  'tokens:',
  `  ${name}:`,
  `    sha256: ${sha256}`,
  `    scopes: [${scopes.join(', ')}]`,
]
