/** A file as somebody put it onto a host. */
interface HandMade {
  readonly text: string
  readonly owner?: string
  readonly mode?: string
}

const IDLE = '#!/bin/sh\nexec sleep infinity\n'

/** Binaries are copies of what is there: of no package at their path. */
export const PREPARE = `
set -eu
useradd --system --home-dir /opt/zerg --shell /usr/sbin/nologin zerg
useradd --create-home --shell /bin/bash --comment 'Runs the agents' hal
groupadd hal-readers
usermod -aG hal-readers hal
install -d -o zerg -g zerg /opt/zerg
install -d -m 0750 /opt/dspy/bin
for name in env-manager orchestrator; do install -m 0755 /usr/bin/sleep "/opt/dspy/bin/$name"; done
install -m 0755 /usr/bin/sleep /usr/local/bin/hal-supervisor
`

/** Three systems of agents as they stand on their machines, and what else people put there. */
export const FILES: Readonly<Record<string, HandMade>> = {
  // a web backend with its settings in a closed file, and a worker per queue
  '/usr/local/bin/uv': { text: IDLE, mode: '0755' },
  '/opt/zerg/.env': { text: 'JWT_SECRET=hunter2hunter2\nDAILY_RUNS_PER_USER="50"\n', owner: 'zerg:zerg', mode: '0600' },
  '/opt/zerg/limits.env': { text: 'DAILY_RUNS_PER_USER="50"\n', owner: 'zerg:zerg' },
  '/etc/systemd/system/zerg-backend.service': {
    text: `[Unit]
Description=Backend
After=network.target postgresql.service

[Service]
Type=simple
User=zerg
Group=zerg
WorkingDirectory=/opt/zerg
EnvironmentFile=/opt/zerg/.env
EnvironmentFile=-/opt/zerg/limits.env
ExecStart=/usr/local/bin/uv run uvicorn zerg.main:app --host 0.0.0.0 --port 47300
Restart=always
RestartSec=10

# where it is looked for
StandardOutput=journal

[Install]
WantedBy=multi-user.target
`,
  },
  '/etc/systemd/system/zerg-worker@.service': {
    text: `[Unit]
Description=Worker of the queue %i
PartOf=zerg-backend.service

[Service]
User=zerg
ExecStart=/usr/local/bin/uv run worker --queue %i
Restart=on-failure
WatchdogSec=0

[Install]
WantedBy=multi-user.target
`,
  },
  // a supervisor with a drop-in of its own and settings in JSON, which hold a token
  '/etc/hal/supervisor.config.json': { text: '{ "server": { "port": 8420, "auth_token": "0123456789abcdef" } }\n' },
  '/etc/hal/supervisor.env': { text: 'LOG_LEVEL=info\nDB_PATH=/var/lib/hal/supervisor.db\n' },
  '/etc/systemd/system/hal-supervisor.service': {
    text: `[Unit]
Description=Supervisor of agents

[Service]
User=hal
EnvironmentFile=/etc/hal/supervisor.env
ExecStart=/usr/local/bin/hal-supervisor infinity
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
MemoryMax=2G
NoNewPrivileges=yes
ProtectSystem=full

[Install]
WantedBy=multi-user.target
`,
  },
  '/etc/systemd/system/hal-supervisor.service.d/override.conf': {
    text: '[Service]\nLimitNOFILE=65536\n# more than it needs\nMemoryMax=512M\n',
  },
  // two daemons that hang on one another, and their target
  '/opt/dspy/env-manager.toml': { text: 'grpc_addr = "0.0.0.0:50100"\n', mode: '0640' },
  '/etc/systemd/system/env-manager.service': {
    text: `[Unit]
Description=Environments
PartOf=dspy-agent.target

[Service]
ExecStart=/opt/dspy/bin/env-manager infinity
Restart=on-failure
CPUQuota=200%
MemoryLimit=1G
TasksMax=1000

[Install]
WantedBy=dspy-agent.target
`,
  },
  '/etc/systemd/system/orchestrator.service': {
    text: `[Unit]
Description=Tasks
Requires=env-manager.service
After=env-manager.service
PartOf=dspy-agent.target

[Service]
Environment="ORCHESTRATOR_GRPC_ADDR=:50052"
Environment="ENV_MANAGER_ADDR=localhost:50100"
ExecStart=/opt/dspy/bin/orchestrator infinity

[Install]
WantedBy=dspy-agent.target
`,
  },
  '/etc/systemd/system/dspy-agent.target': {
    text: '[Unit]\nDescription=All of it\nWants=env-manager.service orchestrator.service\n\n[Install]\nWantedBy=multi-user.target\n',
  },
  // what every machine gathers
  '/usr/local/sbin/backup': { text: '#!/bin/sh\n# every night, at a price of $5\nexec true\n', mode: '0755' },
  '/etc/systemd/system/backup.service': {
    text: '[Unit]\nDescription=Backup\n\n[Service]\nType=oneshot\nExecStart=/usr/local/sbin/backup\n',
  },
  '/etc/systemd/system/backup.timer': {
    text: '[Timer]\nOnCalendar=03:00\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n',
  },
  '/etc/systemd/system/echo.socket': {
    text: '[Socket]\nListenStream=/run/echo.sock\nAccept=yes\n\n[Install]\nWantedBy=sockets.target\n',
  },
  '/etc/systemd/system/echo@.service': {
    text: '[Service]\nExecStart=-/bin/cat\nStandardInput=socket\nDynamicUser=yes\n',
  },
  '/etc/systemd/system/lazy.socket': {
    text: '[Socket]\nListenStream=/run/lazy.sock\n\n[Install]\nWantedBy=sockets.target\n',
  },
  '/etc/systemd/system/lazy.service': { text: '[Service]\nExecStart=/bin/sleep infinity\n' },
  '/etc/systemd/system/watched.path': {
    text: '[Path]\nPathExists=/run/please\n\n[Install]\nWantedBy=multi-user.target\n',
  },
  '/etc/systemd/system/watched.service': { text: '[Service]\nType=oneshot\nExecStart=/bin/rm -f /run/please\n' },
  '/etc/systemd/system/scratch.mount': {
    text: '[Mount]\nWhat=tmpfs\nWhere=/scratch\nType=tmpfs\nOptions=size=1m\n\n[Install]\nWantedBy=local-fs.target\n',
  },
  '/etc/systemd/system/agents.slice': { text: '[Slice]\nMemoryMax=1G\n' },
  '/etc/systemd/system/once.service': {
    text: '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n\n[Install]\nWantedBy=multi-user.target\n',
  },
  '/etc/systemd/system/asleep.service': {
    text: '[Service]\nExecStart=/bin/sleep infinity\nRestart=no\n\n[Install]\nWantedBy=multi-user.target\n',
  },
  '/etc/systemd/system/odd\\x2dname:1.service': { text: '[Service]\nExecStart=/bin/sleep infinity\n' },
  '/etc/systemd/system/windows.service': {
    text: '\uFEFF[Service]\r\nExecStart=/bin/sleep \\\r\n  infinity\r\nUnknownKey=1\r\n',
  },
  '/usr/local/lib/systemd/system/elsewhere.service': {
    text: '[Service]\nExecStart=/bin/sleep infinity\n\n[Install]\nWantedBy=multi-user.target\n',
  },
  '/opt/linked/linked.service': { text: '[Service]\nExecStart=/bin/sleep infinity\n' },
  // of a package, but for this
  '/etc/systemd/system/ssh.service.d/10-limits.conf': { text: '[Service]\nLimitNOFILE=4096\n' },
  '/etc/systemd/system/service.d/all.conf': { text: '[Unit]\nX-Said-By=somebody\n' },
  // supervisord's
  '/opt/zerg/agent.sh': { text: IDLE, owner: 'zerg:zerg', mode: '0755' },
  '/etc/supervisor/conf.d/agents.conf': {
    text: `; both of them
[program:agent]
command=/opt/zerg/agent.sh --depth 3 ; three is enough
numprocs=2
process_name=%(program_name)s_%(process_num)02d
user=zerg
environment=DEPTH="3",GREETING="hello, world"

[program:reader]
command=/bin/sleep infinity
autorestart=false

[group:agents]
programs=agent,reader
`,
  },
  '/etc/supervisor/conf.d/manual.conf': { text: '[program:manual]\ncommand=/bin/sleep infinity\nautostart=false\n' },
  '/etc/supervisor/conf.d/idle.conf': { text: '[program:idle]\ncommand=/bin/sleep infinity\n' },
}

/** What is there and cannot be taken over as it is. */
export const TROUBLED: Readonly<Record<string, HandMade>> = {
  '/etc/systemd/system/leaky.service': {
    text: '[Service]\nEnvironment=OPENAI_API_KEY=sk-hunter2hunter2 PORT=80\nExecStart=/bin/sleep infinity\n',
  },
  '/etc/systemd/system/commented.service': {
    text: '[Service]\n# Environment=DB_PASSWORD=hunter2hunter2\nExecStart=/bin/sleep infinity\n',
  },
  '/etc/systemd/system/optioned.service': {
    text: '[Service]\nExecStart=/bin/sh -c "exec sleep infinity" x --api-key=hunter2hunter2\n',
  },
  '/etc/systemd/system/broken.service': { text: '[Service]\nExecStart=/bin/false\n' },
  '/etc/systemd/system/looping.service': {
    text: '[Unit]\nStartLimitIntervalSec=0\n\n[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=3600\n',
  },
  '/etc/systemd/system/edited.service': { text: '[Service]\nExecStart=/bin/sleep infinity\n' },
  '/etc/supervisor/conf.d/leaky.conf': {
    text: '[program:leaky]\ncommand=/bin/sleep infinity\nenvironment=API_TOKEN="hunter2hunter2"\n',
  },
  '/etc/supervisor/conf.d/fatal.conf': {
    text: '[program:fatal]\ncommand=/bin/false\nstartretries=0\nstartsecs=1\n',
  },
}

export const STARTED = [
  'zerg-backend.service',
  'zerg-worker@mail.service',
  'zerg-worker@calls.service',
  'hal-supervisor.service',
  'dspy-agent.target',
  'backup.timer',
  'echo.socket',
  'lazy.socket',
  'watched.path',
  'scratch.mount',
  'once.service',
  'odd\\x2dname:1.service',
  'windows.service',
  'elsewhere.service',
  'linked.service',
  'leaky.service',
  'commented.service',
  'optioned.service',
  'edited.service',
]

export const ENABLED = [
  'zerg-backend.service',
  'zerg-worker@mail.service',
  'hal-supervisor.service',
  'dspy-agent.target',
  'backup.timer',
  'echo.socket',
  'lazy.socket',
  'scratch.mount',
  'elsewhere.service',
]
