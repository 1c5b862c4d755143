// Generated from schemas/agent.json by `npm run schemas`. Do not edit.

/**
 * A length of time, with its unit: ns, us, ms, s, m, h or d. At most 100 days.
 */
export type Duration = string
/**
 * `[published:]target[/protocol]`, ranges with a dash, a target alone, or the long form.
 */
export type Port =
  | string
  | number
  | {
      /**
       * Port inside the container.
       */
      readonly target: number
      /**
       * Port outside; absent or 0: Swarm chooses one.
       */
      readonly published?: number
      /**
       * Transport protocol.
       */
      readonly protocol?: 'tcp' | 'udp' | 'sctp'
      /**
       * `ingress`: on every node, routed to a task; `host`: only on the nodes that run a task.
       */
      readonly mode?: 'ingress' | 'host'
      /**
       * A name for the port.
       */
      readonly name?: string
    }
/**
 * Name of a Network document, `host`, or the long form.
 */
export type Network =
  | string
  | {
      /**
       * Name of a Network document, or `host`.
       */
      readonly name: string
      /**
       * Further DNS names in that network.
       */
      readonly aliases?: ReadonlyArray<string>
      /**
       * Options of the network driver for this attachment.
       */
      readonly driverOptions?: {
        readonly [k: string]: string | number | boolean
      }
    }
/**
 * `source:target[:options]` or the long form. A source with a slash in front is a host path, others are volumes.
 */
export type Mount =
  | string
  | {
      /**
       * What is mounted.
       */
      readonly type?: 'volume' | 'bind' | 'tmpfs' | 'npipe' | 'cluster'
      /**
       * Volume name, host path, pipe, or cluster volume; absent: an anonymous volume, or tmpfs.
       */
      readonly source?: string
      /**
       * Absolute path in the container.
       */
      readonly target: string
      /**
       * The container cannot write to it.
       */
      readonly readOnly?: boolean
      /**
       * bind: how mounts below it propagate.
       */
      readonly propagation?: 'rprivate' | 'private' | 'rshared' | 'shared' | 'rslave' | 'slave'
      /**
       * bind: mounts below the source are left out.
       */
      readonly nonRecursive?: boolean
      /**
       * bind: the host path is made where it is missing.
       */
      readonly createMountpoint?: boolean
      /**
       * bind: read-only, but mounts below it stay writable.
       */
      readonly readOnlyNonRecursive?: boolean
      /**
       * bind: read-only with everything below, or an error.
       */
      readonly readOnlyForceRecursive?: boolean
      /**
       * volume: an empty volume is not filled from the image.
       */
      readonly noCopy?: boolean
      /**
       * volume: labels of a volume that is made for this mount.
       */
      readonly labels?: {
        readonly [k: string]: string | number | boolean
      }
      /**
       * volume: driver of a volume that is made for this mount.
       */
      readonly driver?: string
      /**
       * volume: options of that driver.
       */
      readonly driverOptions?: {
        readonly [k: string]: string | number | boolean
      }
      /**
       * volume: a folder inside of it.
       */
      readonly subpath?: string
      readonly size?: Size
      /**
       * tmpfs: file mode in octal, quoted.
       */
      readonly mode?: string
      /**
       * tmpfs: mount options.
       */
      readonly options?: ReadonlyArray<string>
    }
/**
 * Bytes, as a number or with a unit: k, m, g, t, p, with or without `iB` or `b`. Every unit is a power of 1024, as Docker reads them.
 */
export type Size = string | number
/**
 * Name of a Secret document, or the long form.
 */
export type SecretRef =
  | string
  | {
      /**
       * Name of the Secret document.
       */
      readonly source: string
      /**
       * Path; relative ones are below /run/secrets. The name where absent.
       */
      readonly target?: string
      /**
       * Owner of the file.
       */
      readonly uid?: string
      /**
       * Group of the file.
       */
      readonly gid?: string
      /**
       * File mode in octal, quoted; 0444 where absent.
       */
      readonly mode?: string
    }
/**
 * Name of a Config document, or the long form.
 */
export type ConfigRef =
  | string
  | {
      /**
       * Name of the Config document.
       */
      readonly source: string
      /**
       * Path; relative ones are below /. The name where absent.
       */
      readonly target?: string
      /**
       * Owner of the file.
       */
      readonly uid?: string
      /**
       * Group of the file.
       */
      readonly gid?: string
      /**
       * File mode in octal, quoted; 0444 where absent.
       */
      readonly mode?: string
    }
/**
 * Processors, in parts of one down to a billionth.
 */
export type Cpus = number | string
/**
 * A length of time, with its unit: ns, us, ms, s, m, h or d. At most 100 days.
 */
export type Duration1 = string
/**
 * Both limits as one number, or soft and hard apart; -1: none.
 */
export type Ulimit =
  | number
  | {
      /**
       * What applies at first.
       */
      readonly soft: number
      /**
       * How far a process may raise it.
       */
      readonly hard: number
    }
/**
 * A name that people choose: letters, digits, dots, dashes and underscores, beginning and ending with a letter or digit.
 */
export type Name = string
/**
 * The unit file as it is. Absent: the unit is there already, and only its drop-ins and its state are ours.
 */
export type Path = string
/**
 * A file of the repository, relative to the file in which this is written. It may not leave the repository.
 */
export type Path1 = string
/**
 * A file of the repository, relative to the file in which this is written. It may not leave the repository.
 */
export type Path2 = string

/**
 * An agent: what runs, with its model, instructions and tools, its schedule and the budget that it lives on. It becomes a Service, a Unit or a Program.
 */
export interface Agent {
  /**
   * The type of this document.
   */
  readonly kind: 'Agent'
  /**
   * Name of the agent, and of the service, unit or program that it becomes.
   */
  readonly name: string
  readonly keeper?: Keeper
  /**
   * What it is for; people read it in reports.
   */
  readonly description?: string
  /**
   * What runs: exactly one of a service, a unit or a program. It is called as the agent is.
   */
  readonly run: {
    /**
     * A Service without a name.
     */
    readonly service?: {
      /**
       * Name of the Swarm that it lives on; optional where the fleet has one.
       */
      readonly target?: string
      /**
       * Reference with a tag or digest. A tag is resolved to its digest when this line changes.
       */
      readonly image: string
      /**
       * `never` for an image that only the nodes have: its tag is not looked up.
       */
      readonly resolve?: 'digest' | 'never'
      /**
       * How many tasks, and whether they end.
       */
      readonly mode?: 'replicated' | 'global' | 'replicated-job' | 'global-job'
      /**
       * Tasks of a replicated service, 1 where absent. `unmanaged` leaves the live number.
       */
      readonly replicas?: number | 'unmanaged'
      /**
       * replicated-job: tasks that must end well.
       */
      readonly completions?: number
      /**
       * replicated-job: tasks at the same time.
       */
      readonly maxConcurrent?: number
      /**
       * Published ports.
       */
      readonly ports?: ReadonlyArray<Port>
      /**
       * `vip`: one virtual address; `dnsrr`: DNS answers with those of the tasks.
       */
      readonly endpointMode?: 'vip' | 'dnsrr'
      /**
       * Variables as a map, or a list of `KEY=value`. A null takes a variable of the image away.
       */
      readonly env?:
        | {
            readonly [k: string]: string | number | boolean | null
          }
        | ReadonlyArray<string>
      /**
       * Files of `KEY=value` lines; `env` goes before them, later files before earlier ones.
       */
      readonly envFile?: string | ReadonlyArray<string>
      /**
       * Nodes that a task may run on.
       */
      readonly constraints?: ReadonlyArray<string>
      /**
       * Node properties over whose values tasks are spread evenly.
       */
      readonly spread?: ReadonlyArray<string>
      /**
       * Most tasks on one node; 0: no limit.
       */
      readonly maxReplicasPerNode?: number
      /**
       * `os/architecture` that a node must have; absent: those of the image.
       */
      readonly platforms?: ReadonlyArray<string>
      /**
       * The service's own labels. Labels of others on the live service stay.
       */
      readonly labels?: {
        readonly [k: string]: string | number | boolean
      }
      /**
       * Labels of its containers; a change restarts.
       */
      readonly containerLabels?: {
        readonly [k: string]: string | number | boolean
      }
      /**
       * Networks that it is attached to.
       */
      readonly networks?: ReadonlyArray<Network>
      /**
       * Volumes, host paths and memory in the container.
       */
      readonly mounts?: ReadonlyArray<Mount>
      /**
       * Arguments, in place of the image's: a list, or a text split as a shell does (quotes, no expansion).
       */
      readonly command?: string | ReadonlyArray<string>
      /**
       * Program, in place of the image's entry point.
       */
      readonly entrypoint?: string | ReadonlyArray<string>
      /**
       * Secrets in its containers.
       */
      readonly secrets?: ReadonlyArray<SecretRef>
      /**
       * Configs in its containers.
       */
      readonly configs?: ReadonlyArray<ConfigRef>
      /**
       * What a task may use, and what a node must have free for it.
       */
      readonly resources?: {
        /**
         * What a task may use.
         */
        readonly limits?: {
          readonly cpus?: Cpus
          readonly memory?: Size
          /**
           * Most processes.
           */
          readonly pids?: number
        }
        /**
         * What a node must have free.
         */
        readonly reservations?: {
          readonly cpus?: Cpus
          readonly memory?: Size
          /**
           * Resources that nodes advertise, by kind.
           */
          readonly generic?: {
            readonly [k: string]: number
          }
        }
      }
      /**
       * In place of the image's. Absent fields are the image's.
       */
      readonly healthcheck?: {
        /**
         * A text for the shell, or a list that begins with CMD, CMD-SHELL or NONE.
         */
        readonly test?: string | ReadonlyArray<string>
        readonly interval?: Duration
        readonly timeout?: Duration
        readonly startPeriod?: Duration
        readonly startInterval?: Duration
        /**
         * Failures in a row that make it unhealthy.
         */
        readonly retries?: number
        /**
         * Switches the image's check off.
         */
        readonly disable?: boolean
      }
      readonly update?: UpdatePolicy
      readonly rollback?: UpdatePolicy1
      /**
       * What happens when a task ends.
       */
      readonly restart?: {
        /**
         * When it is started again.
         */
        readonly condition?: 'any' | 'on-failure' | 'none'
        readonly delay?: Duration
        /**
         * Most attempts; 0: no limit.
         */
        readonly maxAttempts?: number
        readonly window?: Duration
      }
      /**
       * Signal that asks it to stop.
       */
      readonly stopSignal?: string
      readonly stopGracePeriod?: Duration1
      /**
       * Where its output goes; absent: the engine's default.
       */
      readonly logging?: {
        /**
         * Name of the log driver.
         */
        readonly driver?: string
        /**
         * Options of the driver.
         */
        readonly options?: {
          readonly [k: string]: string | number | boolean
        }
      }
      /**
       * Host name of its containers; may be a template.
       */
      readonly hostname?: string
      /**
       * User that it runs as: name or id, and group.
       */
      readonly user?: string
      /**
       * Further groups of its processes.
       */
      readonly groups?: ReadonlyArray<string>
      /**
       * Where it starts.
       */
      readonly workingDir?: string
      /**
       * Gives it a terminal.
       */
      readonly tty?: boolean
      /**
       * Keeps its standard input open.
       */
      readonly stdin?: boolean
      /**
       * Its root file system cannot be written.
       */
      readonly readOnly?: boolean
      /**
       * Runs a small init as its first process.
       */
      readonly init?: boolean
      /**
       * Lines for /etc/hosts: name to address, or a list of `name:address`.
       */
      readonly hosts?:
        | {
            readonly [k: string]: string | ReadonlyArray<string>
          }
        | ReadonlyArray<string>
      /**
       * Name resolution in its containers.
       */
      readonly dns?: {
        /**
         * Addresses.
         */
        readonly nameservers?: ReadonlyArray<string>
        /**
         * Search domains.
         */
        readonly search?: ReadonlyArray<string>
        /**
         * Resolver options.
         */
        readonly options?: ReadonlyArray<string>
      }
      /**
       * Isolation technology of Windows containers.
       */
      readonly isolation?: 'default' | 'process' | 'hyperv'
      /**
       * Kernel parameters of its namespaces.
       */
      readonly sysctls?: {
        readonly [k: string]: string | number | boolean
      }
      /**
       * Linux capabilities that it gets.
       */
      readonly capAdd?: ReadonlyArray<string>
      /**
       * Linux capabilities that it loses.
       */
      readonly capDrop?: ReadonlyArray<string>
      /**
       * By name of the limit.
       */
      readonly ulimits?: {
        readonly [k: string]: Ulimit
      }
      /**
       * How readily the kernel kills it when memory is short.
       */
      readonly oomScoreAdj?: number
      /**
       * Windows: exactly one of the three.
       */
      readonly credentialSpec?: {
        /**
         * Name of a Config document.
         */
        readonly config?: string
        /**
         * File in the engine's CredentialSpecs folder.
         */
        readonly file?: string
        /**
         * Value in the Windows registry.
         */
        readonly registry?: string
      }
      /**
       * SELinux labels of its containers.
       */
      readonly selinux?: {
        /**
         * Switches SELinux off for it.
         */
        readonly disable?: boolean
        /**
         * SELinux user.
         */
        readonly user?: string
        /**
         * SELinux role.
         */
        readonly role?: string
        /**
         * SELinux type.
         */
        readonly type?: string
        /**
         * SELinux level.
         */
        readonly level?: string
      }
      /**
       * System calls that it may make.
       */
      readonly seccomp?: {
        /**
         * The default profile, none, or one of your own.
         */
        readonly mode: 'default' | 'unconfined' | 'custom'
        /**
         * custom: path of the profile, a JSON file of the repository.
         */
        readonly profile?: string
      }
      /**
       * Whether its AppArmor profile applies.
       */
      readonly apparmor?: 'default' | 'disabled'
      /**
       * Its processes cannot gain privileges.
       */
      readonly noNewPrivileges?: boolean
      /**
       * Accepted and named as not ours: swarmkeeper does not build images.
       */
      readonly build_context?: string
    }
    /**
     * A systemd service without a name: `hosts`, its `file` and the rest of a Unit.
     */
    readonly unit?: {
      /**
       * Where it lives: names of hosts, or labels that a host must all have. It is one resource for each host; a selector that matches none is an error.
       */
      readonly hosts:
        | ReadonlyArray<Name>
        | {
            readonly [k: string]: string | number | boolean
          }
      /**
       * How a change goes over the hosts.
       */
      readonly rollout?: {
        /**
         * Hosts that are changed, and proven, before all others. Absent: 0.
         */
        readonly canary?: number
        /**
         * Hosts that are changed together after that. Absent: all.
         */
        readonly batch?: number
        readonly pause?: Duration
        /**
         * A host that does not answer: `skip` goes on without it, and it is changed when it is back; `wait` changes no further host before. Absent: skip.
         */
        readonly unreachable?: 'skip' | 'wait'
      }
      readonly file: Path
      /**
       * Files of its drop-in folder, by name; `.conf` may be left out.
       */
      readonly dropIns?: {
        readonly [k: string]: Path1
      }
      /**
       * Whether it starts at boot. Absent: it does where its file has an [Install] section.
       */
      readonly enabled?: boolean
      /**
       * It cannot be started by anyone. It has no file then.
       */
      readonly masked?: boolean
      /**
       * Whether it runs: `running` or `stopped`. Absent: running, unless it is a template, or runs to its end.
       */
      readonly state?: 'running' | 'stopped'
      /**
       * It is restarted when one of these changes: `Kind/name` on the same host, or wherever it is; `target/Kind/name` where that is ambiguous.
       */
      readonly restartOn?: ReadonlyArray<string>
      /**
       * It is reloaded when one of these changes: `Kind/name` on the same host, or wherever it is; `target/Kind/name` where that is ambiguous.
       */
      readonly reloadOn?: ReadonlyArray<string>
    }
    /**
     * A program of supervisord without a name: `hosts`, and its `conf` or its fields.
     */
    readonly program?: {
      /**
       * Where it lives: names of hosts, or labels that a host must all have. It is one resource for each host; a selector that matches none is an error.
       */
      readonly hosts:
        | ReadonlyArray<Name>
        | {
            readonly [k: string]: string | number | boolean
          }
      /**
       * How a change goes over the hosts.
       */
      readonly rollout?: {
        /**
         * Hosts that are changed, and proven, before all others. Absent: 0.
         */
        readonly canary?: number
        /**
         * Hosts that are changed together after that. Absent: all.
         */
        readonly batch?: number
        readonly pause?: Duration
        /**
         * A host that does not answer: `skip` goes on without it, and it is changed when it is back; `wait` changes no further host before. Absent: skip.
         */
        readonly unreachable?: 'skip' | 'wait'
      }
      readonly conf?: Path2
      /**
       * Whether its programs run: `running` or `stopped`. Absent: those with autostart run.
       */
      readonly state?: 'running' | 'stopped'
      /**
       * Its programs are restarted when one of these changes: `Kind/name` on the same host, or wherever it is; `target/Kind/name` where that is ambiguous.
       */
      readonly restartOn?: ReadonlyArray<string>
      /**
       * What it runs.
       */
      readonly command?: string | number | boolean
      /**
       * Name of each process, in supervisord's format.
       */
      readonly process_name?: string | number | boolean
      /**
       * How many of it run.
       */
      readonly numprocs?: string | number | boolean
      /**
       * Number of the first process.
       */
      readonly numprocs_start?: string | number | boolean
      /**
       * Lower ones start first.
       */
      readonly priority?: string | number | boolean
      /**
       * Whether it starts with supervisord.
       */
      readonly autostart?: string | number | boolean
      /**
       * Whether it is started again when it ends: true, false or unexpected.
       */
      readonly autorestart?: string | number | boolean
      /**
       * How long it must run to count as started.
       */
      readonly startsecs?: string | number | boolean
      /**
       * How often starting it is tried.
       */
      readonly startretries?: string | number | boolean
      /**
       * Expected ones.
       */
      readonly exitcodes?: string | number | boolean
      /**
       * Signal that stops it.
       */
      readonly stopsignal?: string | number | boolean
      /**
       * How long it may take to stop.
       */
      readonly stopwaitsecs?: string | number | boolean
      /**
       * Whether its whole process group is stopped.
       */
      readonly stopasgroup?: string | number | boolean
      /**
       * Whether its whole process group is killed.
       */
      readonly killasgroup?: string | number | boolean
      /**
       * Who it runs as.
       */
      readonly user?: string | number | boolean
      /**
       * Where it runs.
       */
      readonly directory?: string | number | boolean
      /**
       * Its umask, octal.
       */
      readonly umask?: string | number | boolean
      /**
       * Its environment: texts by name.
       */
      readonly environment?: {
        readonly [k: string]: string | number | boolean
      }
      /**
       * Whether its errors go to its output.
       */
      readonly redirect_stderr?: string | number | boolean
      /**
       * What it is told of where supervisord answers.
       */
      readonly serverurl?: string | number | boolean
      /**
       * A path, AUTO or NONE.
       */
      readonly stdout_logfile?: string | number | boolean
      /**
       * Size at which its log is rotated.
       */
      readonly stdout_logfile_maxbytes?: string | number | boolean
      /**
       * How many rotated logs are kept.
       */
      readonly stdout_logfile_backups?: string | number | boolean
      /**
       * Size of its capture buffer.
       */
      readonly stdout_capture_maxbytes?: string | number | boolean
      /**
       * Whether its output becomes events.
       */
      readonly stdout_events_enabled?: string | number | boolean
      /**
       * Whether its output goes to syslog.
       */
      readonly stdout_syslog?: string | number | boolean
      /**
       * A path, AUTO or NONE.
       */
      readonly stderr_logfile?: string | number | boolean
      /**
       * Size at which its log is rotated.
       */
      readonly stderr_logfile_maxbytes?: string | number | boolean
      /**
       * How many rotated logs are kept.
       */
      readonly stderr_logfile_backups?: string | number | boolean
      /**
       * Size of its capture buffer.
       */
      readonly stderr_capture_maxbytes?: string | number | boolean
      /**
       * Whether its output becomes events.
       */
      readonly stderr_events_enabled?: string | number | boolean
      /**
       * Whether its output goes to syslog.
       */
      readonly stderr_syslog?: string | number | boolean
    }
  }
  /**
   * Model that it asks; it finds it in the environment variable AGENT_MODEL.
   */
  readonly model?: string
  readonly instructions?: Path1
  /**
   * Tools that it may use; it finds them in the environment variable AGENT_TOOLS, with commas between.
   */
  readonly tools?: ReadonlyArray<string>
  /**
   * Further variables, wherever it runs. What the agent says itself (AGENT_MODEL and so on) is not said again here with another value.
   */
  readonly env?: {
    readonly [k: string]: string | number | boolean
  }
  /**
   * When it is run. Absent: it runs all the time. Between its runs nothing of it runs: no replicas, a unit that is stopped and not enabled, a program that is not started.
   */
  readonly schedule?: {
    /**
     * Minute, hour, day of the month, month, day of the week.
     */
    readonly cron: string
    /**
     * IANA name: its daylight saving counts. Absent: UTC.
     */
    readonly timezone?: string
    /**
     * What becomes of runs whose time went by while nobody could start them: `skip`, or `once` for one run in place of all. Absent: skip.
     */
    readonly missed?: 'skip' | 'once'
    readonly timeout?: Duration
  }
  /**
   * Name of the Budget that it lives on: of this app, or the only one of that name in the fleet.
   */
  readonly budget?: string
  /**
   * Names of agent policies, which this version does not enforce: a warning says so.
   */
  readonly policies?: ReadonlyArray<string>
}
/**
 * What is about swarmkeeper and not about the thing itself: ownership, order, proof, drift.
 */
export interface Keeper {
  /**
   * What is applied, and proven, before this: `Kind/name`, or `target/Kind/name` where that is ambiguous.
   */
  readonly dependsOn?: ReadonlyArray<string>
  /**
   * Promotion: a new revision of this app waits until another app has what it declares, proven, and was healthy for a time since.
   */
  readonly after?: {
    /**
     * The app that goes first.
     */
    readonly app: string
    readonly healthyFor?: Duration
  }
  /**
   * What exists live under this name and is not ours: `true` takes it over if nothing but the stamp would change, `converge` takes it over and changes what differs, `false` is a conflict.
   */
  readonly adopt?: true | false | 'converge'
  /**
   * The name or the volume of this resource is another one than before, on purpose. Of a Stack: what it is live already, and stays, so that nothing restarts.
   */
  readonly moved?: {
    /**
     * The live name that it had before. Of a Stack: the stack that all of its services are of live.
     */
    readonly from?: string
    /**
     * Of a Stack: services that are live as those of another stack, or under another name, each as STACK/SERVICE.
     */
    readonly services?: {
      readonly [k: string]: string
    }
  }
  /**
   * Whether the live thing is removed when its document is gone: `allow`, or `keep` leaves it as it is, no longer ours.
   */
  readonly prune?: 'allow' | 'keep'
  /**
   * When live differs although the desired state did not change: `safe` heals what restarts nothing and reports the rest, `heal` heals all, `report` only reports, `ignore` says nothing. Absent: as the Fleet says.
   */
  readonly drift?: 'safe' | 'heal' | 'report' | 'ignore'
  /**
   * Fields that are not ours: an update sends the live value of them.
   */
  readonly ignore?: ReadonlyArray<{
    /**
     * JSON pointer into the resource.
     */
    readonly field: string
    /**
     * Why; reports repeat it.
     */
    readonly reason: string
  }>
  /**
   * Kept at rest: a service has no tasks until this line is gone.
   */
  readonly suspend?: boolean
  /**
   * When a new revision fails: `app` rolls back even where data may have been written by the new program, `hold` never rolls back. Absent: rolls back, unless the resource has data.
   */
  readonly rollback?: 'app' | 'hold'
  /**
   * When it fails before it was ever proven: it stays for inspection, or is removed. Absent: stay.
   */
  readonly onFirstFailure?: 'stay' | 'remove'
  readonly stableFor?: Duration
  readonly bake?: Duration
  readonly timeout?: Duration
  /**
   * What must pass after each change before the stage is done.
   */
  readonly checks?: ReadonlyArray<string | InlineCheck>
}
/**
 * Asked before the resource counts as proven.
 */
export interface InlineCheck {
  /**
   * How reports name it.
   */
  readonly name?: string
  readonly http?: Http
  readonly tcp?: Tcp
  readonly command?: Command
  readonly promql?: Promql
  readonly alerts?: Alerts
}
/**
 * A request, and what must come back.
 */
export interface Http {
  /**
   * Address; the operator's settings say which are allowed.
   */
  readonly url: string
  /**
   * Request method.
   */
  readonly method?: 'GET' | 'HEAD' | 'POST'
  /**
   * Request headers.
   */
  readonly headers?: {
    readonly [k: string]: string | number | boolean
  }
  /**
   * Accepted status codes; 200 to 206 where absent.
   */
  readonly status?: number | ReadonlyArray<number>
  /**
   * Response headers: equal, or matching where written `/regex/`.
   */
  readonly expectHeaders?: {
    readonly [k: string]: string | number | boolean
  }
  /**
   * JSON pointer to the value that must stand there.
   */
  readonly json?: {
    readonly [k: string]: unknown
  }
  /**
   * Text that must be in the answer.
   */
  readonly body?: string
  /**
   * Follow up to five redirects, or judge the answer itself.
   */
  readonly redirect?: 'follow' | 'manual'
  readonly timeout?: Duration
  readonly latency?: Duration
  readonly within?: Duration
  readonly every?: Duration
  /**
   * Where the check is made from: `controller`, where swarmkeeper runs, or `host`, the Host of the document or the `target` of the check: its 127.0.0.1 is its own, and needs no allowed address.
   */
  readonly from?: 'controller' | 'host'
}
/**
 * A connection that must be accepted.
 */
export interface Tcp {
  /**
   * Name or address.
   */
  readonly host: string
  /**
   * Port.
   */
  readonly port: number
  readonly timeout?: Duration
  readonly latency?: Duration
  readonly within?: Duration
  readonly every?: Duration
  /**
   * Where the check is made from: `controller`, where swarmkeeper runs, or `host`, the Host of the document or the `target` of the check: its 127.0.0.1 is its own, and needs no allowed address.
   */
  readonly from?: 'controller' | 'host'
}
/**
 * A command that must end with 0: run once as a job of the Swarm, in an image; on a Host without one, as root.
 */
export interface Command {
  /**
   * Image that it runs in; none on a Host.
   */
  readonly image?: string
  /**
   * Arguments: a list, or a text split as a shell does.
   */
  readonly command: string | ReadonlyArray<string>
  /**
   * Names of Network documents; none on a Host.
   */
  readonly networks?: ReadonlyArray<string>
  /**
   * Variables.
   */
  readonly env?: {
    readonly [k: string]: string | number | boolean
  }
  readonly timeout?: Duration
  readonly within?: Duration
  readonly every?: Duration
}
/**
 * A query to a Prometheus, and whether it must find something.
 */
export interface Promql {
  /**
   * Name of a Prometheus.
   */
  readonly target: string
  /**
   * PromQL; a comparison filters.
   */
  readonly query: string
  /**
   * `some`: the query must find at least one series; `none`: it must find none. Absent: some.
   */
  readonly expect?: 'some' | 'none'
  readonly within?: Duration
  readonly every?: Duration
  readonly timeout?: Duration
}
/**
 * No alert of this kind may be firing.
 */
export interface Alerts {
  /**
   * Name of a Prometheus. Absent: alerts that Alertmanager sent to the daemon.
   */
  readonly target?: string
  /**
   * Labels: no alert that has all of them may be firing.
   */
  readonly none: {
    readonly [k: string]: string | number | boolean
  }
  readonly within?: Duration
  readonly every?: Duration
  readonly timeout?: Duration
}
/**
 * How an update replaces tasks.
 */
export interface UpdatePolicy {
  /**
   * Tasks at once; 0: all.
   */
  readonly parallelism?: number
  readonly delay?: Duration
  readonly monitor?: Duration
  /**
   * Stop the old task first, or start the new one first.
   */
  readonly order?: 'stop-first' | 'start-first'
  /**
   * What Swarm itself does on failure. swarmkeeper rolls back in any case.
   */
  readonly failureAction?: 'pause' | 'continue' | 'rollback'
  /**
   * Share of tasks that may fail.
   */
  readonly maxFailureRatio?: number
}
/**
 * How Swarm's own rollback replaces tasks.
 */
export interface UpdatePolicy1 {
  /**
   * Tasks at once; 0: all.
   */
  readonly parallelism?: number
  readonly delay?: Duration
  readonly monitor?: Duration
  /**
   * Stop the old task first, or start the new one first.
   */
  readonly order?: 'stop-first' | 'start-first'
  /**
   * What Swarm itself does on failure. swarmkeeper rolls back in any case.
   */
  readonly failureAction?: 'pause' | 'continue' | 'rollback'
  /**
   * Share of tasks that may fail.
   */
  readonly maxFailureRatio?: number
}
