// Asks for the page again and again, each time over a new connection, and remembers who answered when.
import { get } from 'node:http';

const EVERY_MS = 10;
const LIMIT_MS = 300;

export class Client {
  #url;
  #running = true;
  /** Of the answers so far: who gave the last one, and when. */
  #last = { name: '', at: 0 };
  #waiting;

  constructor(url) {
    this.#url = url;
    this.#ask();
  }

  stop() {
    this.#running = false;
  }

  /**
   * The first answer from `name` from now on: `goneMs` is the time between the last answer of anybody else and it.
   * undefined when there is none within `withinMs`.
   */
  answerFrom(name, withinMs) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(undefined), withinMs);
      this.#waiting = { name, timer, resolve };
    });
  }

  #settle(answer) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    waiting.resolve(answer);
  }

  #ask() {
    if (!this.#running) return;
    let done = false;
    const next = (name) => {
      if (done) return;
      done = true;
      request.destroy();
      if (name !== undefined) this.#answered(name);
      setTimeout(() => this.#ask(), EVERY_MS);
    };
    const request = get(this.#url, { agent: false, headers: { connection: 'close' } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => {
        body += text;
      });
      response.on('end', () => next(/served by (\w+)/.exec(body)?.[1]));
      response.on('error', () => next(undefined));
    });
    request.setTimeout(LIMIT_MS, () => next(undefined));
    request.on('error', () => next(undefined));
    setTimeout(() => next(undefined), LIMIT_MS).unref();
  }

  #answered(name) {
    const now = performance.now();
    const before = this.#last;
    this.#last = { name, at: now };
    if (this.#waiting?.name === name) this.#settle({ goneMs: now - before.at });
  }
}
