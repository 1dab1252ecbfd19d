import { describe, expect, test } from 'vitest';
import { filterDomains } from '../../src/query/domain-filter.js';
import { fiveGuests, snapshotOf } from '../views/snapshot-fixture.js';

const snapshot = snapshotOf(fiveGuests());
const found = (filter: string): string =>
  filterDomains(snapshot.domains.rows, filter, snapshot)
    .map(({ name }) => name)
    .sort()
    .join(' ');
const ALL = 'build1 idle1 trix1 web1 web2';

describe('the filter of the domains', () => {
  // What is saved by each is in the model: web1 and web2 54.2 MiB, idle1 36.9, build1 24.6, trix1 4.3.
  test.each([
    ['', ALL],
    ['   ', ALL],
    ['web', 'web1 web2'],
    ['WEB', 'web1 web2'],
    ['e', 'idle1 trix1 web1 web2 build1'.split(' ').sort().join(' ')],
    ['qemu', ALL],
    ['1', 'build1 idle1 trix1 web1'],
    ['dom:web 2', 'web2'],
    ['name:i state:still', 'trix1'],
    ['id:3', 'build1'],
    ['group:other', ''],
    ['saved>30M', 'idle1 web1 web2'],
    ['saved>=36M saved<50M', 'idle1'],
    ['saved<1200p', 'trix1'],
    ['mem>225M', 'idle1'],
    ['avoid>100', 'web1 web2'],
    ['chg>0 avoid<100', 'build1'],
    ['none', ''],
    ['saved>', ''],
    ['unknown:web', ''],
    ['constructor>1', ''],
  ])('%j finds %j', (filter, names) => expect(found(filter)).toBe(names));

  test('keeps the order of the rows and takes any text', () => {
    for (const filter of ['\u0000', '(', 'a'.repeat(100_000), '__proto__:x', '日本']) {
      expect(filterDomains(snapshot.domains.rows, filter, snapshot)).toEqual([]);
    }
    expect(filterDomains(snapshot.domains.rows, '1', snapshot).map(({ name }) => name)).toEqual(
      snapshot.domains.rows.map(({ name }) => name).filter((name) => name.includes('1')),
    );
  });
});
