import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../src/engine/engine.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';

/** Takes effects batches. */
export interface EffectsConsumer {
  apply(words: Uint32Array, used: number): void;
}

/** Plays a trace of fixtures/traces through an engine whose effects go to what `make` returns for it. */
export function playRecording(trace: string, make: (engine: Engine) => readonly EffectsConsumer[]): Engine {
  let consumers: readonly EffectsConsumer[] = [];
  const engine = new Engine((words, used) => {
    for (const consumer of consumers) consumer.apply(words, used);
  });
  consumers = make(engine);
  const directory = fileURLToPath(new URL(`../../fixtures/traces/${trace}`, import.meta.url));
  for (const name of readdirSync(directory).sort()) {
    const decoder = new SegmentDecoder(name);
    decoder.push(readFileSync(`${directory}/${name}`));
    for (let block = decoder.next(); block !== null; block = decoder.next()) {
      engine.apply(0, block.baseTimeMicros, block.words, block.start, block.end);
    }
  }
  return engine;
}
