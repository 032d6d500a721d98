// A browser without JavaScript: fetches pages, keeps cookies, follows redirects, submits HTML forms.
//
// It reads pages as a person and a password manager do: by what a field is for (`autocomplete`, `type`) and by what a
// button says, not by names that only this server knows.
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'parse5';
import { code, seedOn } from './authenticator.mjs';

/** What a page of ours may ask of a person; the one place that knows the words on the buttons. */
export const WORDS = {
  allow: /^Allow$/,
  deny: /^Deny$/,
  proceed: /^Continue$/,
  kept: /^I have kept them$/,
  signOut: /^Sign out$/,
};

export class Browser {
  /** @param {string} [file] where cookies are kept between runs */
  constructor(file) {
    this.file = file;
    this.cookies = [];
    /** Every address that it was at or was sent to, in order. */
    this.visited = [];
    try {
      if (file) this.cookies = JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }

  /**
   * Opens a page. Stops, without asking for it, at an address that begins with `until` (a client's redirect URI).
   * @returns {Promise<Page | Arrival>}
   */
  async open(url, { until, method = 'GET', body, headers = {} } = {}) {
    for (let hops = 0; hops < 20; hops += 1) {
      this.visited.push(url);
      if (isUnder(url, until)) return new Arrival(url, body);
      const response = await fetch(url, {
        method,
        body,
        redirect: 'manual',
        headers: {
          accept: 'text/html,application/xhtml+xml',
          'accept-language': 'en',
          ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(url).origin }),
          ...(this.cookieHeader(url) ? { cookie: this.cookieHeader(url) } : {}),
          ...headers,
        },
      });
      this.#keep(url, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (location === null || response.status < 300 || response.status > 399) {
        return new Page(url, response, await response.text());
      }
      await response.body?.cancel();
      url = new URL(location, url).href;
      if (response.status !== 307 && response.status !== 308) {
        method = 'GET';
        body = undefined;
      }
    }
    throw new Error(`more than 20 redirects, at ${url}`);
  }

  /** Submits a form with the given values, as if `button` had been pressed. */
  async submit(form, values = {}, button = form.buttons[0], options = {}) {
    const fields = form.fields.map(({ name, value }) => [name, values[name] ?? value]);
    if (button?.name) fields.push([button.name, button.value]);
    const body = new URLSearchParams(fields).toString();
    const action = button?.action ?? form.action;
    if (form.method === 'get') {
      const url = new URL(action);
      url.search = body;
      return this.open(url.href, options);
    }
    return this.open(action, { ...options, method: 'POST', body });
  }

  /**
   * Does what a person does after a click on "Sign in": answers every page until the application is reached.
   * @returns {Promise<Arrival>}
   */
  async authorize(url, { until, username, password, allow = true, seen = [] }) {
    let page = await this.open(url, { until });
    for (let pages = 0; pages < 8 && page instanceof Page; pages += 1) {
      seen.push(page);
      const signIn = page.signInForm();
      const codeForm = page.codeForm();
      const decision = page.formWith(allow ? WORDS.allow : WORDS.deny) ?? page.formWith(WORDS.kept) ?? page.formWith(WORDS.proceed);
      if (page.status === 200 && signIn) {
        page = await this.submit(signIn, signIn.filled({ username, password }), undefined, { until });
      } else if (page.status === 200 && codeForm) {
        this.seed = seedOn(page) ?? this.seed;
        page = await this.submit(codeForm, { code: code(this.seed) }, undefined, { until });
      } else if (page.status === 200 && decision) {
        page = await this.submit(decision.form, {}, decision.button, { until });
      } else {
        throw new Error(`a page that leads nowhere (${page.status} at ${page.url}): ${page.text()}`);
      }
    }
    if (!(page instanceof Arrival)) throw new Error(`never arrived at ${until}; last page: ${page.text()}`);
    this.#save();
    return page;
  }

  /** Follows a sign-out link, confirming where asked. */
  async signOut(url, { until } = {}) {
    let page = await this.open(url, { until });
    const button = page instanceof Page ? page.formWith(WORDS.signOut) : undefined;
    if (button) page = await this.submit(button.form, {}, button.button, { until });
    this.#save();
    return page;
  }

  cookieHeader(url) {
    const { hostname, pathname, protocol } = new URL(url);
    return this.cookies
      .filter((c) => c.host === hostname && pathname.startsWith(c.path) && (!c.secure || protocol === 'https:'))
      .map((c) => `${c.name}=${c.value}`)
      .join('; ');
  }

  #keep(url, lines) {
    for (const line of lines) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const cut = pair.indexOf('=');
      const has = (name) => attributes.find((a) => a.toLowerCase().split('=')[0] === name)?.split('=')[1];
      const cookie = {
        host: new URL(url).hostname,
        path: has('path') ?? '/',
        name: pair.slice(0, cut),
        value: pair.slice(cut + 1),
        secure: attributes.some((a) => a.toLowerCase() === 'secure'),
      };
      this.cookies = this.cookies.filter((c) => c.name !== cookie.name || c.host !== cookie.host || c.path !== cookie.path);
      const over = has('max-age') === '0' || (has('expires') && new Date(has('expires')) < new Date());
      if (!over) this.cookies.push(cookie);
    }
  }

  #save() {
    if (this.file) writeFileSync(this.file, JSON.stringify(this.cookies), { mode: 0o600 });
  }
}

/** The browser was sent to the client: `url` with its parameters, or the fields of a form_post. */
export class Arrival {
  constructor(url, body) {
    this.url = new URL(url);
    this.posted = body !== undefined;
    this.parameters = this.posted ? new URLSearchParams(body) : this.url.searchParams;
  }
}

export class Page {
  constructor(url, response, html) {
    this.url = url;
    this.status = response.status;
    this.headers = response.headers;
    this.html = html;
    this.document = parse(html);
  }

  get forms() {
    return [...walk(this.document)].filter((node) => node.tagName === 'form').map((node) => new Form(node, this.url));
  }

  signInForm() {
    return this.forms.find((form) => form.fields.some((field) => field.autocomplete.includes('current-password')));
  }

  codeForm() {
    return this.forms.find((form) => form.fields.some((field) => field.autocomplete.includes('one-time-code')));
  }

  /** The first button whose words match, with its form. */
  formWith(words) {
    for (const form of this.forms) {
      const button = form.buttons.find((b) => words.test(b.text));
      if (button) return { form, button };
    }
    return undefined;
  }

  links() {
    return [...walk(this.document)]
      .filter((node) => node.tagName === 'a' && attribute(node, 'href') !== undefined)
      .map((node) => ({ href: new URL(attribute(node, 'href'), this.url).href, text: text(node) }));
  }

  text() {
    const body = [...walk(this.document)].find((node) => node.tagName === 'body');
    return body ? text(body) : '';
  }
}

class Form {
  constructor(node, url) {
    const inputs = [...walk(node)].filter((n) => ['input', 'button', 'select', 'textarea'].includes(n.tagName));
    const resolve = (target) => new URL(target || url, url).href;
    this.method = (attribute(node, 'method') ?? 'get').toLowerCase();
    this.action = resolve(attribute(node, 'action'));
    this.fields = inputs.filter(isField).map((n) => ({
      name: attribute(n, 'name'),
      value: attribute(n, 'value') ?? '',
      type: attribute(n, 'type') ?? 'text',
      autocomplete: (attribute(n, 'autocomplete') ?? '').split(/\s+/),
    }));
    this.buttons = inputs.filter(isButton).map((n) => ({
      name: attribute(n, 'name'),
      value: attribute(n, 'value') ?? '',
      text: n.tagName === 'button' ? text(n) : (attribute(n, 'value') ?? 'Submit'),
      action: attribute(n, 'formaction') === undefined ? undefined : resolve(attribute(n, 'formaction')),
    }));
  }

  /** Values for the fields that a password manager would fill. */
  filled({ username, password }) {
    const values = {};
    for (const field of this.fields) {
      if (field.autocomplete.includes('username')) values[field.name] = username;
      if (field.autocomplete.includes('current-password')) values[field.name] = password;
    }
    return values;
  }
}

function isField(node) {
  if (attribute(node, 'name') === undefined || isButton(node) || attribute(node, 'disabled') !== undefined) return false;
  const type = attribute(node, 'type');
  if (type === 'button' || node.tagName === 'button') return false;
  return !['checkbox', 'radio'].includes(type) || attribute(node, 'checked') !== undefined;
}

function isButton(node) {
  const type = attribute(node, 'type');
  return node.tagName === 'button' ? type === undefined || type === 'submit' : node.tagName === 'input' && type === 'submit';
}

function isUnder(url, until) {
  return until !== undefined && (url === until || url.startsWith(`${until}?`) || url.startsWith(`${until}#`));
}

function attribute(node, name) {
  return node.attrs?.find((a) => a.name === name)?.value;
}

function text(node) {
  const words = [...walk(node)].filter((n) => n.nodeName === '#text' && !['style', 'script'].includes(n.parentNode.tagName));
  return words.map((n) => n.value).join(' ').replace(/\s+/g, ' ').trim();
}

function* walk(node) {
  yield node;
  for (const child of node.childNodes ?? []) yield* walk(child);
}
