/**
 * Bytes from a terminal to names of keys: `q`, `up`, `pagedown`, `ctrl-l`, `esc`. One key may come in several reads
 * and one read may hold several keys. What is unknown is dropped whole, so that no part of it is taken for a key.
 */
import type { Clock } from './clock.js';

/** An ESC with nothing behind it for this long is the Esc key. Over a slow line the rest of a sequence may be late. */
export const ESC_WAIT_MS = 60;
/** A sequence that began and does not end is given up after this long. */
const SEQUENCE_WAIT_MS = 500;
/** Longer sequences are not keys. */
const SEQUENCE_MAX = 32;

const ESC = '\x1b';
/** No keys of a person: the terminal tells so whether it has the focus, if it was asked to (`CSI ?1004h`). */
export const FOCUS_IN = 'focus-in';
export const FOCUS_OUT = 'focus-out';

const BY_FINAL: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  P: 'f1',
  Z: 'shift-tab',
};

/** `CSI n ~` (VT220 and rxvt). */
const BY_NUMBER: Readonly<Record<string, string>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
};

const BY_CONTROL: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  ' ': 'space',
};

function plainKey(character: string): string | undefined {
  const named = BY_CONTROL[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0)!;
  if (code >= 1 && code <= 26) return `ctrl-${String.fromCharCode(code + 96)}`;
  return code < 32 ? undefined : character;
}

/** A complete CSI sequence, from `ESC [` to its final character. */
function csiKey(sequence: string): string | undefined {
  const final = sequence.at(-1)!;
  // The Linux console sends F1 as ESC [ [ A.
  if (sequence[2] === '[') return final === 'A' ? 'f1' : undefined;
  const number = /^\d*/.exec(sequence.slice(2))![0];
  if (sequence === `${ESC}[I`) return FOCUS_IN;
  if (sequence === `${ESC}[O`) return FOCUS_OUT;
  return final === '~' ? BY_NUMBER[number] : BY_FINAL[final];
}

/** Follows one keyboard. */
export class KeyParser {
  #pending = '';
  #cancel: (() => void) | undefined;
  readonly #decoder = new TextDecoder();

  /** @param emit is called with the name of each key, in order */
  constructor(
    private readonly clock: Clock,
    private readonly emit: (key: string) => void,
  ) {}

  /** Takes what one read gave. */
  push(chunk: Uint8Array | string): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const text = this.#pending + (typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, { stream: true }));
    this.#pending = '';
    let at = 0;
    while (at < text.length) {
      const used = text[at] === ESC ? this.#escape(text, at) : this.#plain(text, at);
      if (used === 0) break;
      at += used;
    }
    this.#pending = text.slice(at, at + SEQUENCE_MAX);
    if (this.#pending === '') return;
    this.#cancel = this.clock.after(this.#pending === ESC ? ESC_WAIT_MS : SEQUENCE_WAIT_MS, () => this.#giveUp());
  }

  /** Forgets a key that has begun. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#pending = '';
  }

  #giveUp(): void {
    const wasEsc = this.#pending === ESC;
    this.stop();
    if (wasEsc) this.emit('esc');
  }

  #plain(text: string, at: number): number {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    const key = plainKey(character);
    if (key !== undefined) this.emit(key);
    return character.length;
  }

  /** Reads the sequence at `at`; answers its length, or 0 if the rest of it has not come. */
  #escape(text: string, at: number): number {
    const kind = text[at + 1];
    if (kind === undefined) return 0;
    if (kind === 'O') {
      const final = text[at + 2];
      if (final === undefined) return 0;
      this.#emitKnown(BY_FINAL[final]);
      return 3;
    }
    if (kind === '[') {
      let end = at + 2;
      if (text[end] === '[') end += 1;
      while (end < text.length && !isFinal(text.charCodeAt(end))) end += 1;
      if (end === text.length) return end - at > SEQUENCE_MAX ? end - at : 0;
      this.#emitKnown(csiKey(text.slice(at, end + 1)));
      return end + 1 - at;
    }
    // Esc, then another key at once: there are no Alt keys, so it is the two of them.
    this.emit('esc');
    return 1;
  }

  #emitKnown(key: string | undefined): void {
    if (key !== undefined) this.emit(key);
  }
}

function isFinal(code: number): boolean {
  return code >= 0x40 && code <= 0x7e;
}
