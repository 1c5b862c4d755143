import type { Reason } from './error.ts'

/** Intent is journalled before each write: whatever was cut short is found again (rule 14). */
export const INTERRUPTED = 'nothing is lost: the next apply looks at what is there, and goes on'

const MEND = 'mend it with a commit; `swarmkeeper logs ID` shows what it said last'

/** What a person can do, where the one who reports an error knows nothing better. */
export const TODO_OF: Readonly<Record<Reason, string>> = {
  InvalidSettings: 'correct the settings; `swarmkeeper doctor` checks them',
  InvalidDesired: 'correct it; `swarmkeeper validate` shows every problem before you push',
  SourceUnreachable: 'check the url of the repository, the network and its credential',
  SourceRefused: 'take it out of the repository; `swarmkeeper validate` shows where it stands',
  RevisionNotDescendant: 'see what was pushed; `swarmkeeper plan` names the confirmation that accepts it',
  TargetUnreachable: 'check its endpoint, credential and network; the next apply goes on from what is there',
  LoginRefused: 'check user and credential of the host, and that its authorized_keys hold the public key',
  RootRefused:
    'let sudo run without a password for this user (NOPASSWD), or log in as root; `become: none` only observes',
  TimedOut: 'see what the host is busy with; the next apply looks at what is there, and goes on',
  TargetMismatch: 'find out which Swarm answers there before anything is applied: `swarmkeeper doctor`',
  TargetRefused: 'correct what the target refuses; the next apply tries again',
  VersionConflict: 'nothing: the next apply observes it and plans again',
  Unschedulable: 'make room, or change what it asks for; the next apply tries again',
  ImageUnresolved: 'push the image, or correct its name; the next apply looks it up again',
  RegistryRefused: 'name a credential for that registry under `registries` of the Swarm document',
  ArtifactUnavailable:
    'correct `url` or `sha256` of the Artifact, or allow its address under `allowedAddresses` in the settings',
  Conflict: '`keeper: {adopt: true}` in its document, or `swarmkeeper apply --adopt ID`, takes over what exists',
  DataChange: '`keeper: {moved: {from: …}}` in its document says that it is meant',
  DependencyNotReady: 'it goes on by itself once that is there; `swarmkeeper status` shows what it waits for',
  HealthCheckFailed: MEND,
  ProgressDeadlineExceeded: MEND,
  TaskFailed: MEND,
  JobFailed: MEND,
  RolledBackBySwarm: MEND,
  GuardHeld: '`swarmkeeper plan` names the guard, and the confirmation that goes past it',
  LeaseHeld: 'another run writes there now: wait until it is done; one that died is taken over after a minute',
  LeaseLost: 'make sure that one install runs once; the next apply goes on from what is there',
  Superseded: 'nothing: the newer revision goes on from what is there',
  ReportUnreachable: 'nothing: what is to be said is kept, and sent when it answers again',
  ReportRefused: 'check its address and login in the settings; `swarmkeeper doctor` tries them',
  NotAllowed: 'use a token with the scope that this needs, or ask somebody who may',
  StoreLocked:
    'wait until the other run ends; a daemon is asked with --remote URL, or `client` in the settings (`swarmkeeper reconcile`); ' +
    '`swarmkeeper status` and `swarmkeeper history` work meanwhile',
  StoreTooNew: 'run the newer swarmkeeper that wrote it; `status` and `history` of this one still read it',
  RecordDisagrees: 'swarmkeeper rebuild',
  Aborted: INTERRUPTED,
  NotFound: '`swarmkeeper status` lists what there is',
  Usage: 'add --help to the command to see what can be said',
}
