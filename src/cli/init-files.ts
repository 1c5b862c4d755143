export interface InitFile {
  readonly path: string
  readonly content: string
  readonly about: string
  readonly secret?: boolean
}

/** What `init` writes: the settings first, for they are what must not be there yet. */
export function initFiles(of: { readonly repository: string; readonly key: string }): readonly InitFile[] {
  return [
    {
      path: 'swarmkeeper.config.yaml',
      content: settings(of),
      about: 'your settings; keep the key, and keep it secret',
      secret: true,
    },
    {
      path: '.gitignore',
      content: 'swarmkeeper.config.yaml\n.swarmkeeper/\n',
      about: 'what is yours stays out of git',
    },
    { path: 'swarmkeeper.yaml', content: FLEET, about: 'the fleet' },
    { path: 'targets/local.yaml', content: TARGET, about: 'the Swarm of this machine' },
    { path: 'apps/hello/hello.yaml', content: HELLO, about: 'an app: a network, a config and a service' },
    { path: 'apps/hello/index.html', content: PAGE, about: 'the page that it serves' },
  ]
}

const settings = ({ repository, key }: { readonly repository: string; readonly key: string }): string => `\
# The operator's settings of swarmkeeper: not part of the config repository.
# Every value can come from the environment instead: SWARMKEEPER_KEY, SWARMKEEPER_REPOSITORY_URL, ...
install: main
# Tells contents of secrets apart without storing them. With another key every secret looks changed: keep a copy.
key:
  value: ${key}
repository:
  url: ${repository}
  branch: main
# What checks of the repository may connect to.
allowedAddresses: ["127.0.0.1:8080"]
`

const FLEET = `\
kind: Fleet
version: 1
drift: safe
`

const TARGET = `\
kind: Swarm
name: local
endpoints: [unix:///var/run/docker.sock]
`

const HELLO = `\
kind: Network
name: hello
---
kind: Config
name: hello-page
file: index.html
---
kind: Service
name: hello
image: busybox:1.37
command: httpd -f -p 8080 -h /www
networks: [hello]
configs: [{ source: hello-page, target: /www/index.html }]
ports: [{ target: 8080, published: 8080, mode: host }]
update: { parallelism: 1, monitor: 5s, order: stop-first }
keeper:
  checks: [{ http: { url: "http://127.0.0.1:8080/", status: 200 } }]
`

const PAGE = `\
<!doctype html>
<title>hello</title>
<p>Change me, commit, and apply.</p>
`
