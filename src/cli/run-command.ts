import { Option } from 'commander'
import { type AnyCommand, command } from './command.ts'
import { EXIT } from './exit-codes.ts'

/** The daemon: it logs to the standard output, and ends by a signal. */
export const runCommand: AnyCommand = command<{ readonly logFormat?: 'json' | 'text' }>({
  usage: 'run',
  summary: 'the daemon: pulls, reconciles, plans pull requests, tells people; SIGTERM ends it',
  options: [
    new Option('--log-format <format>', 'a line of JSON each, or text; text on a terminal').choices(['json', 'text']),
  ],
  examples: ['run', '--config /etc/swarmkeeper/swarmkeeper.config.yaml run'],
  run: async (context, _args, options) => {
    const logFormat = options.logFormat ?? (context.out.isTerminal ? 'text' : 'json')
    const daemon = await context.openDaemon({ settings: options.config, logFormat })
    await daemon.run(context.signal)
    return EXIT.done
  },
})
