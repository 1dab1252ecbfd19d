/** The first lines of every screen: what is shown, how fresh and how complete it is, and what sharetop itself costs. */
import type { GapFigures } from '../figures/host-figures.js';
import type { Snapshot } from '../figures/snapshot.js';
import { fitItems, lineWidth, span, spread } from './compose.js';
import {
  formatBytes,
  formatCount,
  formatCountShort,
  formatDuration,
  formatFrames,
  formatSince,
  formatTraceTime,
} from './format.js';
import { glyphsOf } from './glyphs.js';
import type { Frame, Line } from './line.js';
import type { ScreenState } from './screen-state.js';
import { cutText, nameText, textWidth } from './text-width.js';

/** From this lag on the screen is behind what a person expects of "live". */
const LAG_MS_WARN = 2000;

/** Everything that the input lacked, by name; empty when nothing did. */
export function gapTexts(gaps: GapFigures): string[] {
  const texts: string[] = [];
  if (gaps.lost > 0) texts.push(`${formatCount(gaps.lost)} lost`);
  if (gaps.damagedBlocks > 0)
    texts.push(`${formatCount(gaps.damagedBlocks)} damaged block${gaps.damagedBlocks === 1 ? '' : 's'}`);
  if (gaps.missing > 0) texts.push(`${formatCount(gaps.missing)} parts missing`);
  if (gaps.unmodelled > 0) texts.push(`${formatCount(gaps.unmodelled)} not modelled`);
  if (gaps.damagedRecords > 0) texts.push(`${formatCount(gaps.damagedRecords)} damaged records`);
  if (gaps.orphans > 0) texts.push(`${formatCount(gaps.orphans)} orphans`);
  if (gaps.late > 0) texts.push(`${formatCount(gaps.late)} late`);
  return texts;
}

/** `● LIVE`, `ENDED` or `PAUSED`, with the trace time of the figures. */
function clockItems(snapshot: Snapshot, state: ScreenState, frame: Frame): Line[] {
  const { position } = snapshot;
  const since = formatSince(position.timeMicros - position.sinceMicros);
  if (state.paused !== null) {
    const { newerRecords } = state.paused;
    return [
      [span(`PAUSED ${formatTraceTime(state.paused.timeMicros)}`, { role: 'warning', bold: true })],
      [span(`${formatCount(newerRecords)} newer record${newerRecords === 1 ? '' : 's'} [Space]`, { role: 'warning' })],
    ];
  }
  const word = snapshot.ended
    ? span('ENDED', { bold: true })
    : span(`${glyphsOf(frame.unicode).dot} LIVE`, { role: 'live', bold: true });
  return [[word, span(` ${formatTraceTime(position.timeMicros)}`)], [span(since, { dim: true })]];
}

/** Which policy the figures belong to, and whether it still runs. */
function policyItem(snapshot: Snapshot, state: ScreenState, frame: Frame): Line {
  const name = nameText(snapshot.policy.name, frame.unicode);
  if (snapshot.policy.failure !== undefined) return [span(`${name} STOPPED`, { role: 'bad', bold: true })];
  const next = state.policy !== '' && state.policy !== snapshot.policy.name;
  return [span('policy ', { dim: true }), span(name + (next ? '..' : ''), { bold: true })];
}

/** The gaps by name, or where that takes more than `columns` cells their number. */
function gapsItem(gaps: GapFigures, columns: number): Line {
  const texts = gapTexts(gaps);
  if (texts.length === 0) return [span('gaps 0', { dim: true })];
  const named = `! gaps: ${texts.join(', ')}`;
  const { lost, damagedBlocks, damagedRecords, orphans, late, missing, unmodelled } = gaps;
  const sum = lost + damagedBlocks + damagedRecords + orphans + late + missing + unmodelled;
  const text = named.length <= columns ? named : `! gaps ${formatCountShort(sum)}`;
  return [span(text, { role: 'bad', bold: true })];
}

/** Files and processes are not counted in guests' pages: with that unit their bytes are in MiB. */
function bytesIn({ units }: ScreenState): 'iec' | 'si' {
  return units === 'si' ? 'si' : 'iec';
}

function healthLine(snapshot: Snapshot, state: ScreenState, frame: Frame): Line {
  const { health, liveDomains, position } = snapshot;
  const late = health.lagMs >= LAG_MS_WARN;
  const dim = { dim: true };
  const hasGaps = gapTexts(health.gaps).length > 0;
  const items: Line[] = [
    policyItem(snapshot, state, frame),
    [span(`zeros ${snapshot.withZeros ? 'in' : 'out'}`, snapshot.withZeros ? {} : dim)],
    [
      span(
        `${late ? '! ' : ''}lag ${formatDuration(health.lagMs / 1000)}`,
        late ? { role: 'warning', bold: true } : dim,
      ),
    ],
    [span(`skew ${formatDuration(health.skewMicros / 1e6)}`, dim)],
    gapsItem(health.gaps, frame.columns),
  ];
  if (late && health.backlogBytes > 0)
    items.push([span(`${formatBytes(health.backlogBytes, bytesIn(state))} behind`, dim)]);
  items.push([span(`${liveDomains} domain${liveDomains === 1 ? '' : 's'}`, dim)]);
  if (frame.columns >= 110) {
    items.push([span(`${health.streams} stream${health.streams === 1 ? '' : 's'}`, dim)]);
    items.push([span(`${formatCount(position.records)} records`, dim)]);
    if (snapshot.host.memoryFrames > 0) items.push(hostItem(snapshot, state, frame));
  }
  // A view that is printed once has no cost to tell.
  const cost = `self ${(health.selfCpu * 100).toFixed(1)}% ${formatBytes(health.selfBytes, bytesIn(state))}`;
  const self: Line = health.selfBytes === 0 ? [] : [span(cost, dim)];
  // What the input lacks must be seen even when it is long: then our own cost gives way.
  const left = fitItems(items, frame.columns - lineWidth(self) - 2, '  ');
  const whole = hasGaps && left.every((part) => !part.text.startsWith('! gaps'));
  return whole ? fitItems([items[4], ...items.slice(0, 4)], frame.columns, '  ') : spread(left, self, frame.columns);
}

function hostItem(snapshot: Snapshot, { units }: ScreenState, frame: Frame): Line {
  const { host } = snapshot;
  const text = [host.name, host.hypervisor].filter((part) => part !== '').join(' ');
  return [
    span(
      `host ${cutText(nameText(text, frame.unicode), 24, frame.unicode)} ${formatFrames(host.memoryFrames, units)}`,
      {
        dim: true,
      },
    ),
  ];
}

/**
 * The header: one or two lines. `path` is what the screen is in, from the trace on; names are made safe here. With one
 * line, gaps or a long name take the place of the time since the start.
 */
export function headerLines(
  snapshot: Snapshot,
  state: ScreenState,
  frame: Frame,
  path: readonly string[],
  rows: number,
): Line[] {
  if (rows <= 0) return [];
  const glyphs = glyphsOf(frame.unicode);
  const clock = clockItems(snapshot, state, frame);
  if (rows === 1) {
    const gaps = gapTexts(snapshot.health.gaps).length > 0;
    const columns = frame.columns - 8;
    const room = columns - lineWidth(clock[0]) - 2;
    // The time since the start gives way to the name of what is shown.
    const name = nameText(path[path.length - 1] ?? '', frame.unicode);
    const bare = textWidth(name) + 1 + lineWidth(fitItems(clock, columns, '  ')) > frame.columns;
    const items = gaps ? [gapsItem(snapshot.health.gaps, room), clock[0]] : bare ? clock.slice(0, 1) : clock;
    return [withTitle(path, fitItems(items, columns, '  '), frame, glyphs.into)];
  }
  return [
    withTitle(path, fitItems(clock, frame.columns - 10, '  '), frame, glyphs.into),
    healthLine(snapshot, state, frame),
  ];
}

/** The title at the left, as long as there is room beside the clock. */
function withTitle(path: readonly string[], right: Line, frame: Frame, into: string): Line {
  const room = frame.columns - lineWidth(right) - 1;
  const name = room >= 24 ? 'sharetop ' : '';
  const nameRoom = Math.max(0, room - name.length);
  const parts = path.map((part) => nameText(part, frame.unicode));
  // Where the whole path does not fit, what the screen shows matters more than what it is in.
  while (parts.length > 1 && textWidth(parts.join(` ${into} `)) > nameRoom) parts.shift();
  const names = parts.join(` ${into} `);
  const left: Line = [
    span(name, { bold: true, role: 'focus' }),
    span(cutText(names, nameRoom, frame.unicode), { bold: true }),
  ];
  return spread(left, right, frame.columns);
}
