/** How far a piece of work is and when it will be done, as text. */

const BAR_CELLS = 20;
/** Before that the rate is a guess. */
const ESTIMATE_SECONDS_MIN = 1;

/**
 * `[#####               ] 25 %, 310 MB/s, 1:23 left`. `done` of `total` bytes in `seconds`; the time left follows from
 * the rate so far and is left out while that says little. MB are 10^6 bytes.
 */
export function progressText(done: number, total: number, seconds: number): string {
  const part = total === 0 ? 1 : Math.min(1, Math.max(0, done / total));
  const cells = Math.floor(part * BAR_CELLS);
  const bar = `[${'#'.repeat(cells)}${' '.repeat(BAR_CELLS - cells)}] ${Math.floor(100 * part)} %`;
  const rate = done / seconds;
  if (seconds < ESTIMATE_SECONDS_MIN || rate <= 0) return bar;
  const megabytes = rate / 1e6;
  return `${bar}, ${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB/s, ${clockText((total - done) / rate)} left`;
}

/** `0:05`, `12:30`, `3:00:00`. */
function clockText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
