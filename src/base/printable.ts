/**
 * Text from traces (names, groups, labels, marks) is hostile until it went through here: control characters, escape
 * sequences, bidirectional overrides and invisible characters never reach a terminal.
 */
// C0, DEL, C1, soft hyphen, Arabic letter mark, zero-width and bidi marks, line/paragraph separators, bidi
// isolates and overrides, variation selectors, BOM, interlinear annotation, tags, lone surrogates.
const UNSAFE = new RegExp(
  [
    '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f]',
    '[\\ufe00-\\ufe0f\\ufeff\\ufff9-\\ufffb]',
    '[\\u{e0000}-\\u{e0fff}]',
    '[\\ud800-\\udfff]',
  ].join('|'),
  'gu',
);

/**
 * The text with every unsafe character replaced by `?`, cut to `charactersMax` characters.
 * Idempotent. Never longer than the input.
 */
export function printable(text: string, charactersMax = 1024): string {
  const clean = text.replace(UNSAFE, '?');
  return clean.length <= charactersMax ? clean : clean.slice(0, charactersMax).replace(/[\ud800-\udbff]$/, '');
}

/** What one line of a message may hold; paths can be much longer. */
const LINE_CHARACTERS_MAX = 2000;
const LINE_END_CHARACTERS = 500;

/** A message as one printable line. Of one too long the middle is left out: the problem stands behind the path. */
export function printableLine(text: string): string {
  const clean = printable(text, text.length);
  if (clean.length <= LINE_CHARACTERS_MAX) return clean;
  const head = printable(clean, LINE_CHARACTERS_MAX - LINE_END_CHARACTERS - 1);
  return `${head}…${clean.slice(-LINE_END_CHARACTERS).replace(/^[\udc00-\udfff]/, '')}`;
}

/**
 * JSON text with every unsafe character as `\uXXXX`. Those stand only in strings, so the value is the same, and a
 * terminal may see it.
 */
export function printableJson(json: string): string {
  return json.replace(UNSAFE, (character) => {
    let escaped = '';
    for (let i = 0; i < character.length; i++) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }
    return escaped;
  });
}
