import type { Complaint } from './unit-file.ts'

/** What systemd says of a value, or undefined where it takes it, or where only the host can say. */
type Check = (value: string, key: string) => Said | undefined

type Said = Omit<Complaint, 'line'> | readonly Omit<Complaint, 'line'>[]

const ignoring = (message: string, value: string): Said => ({ message: `${message}, ignoring: ${value}`, fatal: false })

const parsed =
  (what: string, takes: (value: string) => boolean): Check =>
  (value) =>
    takes(value) ? undefined : ignoring(`Failed to parse ${what}`, value)

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

const oneOf = (what: string, text: string): Check => {
  const known = words(text)
  return parsed(what, (value) => known.has(value))
}

const BOOLEAN = /^(1|yes|y|true|t|on|0|no|n|false|f|off)$/i

const UNIT_OF_TIME =
  '(?:seconds?|sec|s|minutes?|min|months?|M|msec|ms|m|hours?|hr|h|days?|d|weeks?|w|years?|y|usec|us|µs|μs)'

// No two ways to read the same digits and spaces: linear time (SEC-21).
const NUMBER = '(?:\\d+(?!\\d)(?:\\.\\d*(?!\\d)|(?!\\.))|\\.\\d+(?!\\d))'
const SPAN = new RegExp(`^\\s*(?:\\+?${NUMBER}\\s*(?:${UNIT_OF_TIME}\\s*)?)+$`)

/** Very many of something may be too many: that is for systemd to say. */
const isSpan = (value: string): boolean =>
  value === 'infinity' || SPAN.test(value) || (/^[\s\d.+]*$/.test(value) && /\d/.test(value))

/** As C reads a number, of any base; where the base is not plain it is left to systemd. */
function isUnsigned(value: string): boolean {
  if (/^\s*\+?0[xob]?[0-9a-f]+$/i.test(value)) return !/^\s*\+?0\d*[89]/.test(value)
  return /^\s*[+]?\d+$/.test(value) && Number(value) <= 0xffffffff
}

const isMode = (value: string): boolean => /^[0-7]+$/.test(value) && Number.parseInt(value, 8) <= 0o7777

/** Nobody but the host knows what `%h` is; a quoted or escaped word is read by systemd alone. */
const isPlain = (value: string): boolean => !/[%"'\\]/.test(value)

function pathComplaint(path: string, key: string): Said | undefined {
  if (path === '' || path.includes('%')) return undefined
  if (!path.startsWith('/')) return ignoring(`${key}= path is not absolute`, path)
  const plain = !/\/\/|\/\.\/|\/\.?$/.test(path)
  return plain && path.split('/').includes('..') ? ignoring(`${key}= path is not normalized`, path) : undefined
}

const path: Check = pathComplaint

const conditionPath: Check = (value, key) => pathComplaint(value.replace(/^\|?\s*!?/, ''), key)

const eachWord =
  (check: Check): Check =>
  (value, key) =>
    isPlain(value) ? wordsOf(value).flatMap((word) => check(word, key) ?? []) : undefined

const wordsOf = (value: string): readonly string[] => value.split(/\s+/).filter((word) => word !== '')

const UNIT_NAME = /^[\w:.\\-][\w:.\\@-]*\.(service|socket|target|device|mount|automount|swap|timer|path|slice|scope)$/

/** Quotes are part of the name here, so a word with one is no unit. */
const dependencies: Check = (value) =>
  value.includes('\\')
    ? undefined
    : wordsOf(value)
        .filter((word) => !word.includes('%') && (word.length > 255 || !UNIT_NAME.test(word)))
        .map((word) => ({ message: `Failed to add dependency on ${word}, ignoring: Invalid argument`, fatal: false }))

const url: Check = (word) =>
  /^(https?:\/\/.|file:\/|info:.|man:.)/.test(word) ? undefined : ignoring('Invalid URL', word)

const assignment: Check = (word) =>
  /^[A-Za-z_]\w*=/.test(word) ? undefined : ignoring('Invalid environment assignment', word)

const BOTH = 'null tty socket'
const isStream = (names: string, prefixes: RegExp) => {
  const known = words(names)
  return (value: string): boolean => known.has(value) || prefixes.test(value)
}

/** As systemd does, a command is its first word, behind what may stand before it. */
const command: Check = (value) => {
  if (!isPlain(value)) return undefined
  const [name = ''] = wordsOf(value.replace(/^[-@:+!|]+/, ''))
  if (!name.includes('/') || name.startsWith('/')) return undefined
  return { message: `Neither a valid executable name nor an absolute path: ${name}`, fatal: true }
}

const ACTIONS = words(
  'none reboot reboot-force reboot-immediate poweroff poweroff-force poweroff-immediate exit exit-force',
)
const NEWER_ACTIONS = words('soft-reboot soft-reboot-force kexec kexec-force halt halt-force halt-immediate')

const action: Check = (value, key) =>
  ACTIONS.has(value) || NEWER_ACTIONS.has(value) ? undefined : ignoring(`Failed to parse ${key}=`, value)

/** What cannot be a number of bytes, whatever its size. */
const isNoSize = (value: string): boolean => !/^(infinity|.*%|\s*[-+\d.]*[\d.][BKMGTPE\d\s.-]*)?$/.test(value)

const memory: Check = (value) =>
  isNoSize(value) ? { message: `Invalid memory limit '${value}', ignoring: Invalid argument`, fatal: false } : undefined

const weight =
  (what: string, word: string): Check =>
  (value) =>
    value === '' || value === word || /\d/.test(value) ? undefined : ignoring(`Invalid ${what}`, value)

const JOB_MODES = 'fail replace replace-irreversibly isolate flush ignore-dependencies ignore-requirements'

/** Check -> the options that it reads, of all sections (`systemd --dump-configuration-items` says which kind each is). */
const CHECKS: readonly (readonly [Check, string])[] = [
  [
    parsed('boolean value', (value) => BOOLEAN.test(value)),
    `Accept AllowIsolate BlockIOAccounting Broadcast CPUAccounting CPUSchedulingResetOnFork DefaultDependencies
    FixedRandomDelay FlushPending ForceUnmount FreeBind GuessMainPID IOAccounting IPAccounting IgnoreOnIsolate
    IgnoreSIGPIPE KeepAlive LazyUnmount LockPersonality MakeDirectory MemoryAccounting MemoryDenyWriteExecute NoDelay
    NoNewPrivileges NonBlocking OnClockChange OnTimezoneChange PassCredentials PassPacketInfo PassSecurity
    PermissionsStartOnly Persistent PrivateDevices PrivateIPC PrivateMounts PrivateNetwork PrivateTmp PrivateUsers
    ProtectClock ProtectControlGroups ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables
    ReadWriteOnly RefuseManualStart RefuseManualStop RemainAfterElapse RemainAfterExit RemoveIPC RemoveOnStop
    RestrictRealtime RestrictSUIDSGID ReusePort RootDirectoryStartOnly SELinuxContextFromNet SendSIGHUP SendSIGKILL
    SloppyOptions StopWhenUnneeded SyslogLevelPrefix TTYReset TTYVHangup TTYVTDisallocate TasksAccounting Transparent
    WakeSystem Writable`,
  ],
  [
    parsed('sec value', isSpan),
    `AccuracySec DeferAcceptSec KeepAliveIntervalSec KeepAliveTimeSec LogRateLimitIntervalSec RandomizedDelaySec
    RestartSec RuntimeMaxSec RuntimeRandomizedExtraSec StartLimitInterval StartLimitIntervalSec TimeoutCleanSec
    TriggerLimitIntervalSec WatchdogSec`,
  ],
  [parsed('time value', isSpan), 'TimeoutIdleSec TimeoutStopSec'],
  [
    (value, key) => (isSpan(value) ? undefined : ignoring(`Failed to parse ${key}= parameter`, value)),
    'JobRunningTimeoutSec JobTimeoutSec TimeoutStartSec',
  ],
  [
    parsed('unsigned value', isUnsigned),
    `Backlog FileDescriptorStoreMax KeepAliveProbes LogRateLimitBurst MaxConnections MaxConnectionsPerSource
    StartLimitBurst TriggerLimitBurst`,
  ],
  [
    parsed('mode value', isMode),
    `CacheDirectoryMode ConfigurationDirectoryMode DirectoryMode LogsDirectoryMode RuntimeDirectoryMode SocketMode
    StateDirectoryMode UMask`,
  ],
  [
    path,
    `DirectoryNotEmpty IPCNamespacePath ListenFIFO ListenMessageQueue ListenSpecial ListenUSBFunction
    NetworkNamespacePath PathChanged PathExists PathExistsGlob PathModified SourcePath TTYPath USBFunctionDescriptors
    USBFunctionStrings Where`,
  ],
  [(value, key) => pathComplaint(value.replace(/^-/, ''), key), 'EnvironmentFile'],
  [
    conditionPath,
    ['Assert', 'Condition']
      .flatMap((word) =>
        wordsOf(
          `PathExists PathExistsGlob PathIsDirectory PathIsSymbolicLink PathIsMountPoint PathIsReadWrite PathIsEncrypted
          DirectoryNotEmpty FileNotEmpty FileIsExecutable NeedsUpdate`,
        ).map((name) => `${word}${name}`),
      )
      .join(' '),
  ],
  [eachWord(path), 'RequiresMountsFor'],
  [
    eachWord((word, key) => pathComplaint(word.replace(/^-?\+?/, ''), key)),
    `ExecPaths InaccessibleDirectories InaccessiblePaths NoExecPaths ReadOnlyDirectories ReadOnlyPaths
    ReadWriteDirectories ReadWritePaths`,
  ],
  [
    dependencies,
    `Requires Requisite Wants BindsTo BindTo Upholds Conflicts Before After OnSuccess OnFailure PropagatesReloadTo
    PropagateReloadTo ReloadPropagatedFrom PropagateReloadFrom PropagatesStopTo StopPropagatedFrom PartOf
    JoinsNamespaceOf`,
  ],
  [memory, 'DefaultMemoryLow DefaultMemoryMin MemoryHigh MemoryLimit MemoryLow MemoryMax MemoryMin MemorySwapMax'],
  [weight('CPU weight', 'idle'), 'CPUWeight StartupCPUWeight'],
  [weight('weight', ''), 'IOWeight StartupIOWeight'],
  [
    parsed('resource value', (value) => /\d|infinity/.test(value)),
    `LimitAS LimitCORE LimitCPU LimitDATA LimitFSIZE LimitLOCKS LimitMEMLOCK LimitMSGQUEUE LimitNICE LimitNOFILE
    LimitNPROC LimitRSS LimitRTPRIO LimitRTTIME LimitSIGPENDING LimitSTACK`,
  ],
  [
    parsed('timer value', (value) => value === '' || isSpan(value)),
    'OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec',
  ],
  [
    parsed('signal name', (value) => /^[A-Z0-9+x-]+$/.test(value)),
    'FinalKillSignal KillSignal RestartKillSignal WatchdogSignal',
  ],
  [eachWord(url), 'Documentation'],
  [eachWord(assignment), 'Environment'],
  [command, 'ExecCondition ExecStartPre ExecStart ExecStartPost ExecReload ExecStop ExecStopPost ExecStopPre'],
  [action, 'FailureAction JobTimeoutAction StartLimitAction SuccessAction'],
  [oneOf('job mode', JOB_MODES), 'OnFailureJobMode OnSuccessJobMode'],
  [oneOf('garbage collection mode', 'inactive inactive-or-failed'), 'CollectMode'],
  [oneOf('timeout failure mode', 'terminate abort kill'), 'TimeoutStartFailureMode TimeoutStopFailureMode'],
  [oneOf('service exit type', 'main cgroup'), 'ExitType'],
  [oneOf('notify access specifier', 'none main exec all'), 'NotifyAccess'],
  [oneOf('OOM policy', 'continue stop kill'), 'OOMPolicy'],
  [oneOf('keyring mode', 'inherit private shared'), 'KeyringMode'],
  [oneOf('/proc/ protection mode', 'noaccess invisible ptraceable default'), 'ProtectProc'],
  [oneOf('/proc/ subset mode', 'all pid'), 'ProcSubset'],
  [oneOf('utmp mode', 'init login user'), 'UtmpMode'],
  [oneOf('device policy', 'auto closed strict'), 'DevicePolicy'],
  [parsed('protect system value', (value) => /^(strict|full)$/.test(value) || BOOLEAN.test(value)), 'ProtectSystem'],
  [parsed('protect home value', (value) => /^(read-only|tmpfs)$/.test(value) || BOOLEAN.test(value)), 'ProtectHome'],
  [parsed('input specifier', isStream(`${BOTH} tty-force tty-fail data`, /^(fd|file):/)), 'StandardInput'],
  [
    parsed(
      'output specifier',
      isStream(
        `${BOTH} inherit journal kmsg syslog journal+console kmsg+console syslog+console fd`,
        /^(fd|file|append|truncate):/,
      ),
    ),
    'StandardOutput StandardError',
  ],
]

const CHECK_OF: ReadonlyMap<string, Check> = new Map(
  CHECKS.flatMap(([check, keys]) => wordsOf(keys).map((key) => [key, check] as const)),
)

/** What systemd 252 has against a value, as far as the file alone gives it away; a specifier is for the host to fill in. */
/** Of a value that is longer than any number, span or list that somebody means, systemd itself says what it thinks. */
const LONGEST = 4_096

export function complaintsOfValue(key: string, value: string): readonly Omit<Complaint, 'line'>[] {
  const said = value.length > LONGEST ? undefined : CHECK_OF.get(key)?.(value, key)
  return said === undefined ? [] : [said].flat()
}
