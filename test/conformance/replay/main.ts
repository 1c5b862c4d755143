import { availableParallelism } from 'node:os'
import { composeSchemas } from '../../../src/compose/load/schema.ts'
import { loadComposeSchemas } from '../../../src/lib/load-schemas.ts'
import { messageOf } from '../../../src/model/error.ts'
import { dockerVersion } from '../stacks/docker-cli.ts'
import { replay } from './replay.ts'
import { makeSeededRepository } from './seeded.ts'

const USAGE = `npm run replay -- REPO.git PATTERN [--env NAME=VALUE]...
npm run replay -- --make SEED COMMITS STACKS REPO.git

Walks the history of a git repository of stack files. For each two versions of a file that follow each other and that the
docker CLI accepts, the plan from the one to the other must touch just the services that the docker CLI would send
differently, or whose mounted configs or secrets have other content. PATTERN is a glob: '*.yml' in any folder,
'stacks/*.yml' or '**/docker-compose.{yml,yaml}' by path. Recordings are kept in node_modules/.cache. The second
form makes such a repository, from a folder of stack files and a seed.`

async function main(args: readonly string[]): Promise<number> {
  const words: string[] = []
  const variables: Record<string, string> = {}
  for (let at = 0; at < args.length; at++) {
    if (args[at] !== '--env') words.push(args[at] ?? '')
    else {
      const [name = '', ...value] = (args[++at] ?? '').split('=')
      variables[name] = value.join('=')
    }
  }
  if (words[0] === '--make' && words.length === 5) {
    const [, seed, commits, stacks = '', repository = ''] = words
    makeSeededRepository({ seed: Number(seed), commits: Number(commits), each: 5, stacks, repository })
    return 0
  }
  const [repository, pattern, ...rest] = words
  if (repository === undefined || pattern === undefined || rest.length > 0) {
    console.error(USAGE)
    return 2
  }
  if ((await dockerVersion()) === undefined) {
    console.error('the docker CLI is not here: replay compares with what it sends, so nothing was compared')
    return 1
  }
  const cache = process.env.SWARMKEEPER_REPLAY_CACHE ?? 'node_modules/.cache/swarmkeeper-replay'
  const schemas = composeSchemas(loadComposeSchemas())
  const print = (line: string): void => console.log(line)
  const result = await replay({
    repository,
    pattern,
    variables,
    cache,
    parallel: availableParallelism(),
    schemas,
    print,
  })
  const each = result.pairs === 0 ? 0 : result.milliseconds / result.pairs
  print(
    `${result.changed} services differ between the versions, ${result.reworded} are sent in other words that mean the ` +
      `same; ${result.refused} versions are refused by Docker; the slowest plan took ${result.slowest.toFixed(1)} ms`,
  )
  if (result.direct > 0) {
    print(
      `${result.direct} plans are without the checks of a config repository, which refuses one of: ${result.directWhy}`,
    )
  }
  if (result.pairs === 0) print(`no two versions of a file match '${pattern}'`)
  print(`pairs=${result.pairs} false=${result.false} missed=${result.missed} ms_per_plan=${each.toFixed(2)}`)
  return result.pairs > 0 && result.false === 0 && result.missed === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`replay: ${messageOf(error)}`)
  return 1
})
