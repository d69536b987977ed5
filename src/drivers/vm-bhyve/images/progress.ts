/** How far a long piece of work is. */

/** In percent, and what it is at. */
export type OnProgress = (percent: number, doing: string) => void;

/** One report for each whole percent is enough, and none goes back. */
export function inWholePercents(onProgress: OnProgress): OnProgress {
  let done = -1;
  return (percent, doing) => {
    const whole = Math.floor(percent);
    if (whole <= done) return;
    done = whole;
    onProgress(whole, doing);
  };
}
