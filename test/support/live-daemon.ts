import { createDaemon } from '../../src/daemon.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { Clock } from '../../src/model/clock.ts'
import { formatProblem } from '../../src/model/problem.ts'
import { noNotify } from '../../src/schedule/service-notify.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import type { GitHubSettings } from '../../src/settings/settings.ts'
import { type CollectedLine, collectLog } from './collect-log.ts'
import { type DiscordStub, startDiscordStub } from './discord-stub.ts'
import { type GitHubStub, startGitHub } from './github-stub/start-github.ts'
import { createLiveFleet, type Ground, type LiveFleet, type LiveFleetOptions, type WrittenFile } from './live-fleet.ts'

type Files = Readonly<Record<string, WrittenFile>>

/** The daemon on a config repository of the lab, with a GitHub and a Discord that watch what they are told. */
export interface LiveDaemon {
  readonly fleet: LiveFleet
  readonly github: GitHubStub
  readonly discord: DiscordStub
  readonly lines: readonly CollectedLine[]
  /** Of its HTTP surface. */
  readonly url: () => string
  start(): Promise<void>
  /** As SIGTERM does. */
  stop(): Promise<void>
  /** A branch with these files, from the tip of main or an older commit, and its pull request. */
  open(files: Files, opening?: { readonly author?: string; readonly from?: string }): Promise<number>
  /** More files on the branch of a pull request; gives its head. */
  push(pull: number, files: Files): Promise<string>
  /** As the button on GitHub: a merge commit on main, which it gives. */
  merge(pull: number): Promise<string>
  /** `context: state: description` of a commit, without the install's part. */
  statuses(sha: string): Readonly<Record<string, string>>
  /** What stands in the comments of ours on a pull request. */
  comments(pull: number): readonly string[]
  dispose(): Promise<void>
}

/** As lines of the settings file have it. */
const loginText = (login: GitHubSettings['login']): string =>
  'token' in login
    ? `token: { value: "${login.token.revealText()}" }`
    : `appId: ${login.appId}, installationId: ${login.installationId}, privateKey: { value: ${JSON.stringify(login.privateKey.revealText())} }`

const SECRET = 'webhook-canary-4711'

/** A daemon that runs. */
export interface Launched {
  readonly url: string
  /** As SIGTERM does; ends when it ended. */
  stop(): Promise<void>
}

export interface LiveDaemonOptions extends LiveFleetOptions {
  /** In place of one in this process. */
  readonly launch?: (settingsFile: string) => Promise<Launched>
  /** Of the repository, targets and GitHub; 2s where it is not said. */
  readonly pollInterval?: string
  /** The time that GitHub's limits go by. */
  readonly clock?: Clock
  /** GitHub tells of what happens; otherwise polling finds it. */
  readonly webhooks?: boolean
  /** Who we are to GitHub; a token where it is not said. */
  readonly login?: 'token' | 'app'
}

export async function createLiveDaemon(
  lab: Ground,
  name: string,
  options: LiveDaemonOptions = {},
): Promise<LiveDaemon> {
  const { webhooks = true, clock = createRealClock(), pollInterval = '2s', ...more } = options
  const { login = 'token' } = options
  const [github, discord] = [await startGitHub({ clock, login }), await startDiscordStub()]
  const settings = [
    `pollInterval: ${pollInterval}`,
    'logLevel: debug',
    'listen: { address: "127.0.0.1:0" }',
    `github: { apiUrl: "${github.apiUrl}", repository: acme/fleet, ${loginText(github.login.settings)}, webhookSecret: { value: "${SECRET}" }, pollInterval: ${pollInterval} }`,
    `chat: { ops: { type: discord, url: { value: "${discord.url}" } } }`,
    ...(more.settings === undefined ? [] : [more.settings]),
  ].join('\n')
  const fleet = await createLiveFleet(lab, name, { ...more, settings })
  const { log, lines } = collectLog()
  const launch = options.launch ?? ((file: string) => launchHere(file, { log, lines, clock }))
  let running: Launched | undefined

  const start = async () => {
    running = await launch(fleet.settingsFile)
    if (webhooks) github.webhooks.to(`${running.url}/webhooks/github`, SECRET)
  }
  const stop = async () => {
    github.webhooks.stop()
    await running?.stop()
    running = undefined
  }
  const { repository } = fleet
  const branchOf = (pull: number) => `change-${pull}`
  const showHead = (pull: number, head: string) => repository.git('update-ref', `refs/pull/${pull}/head`, head)
  const merge = async (pull: number): Promise<string> => {
    const head = await repository.resolve(branchOf(pull))
    const [tree = ''] = (await repository.git('merge-tree', '--write-tree', 'main', head)).split('\n')
    const identity = ['-c', 'user.name=GitHub', '-c', 'user.email=noreply@github.test']
    const parents = ['-p', await repository.resolve(), '-p', head]
    const merged = await repository.git(...identity, 'commit-tree', tree, ...parents, '-m', `Merge #${pull}`)
    await repository.git('update-ref', 'refs/heads/main', merged.trim())
    github.world.merge(pull, merged.trim())
    return merged.trim()
  }

  return {
    fleet,
    github,
    discord,
    lines,
    url: () => running?.url ?? '',
    start,
    stop,
    open: async (files, { author, from } = {}) => {
      const pull = github.world.pulls.size + 1
      const headRef = branchOf(pull)
      const baseSha = from ?? (await repository.resolve())
      await repository.git('update-ref', `refs/heads/${headRef}`, baseSha)
      const head = await repository.commit(fleet.texts(files), { branch: headRef })
      await showHead(pull, head)
      return github.world.openPull({ head, headRef, baseSha, files: Object.keys(files), ...(author && { author }) })
    },
    push: async (pull, files) => {
      const head = await repository.commit(fleet.texts(files), { branch: branchOf(pull) })
      await showHead(pull, head)
      const { files: before = [] } = github.world.pull(pull) ?? {}
      github.world.setFiles(pull, [...new Set([...before, ...Object.keys(files)])])
      github.world.push(pull, head)
      return head
    },
    merge,
    statuses: (sha) =>
      Object.fromEntries(
        Object.entries(github.world.statusesOf(sha)).map(([context, { state, description }]) => [
          context.replace(`swarmkeeper/${name}/`, ''),
          `${state}: ${description}`,
        ]),
      ),
    comments: (pull) =>
      github.world
        .commentsOf(pull)
        .filter((one) => one.author === github.login.login)
        .map((one) => one.body),
    dispose: async () => {
      await stop()
      await fleet.dispose()
      await discord.dispose()
      await github.close()
    },
  }
}

async function launchHere(
  file: string,
  { log, lines, clock }: ReturnType<typeof collectLog> & { readonly clock: Clock },
): Promise<Launched> {
  const loaded = loadSettings({ file, env: {} })
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  const stop = new AbortController()
  const about = { version: '0.0.0', node: process.version }
  const before = lines.length
  const daemon = await createDaemon(loaded.settings, { clock, log, fetch, notify: noNotify, ...about }, stop.signal)
  const ended = daemon.run(stop.signal)
  const runs = () => lines.slice(before).find((line) => line.message === 'the daemon runs')
  while (runs() === undefined) await createRealClock().sleep(20)
  return {
    url: String(runs()?.url),
    stop: async () => {
      stop.abort(new Error('the test stops it'))
      await ended
    },
  }
}
