import { printable } from '../base/printable.js';
import type { SourceDamage, SourceNotice } from '../source/notices.js';
import type { CommandIo } from './command-io.js';

/** Tells on stderr, a line each, what a source could not read and what it lacks. */
export function tellSource(
  source: { readonly damage: readonly SourceDamage[]; readonly notices: readonly SourceNotice[] },
  io: CommandIo,
): void {
  for (const { source: file, place, problem } of source.damage) {
    io.stderr.write(`sharetop: ${printable(file)}: ${place}: ${printable(problem)}\n`);
  }
  for (const { source: file, text } of source.notices) {
    io.stderr.write(`sharetop: ${printable(file)}: ${printable(text)}\n`);
  }
}
