/** The figures that have no gauge, as a list: for the side of large screens and for text reports. */
import { committedFrames, contentChangedTotal, demandFrames } from '../figures/derived.js';
import type { Snapshot } from '../figures/snapshot.js';
import { span } from './compose.js';
import { formatCount, formatFrames, formatFramesShort } from './format.js';
import type { Line } from './line.js';
import type { Units } from './screen-state.js';

/** A name, its value, and what the value is made of. */
export interface Fact {
  name: string;
  value: string;
  note: string;
}

function memoryFacts(snapshot: Snapshot, units: Units): Fact[] {
  const { host, policy } = snapshot;
  const short = (frames: number): string => formatFramesShort(frames, units);
  return [
    {
      name: 'contents',
      value: formatCount(host.distinctContents),
      note: `${formatCount(host.sharedContents)} in two frames or more`,
    },
    {
      name: 'possible',
      value: formatFrames(host.potentialSavedFrames, units),
      note: `${short(host.interSavedFrames)} between, ${short(host.selfSavedFrames)} within`,
    },
    { name: 'demand', value: formatFrames(demandFrames(host, policy), units), note: 'frames that must exist' },
    { name: 'committed', value: formatFrames(committedFrames(host, policy), units), note: 'reservations and region' },
    {
      name: 'zero',
      value: formatFrames(host.zeroFrames, units),
      note: snapshot.withZeros ? 'in the sums' : 'not in the sums',
    },
    { name: 'fill pages', value: formatFrames(host.fillPageFrames, units), note: 'one byte, not zero' },
    { name: 'unknown', value: formatFrames(host.unknownFrames, units), note: 'dirty since last seen' },
  ];
}

function regionFacts(snapshot: Snapshot, units: Units): Fact[] {
  const { dlps } = snapshot.policy;
  if (dlps === undefined) return [];
  const { readsIneligible: ineligible, contentChanged: changed } = dlps;
  const none = ineligible.unaligned + ineligible.ownWritten + ineligible.writableImage;
  const count = formatCount;
  return [
    {
      name: 'reads avoided',
      value: count(dlps.readsAvoided),
      note: `cross ${count(dlps.readsAvoidedCross)}, own ${count(dlps.readsAvoidedOwn)}`,
    },
    { name: 'reads issued', value: count(dlps.readsIssued), note: `of ${count(dlps.readsSeen)} seen` },
    {
      name: 'not eligible',
      value: count(none),
      note: `own-written ${count(ineligible.ownWritten)}, writable ${count(ineligible.writableImage)}`,
    },
    {
      name: 'changed',
      value: count(contentChangedTotal(dlps)),
      note: `overwritten ${count(changed.overwritten)}, freed ${count(changed.freed)}`,
    },
    { name: '', value: '', note: `zeroed ${count(changed.zeroed)}, unknown ${count(changed.unknown)}` },
    { name: 'idle slots', value: formatFrames(dlps.idleSlots, units), note: 'no frame bound' },
    { name: 'duplicates', value: formatFrames(dlps.duplicateSlots, units), note: 'same content twice' },
    { name: 'evicted', value: count(dlps.evictions), note: `${count(dlps.identityConflicts)} conflicts` },
    { name: 'bind expired', value: count(dlps.bindExpired), note: 'reads never seen in memory' },
  ];
}

/** Everything of the host and the policy that the gauges leave out. */
export function hostFacts(snapshot: Snapshot, units: Units): Fact[] {
  return [...memoryFacts(snapshot, units), ...regionFacts(snapshot, units)];
}

const NAME_COLUMNS = 14;
const VALUE_COLUMNS = 13;

/** Facts as lines: name, value, note; the caller cuts them. */
export function factLines(facts: readonly Fact[]): Line[] {
  return facts.map((fact) => [
    span(fact.name.padEnd(NAME_COLUMNS), { dim: true }),
    span(fact.value.padStart(VALUE_COLUMNS)),
    span(`  ${fact.note}`, { dim: true }),
  ]);
}
