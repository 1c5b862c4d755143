import fc from 'fast-check'

/** What a shell, an option parser, a terminal or a decoder might take for something else. */
export const NASTY: readonly string[] = [
  ...';&|$()<>`\\"\'*?[]{}!#~%^= \t\n\r\v\f\u007f\u001b',
  ...[
    '&&',
    '||',
    '$(id)',
    '`id`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a shell would expand
    '${HOME}',
    '$HOME',
    '~root',
    '-',
    '--',
    '-n',
    '-oProxyCommand=id',
    '--help',
    '--root=/',
  ],
  ...["'\\''", "'; id; '", '"$(id)"', '\r\n', '\\n', '\\0', '%s', '%n', '!!', 'A=1', '/../..', '<<END', '>&2', '#x'],
  ...['ä', 'é', '\u202e', '\u200b', '\ufeff', '\u{1F600}', '日本', '\u0000'],
]

/** Texts made of them, of a few letters, and of anything at all, halves of surrogate pairs too. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 3 })), { maxLength: 8 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('a', '\ud800', '\udc00', '\u{1F600}'), maxLength: 3 }),
)
