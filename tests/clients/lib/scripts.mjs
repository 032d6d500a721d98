// Scripts of our pages, run without a browser: stand-ins for the few things that they touch, which remember what was done to them.
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { compileFunction } from 'node:vm';

const ASSETS = new URL('../../../crates/web/assets/', import.meta.url);
const text = (name) => readFileSync(new URL(name, ASSETS), 'utf8');

/** Runs a script that is no module; `world` are the names that a browser would give to it. */
export function run(name, world) {
  compileFunction(text(name), Object.keys(world), { filename: new URL(name, ASSETS).href })(...Object.values(world));
}

/** Loads a module anew, from its text, as nothing says to Node that the file is one. It finds its world on `globalThis`: see `stand`. */
export function load(name) {
  return import(asData(name));
}

let loads = 0;
function asData(name) {
  const source = text(name).replace(/"\.\/(\w+\.js)"/g, (_, imported) => `"${asData(imported)}"`);
  loads += 1;
  return `data:text/javascript,${encodeURIComponent(`${source}// load ${loads}`)}`;
}

/** Puts names on `globalThis` until the test is over. */
export function stand(t, world) {
  const before = Object.fromEntries(Object.keys(world).map((name) => [name, globalThis[name]]));
  Object.assign(globalThis, world);
  t.after(() => Object.assign(globalThis, before));
}

/** A function (`fetch`, for one) whose promises the test keeps or breaks: `asked` are its calls, with `about`, `answer` and `fail`. */
export function pending() {
  const asked = [];
  const ask = (...about) => new Promise((answer, fail) => asked.push({ about, answer, fail }));
  return Object.assign(ask, { asked });
}

/** Everything that waits for a promise which was kept or broken has run. */
export const settled = () => setImmediate();

class Target {
  listeners = [];

  addEventListener(type, listener) {
    this.listeners.push({ type, listener });
  }

  removeEventListener(type, listener) {
    this.listeners = this.listeners.filter((one) => one.type !== type || one.listener !== listener);
  }

  tell(type, event) {
    for (const one of this.listeners) if (one.type === type) one.listener(event);
  }
}

/** A window; `got` is what was posted to it, each with the origin that it was meant for. */
export class Window extends Target {
  got = [];
  isClosed = false;

  constructor(origin, { parent, opener = null } = {}) {
    super();
    this.location = { origin };
    this.parent = parent ?? this;
    this.top = parent?.top ?? this;
    this.opener = opener;
  }

  postMessage(message, origin) {
    this.got.push([message, origin]);
  }

  close() {
    this.isClosed = true;
  }
}

/** An element with the attributes, and whatever else of it the script touches. */
export class Element extends Target {
  hidden = false;

  constructor(attributes, more = {}) {
    super();
    this.attributes = attributes;
    Object.assign(this, more);
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  hasAttribute(name) {
    return name in this.attributes;
  }
}

/** A document in which nothing is found but these, by their selectors. */
export function documentOf(elements) {
  return { querySelector: (selector) => elements[selector] ?? null, getElementById: (id) => elements[`#${id}`] ?? null };
}

/** What `new FormData(form)` holds of such an element. */
export function FormData(form) {
  return form.fields;
}
