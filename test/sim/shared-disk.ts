/** A disk that both hosts reach and only one may write to. It counts what a daemon would never tell. */
export class SharedDisk {
  /** How often two hosts wrote at a time. */
  times = 0;
  /** For how long, in all. */
  concurrentMs = 0;
  #since: number | undefined;

  begin(now: number): void {
    if (this.#since !== undefined) return;
    this.#since = now;
    this.times += 1;
  }

  end(now: number): void {
    if (this.#since === undefined) return;
    this.concurrentMs += now - this.#since;
    this.#since = undefined;
  }
}
