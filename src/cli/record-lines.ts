/** What `sharetop record` says of its passes. */
import type { PassReport } from '../collect/recorder/recorder-host.js';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** One line: what a pass found and what it cost. */
export function passLine(report: PassReport): string {
  const { number, domains, micros, cpuMicros, bytesRead, framesChanged, pagesHashed, bytesWritten } = report;
  const seconds = micros / 1e6;
  const cpu = micros > 0 ? `${((100 * cpuMicros) / micros).toFixed(1)} %` : '-';
  const rate = micros > 0 ? `${bytesText(bytesRead / seconds)}/s` : '-';
  return [
    `pass ${number}: ${domains} ${domains === 1 ? 'domain' : 'domains'}`,
    `${bytesText(bytesRead)} in ${seconds.toFixed(2)} s (${rate})`,
    `${pagesHashed} pages, ${framesChanged} changed`,
    `${cpu} of a core`,
    `${bytesText(bytesWritten)} written`,
  ].join(', ');
}

/** Bytes with three digits or so. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
