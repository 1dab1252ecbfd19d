/** The figures that have no gauge, as a list: for the side of large screens and for text reports. */
import {
  committedFrames,
  contentChangedTotal,
  demandFrames,
  potentialFrames,
  zeroSavableFrames,
} from '../figures/derived.js';
import { regionOf } from '../figures/policy-figures.js';
import type { Snapshot } from '../figures/snapshot.js';
import { cutLine, fitItems, span } from './compose.js';
import { formatCount, formatFrames, formatFramesShort } from './format.js';
import type { Line } from './line.js';
import type { Units } from './screen-state.js';

/** A name, its value, and what the value is made of. */
export interface Fact {
  name: string;
  value: string;
  /** In order of importance; those that do not fit are left out. */
  notes: string[];
}

function memoryFacts(snapshot: Snapshot, units: Units): Fact[] {
  const { host, policy } = snapshot;
  const short = (frames: number): string => formatFramesShort(frames, units);
  return [
    {
      name: 'contents',
      value: formatCount(host.distinctContents),
      notes: [`${formatCount(host.sharedContents)} in two frames or more`],
    },
    {
      name: 'possible',
      value: formatFrames(potentialFrames(host, snapshot.withZeros), units),
      notes: [
        `${short(host.interSavedFrames)} between`,
        `${short(host.selfSavedFrames)} within`,
        ...(snapshot.withZeros ? [`${short(zeroSavableFrames(host.zeroFrames))} of zeros`] : []),
      ],
    },
    {
      name: 'demand',
      value: formatFrames(demandFrames(host, policy, snapshot.withZeros), units),
      notes: ['frames that must exist'],
    },
    { name: 'committed', value: formatFrames(committedFrames(host, policy), units), notes: ['promised in all'] },
    {
      name: 'zero',
      value: formatFrames(host.zeroFrames, units),
      notes: [snapshot.withZeros ? 'in the sums' : 'not in the sums'],
    },
    { name: 'fill pages', value: formatFrames(host.fillPageFrames, units), notes: ['one byte, not zero'] },
    { name: 'unknown', value: formatFrames(host.unknownFrames, units), notes: ['dirty since seen'] },
  ];
}

function regionFacts(snapshot: Snapshot, units: Units): Fact[] {
  const region = regionOf(snapshot.policy);
  if (region === undefined) return [];
  const { readsIneligible: ineligible, contentChanged: changed } = region;
  const none = ineligible.unaligned + ineligible.ownWritten + ineligible.writableImage;
  const count = formatCount;
  return [
    {
      name: 'reads avoided',
      value: count(region.readsAvoided),
      notes: [`cross ${count(region.readsAvoidedCross)}`, `own ${count(region.readsAvoidedOwn)}`],
    },
    { name: 'reads issued', value: count(region.readsIssued), notes: [`of ${count(region.readsSeen)} seen`] },
    {
      name: 'not eligible',
      value: count(none),
      notes: [
        `own-written ${count(ineligible.ownWritten)}`,
        `writable ${count(ineligible.writableImage)}`,
        `unaligned ${count(ineligible.unaligned)}`,
      ],
    },
    {
      name: 'changed',
      value: count(contentChangedTotal(region)),
      notes: [`overwritten ${count(changed.overwritten)}`, `freed ${count(changed.freed)}`],
    },
    { name: '', value: '', notes: [`unknown ${count(changed.unknown)}`, `zeroed ${count(changed.zeroed)}`] },
    { name: 'idle slots', value: formatFrames(region.idleSlots, units), notes: ['no frame bound'] },
    { name: 'duplicates', value: formatFrames(region.duplicateSlots, units), notes: ['equal contents'] },
    { name: 'evicted', value: count(region.evictions), notes: [`${count(region.identityConflicts)} conflicts`] },
    { name: 'bind expired', value: count(region.bindExpired), notes: ['not seen in memory'] },
  ];
}

/** Everything of the host and the policy that the gauges leave out. */
export function hostFacts(snapshot: Snapshot, units: Units): Fact[] {
  return [...memoryFacts(snapshot, units), ...regionFacts(snapshot, units)];
}

const NAME_COLUMNS = 14;
const VALUE_COLUMNS = 10;

/** Facts as lines of at most `columns` cells: name, value, and those notes that fit whole. */
export function factLines(facts: readonly Fact[], columns: number): Line[] {
  const valueColumns = facts.reduce((most, { value }) => Math.max(most, value.length), VALUE_COLUMNS);
  return facts.map((fact) => {
    const notes = fact.notes.map((note): Line => [span(note, { dim: true })]);
    const room = columns - NAME_COLUMNS - valueColumns - 2;
    const shown = (fact.notes[0] ?? '').length > room ? [] : fitItems(notes, room, ', ');
    const value = span(`${fact.value.padStart(valueColumns)}  `);
    return cutLine([span(fact.name.padEnd(NAME_COLUMNS), { dim: true }), value, ...shown], columns);
  });
}
