// @ts-check
// What the quickstart says. Plain lines in a pipe, a little colour on a terminal.

/**
 * @typedef {object} Narrator
 * @property {(title: string) => void} title
 * @property {(number: number, title: string) => void} step
 * @property {(text: string) => void} say a paragraph
 * @property {(line: string) => void} detail a line that matters less
 * @property {(command: string) => void} command as a person would type it
 * @property {(line: string) => void} output of a command
 * @property {(path: string, content: string) => void} file
 * @property {(claim: string) => void} shown what has just been seen to be so
 * @property {(line: string) => void} failed
 */

const width = 100

/** @param {NodeJS.WriteStream} stream @returns {Narrator} */
export function createNarrator(stream) {
  const coloured = stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  const paint = (/** @type {number} */ code) => (/** @type {string} */ text) =>
    coloured && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text
  const bold = paint(1)
  const dim = paint(2)
  const red = paint(31)
  const green = paint(32)
  const cyan = paint(36)
  let blank = true
  const write = (/** @type {string} */ line) => {
    if (line !== '' || !blank) stream.write(`${line}\n`)
    blank = line === ''
  }
  const apart = (/** @type {readonly string[]} */ ...lines) => {
    write('')
    for (const line of lines) write(line)
  }
  return {
    title: (title) => apart(bold(title)),
    step: (number, title) => apart(bold(`${number}. ${title}`), ''),
    say: (text) => apart(...wrap(text)),
    detail: (line) => write(dim(`  ${line}`)),
    command: (command) => apart(`  ${cyan(`$ ${command}`)}`),
    output: (line) => write(`  ${mark(line, { red, green, dim })}`.trimEnd()),
    file: (path, content) => {
      apart(`  ${dim(path)}`)
      for (const line of content.trimEnd().split('\n')) write(`  ${dim('|')} ${line}`)
    },
    shown: (claim) => apart(`${green('✓')} ${claim}`),
    failed: (line) => apart(`${red('✗')} ${line}`),
  }
}

/** @typedef {(text: string) => string} Paint */

/**
 * The program prints into our pipe, so without colour: its signs get theirs back.
 * @param {string} line
 * @param {{red: Paint, green: Paint, dim: Paint}} paints
 */
function mark(line, { red, green, dim }) {
  const [, indent = '', sign = '', rest = ''] = /^(\s*)(✓|✗|\+|\|)?(.*)$/s.exec(line) ?? []
  if (sign === '|') return dim(line)
  if (sign === '✗') return `${indent}${red(sign)}${rest}`
  return sign === '' ? line : `${indent}${green(sign)}${rest}`
}

/** @param {string} text @returns {string[]} */
function wrap(text) {
  const lines = ['']
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.length - 1
    const longer = lines[last] === '' ? word : `${lines[last]} ${word}`
    if (longer.length <= width) lines[last] = longer
    else lines.push(word)
  }
  return lines
}
