import type { Monitor } from './monitor.js';

/** Names of the line; the others are counted. */
const NAMES_MAX = 5;

/** The line that names the domains of `--groups` that the trace has not shown; empty if there is none. */
export function groupsNotice({ engine }: Monitor): string {
  const { unseen } = engine.lives.givenGroups;
  if (unseen.length === 0) return '';
  const more = unseen.length > NAMES_MAX ? ` and ${unseen.length - NAMES_MAX} more` : '';
  return `--groups: no domain was seen that is called ${unseen.slice(0, NAMES_MAX).join(', ')}${more}`;
}
