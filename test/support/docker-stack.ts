import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The stock docker CLI's stack commands at one engine. */
export interface DockerStack {
  deploy(name: string, folder: string, files: readonly string[]): Promise<void>
  /** Name -> number of services, by `docker stack ls`. */
  ls(): Promise<Readonly<Record<string, number>>>
  /** `name replicas image`, sorted, by `docker stack services`. */
  services(name: string): Promise<readonly string[]>
  /** Ids of the tasks that run, by `docker stack ps`. */
  ps(name: string): Promise<readonly string[]>
}

/** For `describe.skipIf`: says loudly that there is no `docker stack`, or that it is too old for these tests. */
export function dockerStackPossible(): boolean {
  const { stdout } = spawnSync('docker', ['stack', 'config', '--help'], { encoding: 'utf8' })
  const possible = stdout?.includes('docker stack config') === true
  if (!possible)
    console.error("skipped: the docker CLI on this machine has no 'stack config' command (23.0 and later have)")
  return possible
}

export function dockerStack(host: string): DockerStack {
  const docker = async (words: readonly string[], cwd = '/'): Promise<string> => {
    const env = { PATH: process.env.PATH, HOME: '/nonexistent', DOCKER_HOST: host }
    return (await run('docker', ['stack', ...words], { env, cwd, timeout: 60_000 })).stdout
  }
  const lines = async (words: readonly string[]): Promise<readonly string[]> =>
    (await docker(words))
      .split('\n')
      .filter((line) => line !== '')
      .sort()
  return {
    deploy: async (name, folder, files) => {
      await docker(['deploy', '--detach', ...files.flatMap((file) => ['-c', file]), name], folder)
    },
    ls: async () => {
      const rows = await lines(['ls', '--format', '{{.Name}} {{.Services}}'])
      return Object.fromEntries(rows.map((row) => row.split(' ')).map(([name, count]) => [name ?? '', Number(count)]))
    },
    // A stack that has no services any more is an error to the CLI.
    services: (name) => lines(['services', '--format', '{{.Name}} {{.Replicas}} {{.Image}}', name]),
    ps: (name) =>
      lines([
        'ps',
        '--no-trunc',
        '--filter',
        'desired-state=running',
        '--format',
        '{{.ID}} {{.CurrentState}}',
        name,
      ]).then((rows) => rows.filter((row) => row.includes(' Running ')).map((row) => row.split(' ')[0] ?? '')),
  }
}
