// @ts-check
// Writes a ustar archive, byte for byte the same for the same entries: images get the same digests on every run.

/** @typedef {{path: string, content?: Uint8Array | string, mode?: number, link?: string}} TarEntry a path ending in / is a folder; `link` makes a symbolic link */

/**
 * @param {readonly TarEntry[]} entries
 * @returns {Buffer}
 */
export function packTar(entries) {
  return Buffer.concat([...entries.flatMap(block), Buffer.alloc(1024)])
}

/** @param {TarEntry} entry */
function block({ path, content = '', mode, link }) {
  const folder = path.endsWith('/')
  const body = Buffer.from(content)
  const header = Buffer.alloc(512)
  header.write(path, 0, 100)
  header.write(octal(mode ?? (folder ? 0o755 : 0o644), 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(body.length, 11), 124)
  header.write(octal(0, 11), 136)
  header.write('        ', 148)
  header.write(link !== undefined ? '2' : folder ? '5' : '0', 156)
  if (link !== undefined) header.write(link, 157, 100)
  header.write('ustar\u000000', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 6)}\0 `, 148, 'latin1')
  return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]
}

/**
 * @param {number} value
 * @param {number} digits
 */
function octal(value, digits) {
  return value.toString(8).padStart(digits, '0')
}
