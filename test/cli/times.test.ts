/** What the built tool says about time, on the recordings that come with it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { REPOSITORY, sharetop } from './run-tool.js';

const KVM_FIVE = path.join(REPOSITORY, 'fixtures/traces/kvm-five');

interface Times {
  potentialPageSeconds: number;
  policies: Record<string, { savedPageSeconds: number; netSavedPageSeconds: number; effectiveness: number }>;
}

interface Truth {
  /** Seconds, to the hundredth. */
  t_rel: number;
  redundant_pages: number;
}

/** ∫ potential dt by the brute force of the recording, and how far its rounded times may be off. */
function truePageSeconds(endSeconds: number): { sum: number; error: number } {
  const truth = JSON.parse(readFileSync(path.join(REPOSITORY, 'fixtures/truth/kvm-five.json'), 'utf8')) as Truth[];
  let [sum, error, before] = [0, 0, 0];
  for (const [i, { t_rel: start, redundant_pages: frames }] of truth.entries()) {
    sum += frames * ((truth[i + 1]?.t_rel ?? endSeconds) - start);
    error += 0.005 * Math.abs(frames - before);
    before = frames;
  }
  return { sum, error };
}

async function times(...args: string[]): Promise<Times> {
  const { code, stdout } = await sharetop(['report', '--json', KVM_FIVE, ...args]);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { times: Times }).times;
}

describe('report on kvm-five', () => {
  test('has the page-seconds of the potential that its brute force has, and the part of each policy', async () => {
    const { potentialPageSeconds, policies } = await times('--region', 'unlimited');
    const { sum, error } = truePageSeconds(280.669);
    expect(Math.abs(potentialPageSeconds - sum)).toBeLessThan(error);
    expect(error).toBeLessThan(sum / 10_000);
    const { dlps, oracle } = policies;
    expect(oracle).toEqual({
      savedPageSeconds: potentialPageSeconds,
      netSavedPageSeconds: potentialPageSeconds,
      effectiveness: 1,
    });
    expect(dlps.effectiveness).toBe(dlps.savedPageSeconds / potentialPageSeconds);
    expect(dlps.effectiveness).toBeGreaterThan(0);
    expect(dlps.effectiveness).toBeLessThan(1);
    expect(dlps.netSavedPageSeconds).toBeLessThan(dlps.savedPageSeconds);
  });
});
