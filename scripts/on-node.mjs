#!/usr/bin/env node
// @ts-check
// `node scripts/on-node.mjs 22 24`: the unit tests on other major versions of Node, each from npm's `node` package. The
// tree is copied, because better-sqlite3 is compiled for one version; that package brings the headers for it.
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root } from './prepare.mjs'
import { runCommand } from './run-command.mjs'

const leftOut = ['.git', 'dist', 'node_modules/better-sqlite3/build'].map((path) => join(root, path))

const majors = process.argv.slice(2)
// Through a link, the copy would be compiled where the link leads.
if (lstatSync(join(root, 'node_modules')).isSymbolicLink()) throw new Error('node_modules is a link: run npm ci')
const work = mkdtempSync(join(tmpdir(), 'swarmkeeper-on-node-'))

try {
  const trees = await Promise.all(majors.map(prepareTree))
  for (const tree of trees) if (!(await test(tree))) process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** @typedef {{major: string, tree: string, node: string, env: NodeJS.ProcessEnv}} Tree */

/**
 * A copy of the tree with that Node, and better-sqlite3 compiled for it. The versions are prepared side by side.
 * @param {string} major
 * @returns {Promise<Tree>}
 */
async function prepareTree(major) {
  const begin = performance.now()
  const folder = join(work, major)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  await must(['npm', 'install', '--no-save', '--no-audit', '--no-fund', `node@${major}`], { cwd: folder })
  const home = nodeHome(folder)
  const env = {
    ...process.env,
    PATH: [join(home, 'bin'), process.env.PATH].join(delimiter),
    ...(existsSync(join(home, 'include')) ? { npm_config_nodedir: home } : {}),
  }
  const tree = join(folder, 'tree')
  cpSync(root, tree, { recursive: true, verbatimSymlinks: true, filter: (path) => !leftOut.includes(path) })
  await must(['npm', 'rebuild', 'better-sqlite3'], { cwd: tree, env })
  console.log(`Node ${major}: ready in ${seconds(begin)} s`)
  return { major, tree, node: join(home, 'bin/node'), env }
}

/** Where npm's `node` package puts what it installs: a package for this platform. @param {string} folder */
function nodeHome(folder) {
  const inside = join(folder, 'node_modules/node/node_modules')
  const candidates = existsSync(inside) ? readdirSync(inside).map((name) => join(inside, name)) : []
  const home = [...candidates, join(folder, 'node_modules/node')].find((path) => existsSync(join(path, 'bin/node')))
  if (home === undefined) throw new Error(`npm's package "node" brought no program into ${folder}`)
  return home
}

/** @param {Tree} tree */
async function test({ major, tree, node, env }) {
  const begin = performance.now()
  const words = [node, 'node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter=dot']
  const ran = await runCommand(words, { cwd: tree, env })
  const lines = ran.output.trim().split('\n')
  console.log((ran.code === 0 ? lines.slice(-5) : lines.slice(-80)).join('\n'))
  const version = (await must([node, '--version'], {})).trim()
  console.log(`Node ${major} (${version}): ${ran.code === 0 ? 'passed' : 'FAILED'} in ${seconds(begin)} s`)
  return ran.code === 0
}

/**
 * @param {readonly string[]} words
 * @param {Parameters<typeof runCommand>[1]} options
 */
async function must(words, options) {
  const ran = await runCommand(words, options)
  if (ran.code !== 0) throw new Error(`"${words.join(' ')}" ended with ${ran.code}:\n${ran.output.trim()}`)
  return ran.output
}

/** @param {number} begin */
function seconds(begin) {
  return ((performance.now() - begin) / 1000).toFixed(0)
}
