import { Option } from 'commander'
import { JSON_FORMAT } from '../report/json.ts'
import { type AnyCommand, command, formatOption, listOption } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { type Format, printJson, printLines } from './print.ts'
import { printOutcome } from './print-outcome.ts'
import { withRemote } from './session.ts'

interface Flags {
  readonly format: Format
  readonly token?: string
  readonly wait?: boolean
  readonly revision?: string
  readonly confirm?: readonly string[]
  readonly retry?: boolean
  readonly adopt?: readonly string[]
}

/** The daemon reconciles by itself; this asks for it now. */
export const reconcileCommand: AnyCommand = command<Flags>({
  usage: 'reconcile [app]',
  summary: 'asks the running daemon to reconcile now',
  options: [
    new Option('--wait', 'until it is done: output and exit code as of apply'),
    new Option('--token <token>', 'asked again under the same token, nothing is done twice'),
    new Option('--revision <revision>', 'this commit, branch or tag instead of the tracked branch'),
    listOption('--confirm <guard>', 'go past this guard, as the plan names it'),
    new Option('--retry', 'try again what is held back or stalled'),
    listOption('--adopt <id>', 'take over this resource, which exists and is not ours'),
    formatOption('text', 'json', 'markdown'),
  ],
  examples: ['reconcile', 'reconcile hello --wait', 'reconcile --wait --token "$CI_JOB_ID"'],
  run: (context, [app], { token, wait, revision, confirm, retry, adopt, ...options }) =>
    withRemote(context, options, async ({ engine, ask, paint }) => {
      const asked = {
        ...ask,
        ...(app !== undefined && { app }),
        ...(token !== undefined && { token }),
        ...(revision !== undefined && { revision }),
        ...(confirm && { confirm }),
        ...(retry && { retry }),
        ...(adopt && { adopt }),
      }
      if (wait) return printOutcome(context, await engine.reconcile(asked), { format: options.format, paint })
      const known = await engine.request(asked)
      if (options.format === 'json') printJson(context, { format: JSON_FORMAT, accepted: true, token: known })
      else printLines(context, [`asked for; \`swarmkeeper reconcile --wait --token ${known}\` tells what became of it`])
      return EXIT.done
    }),
})
