// Asks for the page every few milliseconds, each time over a new connection and without waiting for the answers before, so that one
// lost packet does not look like an outage. Remembers who answered when.
import { get } from 'node:http';

const EVERY_MS = 10;
const LIMIT_MS = 300;

export class Client {
  #url;
  #timer;
  /** Of the answers so far: who gave the last one, and when. */
  #last = { name: '', at: 0 };
  #waiting;

  constructor(url) {
    this.#url = url;
    this.#timer = setInterval(() => this.#ask(), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
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
    const request = get(this.#url, { agent: false, timeout: LIMIT_MS, headers: { connection: 'close' } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => {
        body += text;
      });
      response.on('end', () => this.#answered(/served by (\w+)/.exec(body)?.[1]));
      response.on('error', () => undefined);
    });
    const limit = setTimeout(() => request.destroy(), LIMIT_MS);
    request.on('close', () => clearTimeout(limit));
    request.on('error', () => undefined);
  }

  #answered(name) {
    if (name === undefined) return;
    const now = performance.now();
    const before = this.#last;
    this.#last = { name, at: now };
    if (this.#waiting?.name === name) this.#settle({ goneMs: now - before.at });
  }
}
