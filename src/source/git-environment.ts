import { authorizationOf } from './credential.ts'
import type { GitAddress } from './git-address.ts'
import { DEFAULT_SEARCH_PATH, type GitSourceOptions } from './git-options.ts'

/**
 * The whole environment of git: nothing of ours, of the machine's or of the user's git reaches it (SEC-3). Settings and
 * the credential go in as GIT_CONFIG_* variables, so that they stand neither in the arguments, which every user of the
 * machine may read, nor in the clone (SEC-7).
 */
export function gitEnvironment(address: GitAddress, options: GitSourceOptions): Readonly<Record<string, string>> {
  const settings = gitSettings(address, options)
  return {
    PATH: options.searchPath ?? DEFAULT_SEARCH_PATH,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(settings.map(([key], index) => [`GIT_CONFIG_KEY_${index}`, key])),
    ...Object.fromEntries(settings.map(([, value], index) => [`GIT_CONFIG_VALUE_${index}`, value])),
    ...sshEnvironment(options),
  }
}

type Setting = readonly [key: string, value: string]

function gitSettings(address: GitAddress, options: GitSourceOptions): readonly Setting[] {
  const { auth, caFile } = options
  return [
    ['protocol.allow', 'never'],
    ['protocol.ext.allow', 'never'],
    [`protocol.${address.scheme}.allow`, 'always'],
    ['core.hooksPath', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['core.symlinks', 'false'],
    ['credential.helper', ''],
    ['fetch.recurseSubmodules', 'false'],
    ['submodule.recurse', 'false'],
    // Packs, which take their name when they are checked and whole; `gc --auto` joins them.
    ['fetch.unpackLimit', '1'],
    // A redirected git would take the credential along to the other host.
    ['http.followRedirects', 'false'],
    // One process, so that killing it leaves nothing behind.
    ['gc.autoDetach', 'false'],
    ['maintenance.autoDetach', 'false'],
    ['ssh.variant', 'ssh'],
    // The clone is ours, also where it lies on a volume of another owner.
    ['safe.directory', '*'],
    ...(caFile === undefined ? [] : [['http.sslCAInfo', caFile] as const]),
    ...(auth === undefined ? [] : [['http.extraHeader', `Authorization: ${authorizationOf(auth)}`] as const]),
  ]
}

/**
 * Git gives this line to a shell, so it is a constant: the paths travel beside it in the environment. Without a key of its
 * own ssh uses nothing of the user's: no configuration, no agent.
 */
const SSH =
  'ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes -o GlobalKnownHostsFile=/dev/null -o UserKnownHostsFile="$SWARMKEEPER_KNOWN_HOSTS" -o IdentitiesOnly=yes -o IdentityFile="$SWARMKEEPER_SSH_KEY" -o IdentityAgent=none -o ConnectTimeout=15 -o ServerAliveInterval=10 -o ServerAliveCountMax=3'

function sshEnvironment({ sshKey }: GitSourceOptions): Readonly<Record<string, string>> {
  return {
    GIT_SSH_COMMAND: SSH,
    SWARMKEEPER_SSH_KEY: sshKey?.file ?? '/nonexistent',
    SWARMKEEPER_KNOWN_HOSTS: sshKey?.knownHosts ?? '/nonexistent',
  }
}
