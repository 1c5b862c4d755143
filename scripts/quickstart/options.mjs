// @ts-check
import { parseArgs } from 'node:util'

/** @typedef {'lab' | 'own' | 'ask'} DockerChoice */

export const usage = `npm run quickstart -- [options]

  --yes               install system packages without asking (CI=true does, too)
  --docker lab|own    lab: an engine, a Swarm, a registry and a git server of its own (the default without a terminal)
                      own: your Docker, which must be a manager of a Swarm already; all that is made there carries a
                      name of its own and is removed at the end
  --help
`

/**
 * @param {readonly string[]} args
 * @returns {{yes: boolean, help: boolean, docker: DockerChoice} | {mistake: string}}
 */
export function readOptions(args) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        yes: { type: 'boolean', short: 'y' },
        docker: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const docker = values.docker ?? 'ask'
    if (docker !== 'lab' && docker !== 'own' && docker !== 'ask') return { mistake: `--docker ${docker}: lab or own` }
    return { yes: values.yes === true || process.env.CI === 'true', help: values.help === true, docker }
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) }
  }
}
