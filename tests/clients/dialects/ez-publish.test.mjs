// The requests of eZ Publish's desktop client, in a client that is as particular as that one: it reads addresses, and nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { apply } from '../lib/commands.mjs';
import { ISSUER, named, random } from '../lib/world.mjs';
import { guarded } from './guarded.mjs';

const TENANT = named('ez');
const AT = `${ISSUER}/${TENANT}`;
const API = 'https://content.ez.example';
const READER = { id: named('reader'), secret: `${random()}-${random()}`, redirect_uri: 'https://reader.example/cb' };
const ERIC = { username: 'eric', password: 'a quiet morning at sea' };

/** Success is an address with `expires_in`, failure any address with `error`; what a parameter says is what stands behind it, not decoded. */
class RestClient {
  constructor(api, client, browser = new Browser()) {
    Object.assign(this, { api, client, browser, refreshed: 0 });
  }

  /** Opens the page that asks, and watches where the browser goes. */
  async authorize(person) {
    const { id, redirect_uri } = this.client;
    const query = `response_type=code&client_id=${id}&redirect_uri=${encodeURIComponent(redirect_uri)}`;
    await this.browser.authorize(`${AT}/oauth/authorize?${query}`, { until: redirect_uri, ...person });
    for (const url of this.browser.visited) {
      if (url.includes('error')) throw new Error(`failed at ${url}`);
      if (!url.includes('expires_in')) continue;
      const words = url.split(/[?&=]/);
      return this.#take({ grant_type: 'authorization_code', redirect_uri, code: words[words.indexOf('code') + 1] });
    }
    throw new Error('nothing came back');
  }

  /** A call of the API. Whatever it is that is answered 401, a refresh is tried, once. */
  async call(path) {
    const answer = await this.#ask(path);
    if (answer.status !== 401) return answer;
    this.refreshed += 1;
    await this.#take({ grant_type: 'refresh_token', refresh_token: this.pair.refresh_token });
    return this.#ask(path);
  }

  #ask(path) {
    return fetch(`${this.api}${path}`, { headers: { authorization: `OAuth ${this.pair.access_token}` } });
  }

  async #take(form) {
    const body = new URLSearchParams({ ...form, client_id: this.client.id, client_secret: this.client.secret });
    const answer = await fetch(`${AT}/api/auth/oauth/token`, { method: 'POST', body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${text}`);
    this.pair = JSON.parse(text);
    return this.pair;
  }
}

describe("eZ Publish's client", () => {
  const content = '/api/ezp/v1/content/node/2';
  let api;

  before(async () => {
    const client = {
      id: READER.id,
      issuers: [TENANT],
      auth_method: 'client_secret_post',
      redirect_uris: [READER.redirect_uri],
      grant_types: ['authorization_code', 'refresh_token'],
      scopes: 'content:read offline_access',
      default_scopes: 'content:read offline_access',
      apis: [API],
      require_pkce: false,
      lifetimes: { access_token_s: 3600 },
      secrets: [{ value: READER.secret }],
    };
    await apply({
      id: TENANT,
      settings: { second_factor: 'optional' },
      issuers: [{ id: TENANT, url: AT, dialect: 'ez-publish' }],
      apis: [{ id: API, scopes: [{ name: 'content:read' }], guard: { routes: [{ path: '/api/**', scopes: ['content:read'] }] } }],
      users: [{ user_name: ERIC.username, password: ERIC.password }],
      clients: [client],
    });
    api = await guarded({ api: API, issuer: AT });
  });

  after(() => api?.stop());

  const reader = (browser) => new RestClient(api.url, READER, browser);

  it('takes a no for one', async () => {
    await assert.rejects(reader().authorize({ ...ERIC, allow: false }), /failed at https:\/\/reader\.example\/cb\?.*error=access_denied/);
  });

  it('signs in and reads, as the person who allowed it', async () => {
    const client = reader();
    const pair = await client.authorize(ERIC);
    assert.deepEqual([pair.expires_in, 'token_type' in pair], [3600, false]);
    for (const token of [pair.access_token, pair.refresh_token]) assert.match(token, /^[a-zA-Z0-9]+$/);
    const answer = await client.call(content);
    assert.equal(answer.status, 200, await answer.clone().text());
    const { path, person } = await answer.json();
    assert.deepEqual([path, client.refreshed], [content, 0]);
    assert.match(person, /^usr_/);
  });

  it('asks nobody twice', async () => {
    const browser = new Browser();
    await reader(browser).authorize(ERIC);
    browser.visited = [];
    await reader(browser).authorize(ERIC);
    assert.equal(browser.visited.length, 2, 'there and back');
  });

  it('gets nothing by another secret', async () => {
    const client = reader();
    client.client = { ...READER, secret: 'wrong' };
    await assert.rejects(client.authorize(ERIC), /^Error: 400 invalid_client$/);
  });

  it('goes on when its token is none, by one refresh', async () => {
    const client = reader();
    const before = await client.authorize(ERIC);
    client.pair = { ...before, access_token: 'x'.repeat(40) };
    assert.equal((await client.call(content)).status, 200);
    assert.equal(client.refreshed, 1);
    assert.notEqual(client.pair.access_token, before.access_token);
    assert.notEqual(client.pair.refresh_token, before.refresh_token);
    // A copy of it that has missed that gets the same pair, as after an answer that was lost.
    const { access_token, refresh_token } = client.pair;
    client.pair = before;
    assert.equal((await client.call(content)).status, 200);
    assert.deepEqual([client.pair.access_token, client.pair.refresh_token], [access_token, refresh_token]);
    client.pair = { access_token: 'x', refresh_token: access_token };
    await assert.rejects(client.call(content), /^Error: 400 invalid_grant$/);
  });

  it('is told what is the matter with a token, and nothing of none', async () => {
    const challenge = async (headers) => {
      const answer = await fetch(`${api.url}${content}`, { headers });
      return [answer.status, answer.headers.get('www-authenticate')];
    };
    const realm = "OAuth realm='eZ Publish REST'";
    assert.deepEqual(await challenge({}), [401, realm]);
    assert.deepEqual(await challenge({ authorization: 'OAuth x' }), [401, `${realm}, error='invalid_token'`]);
    const { refresh_token } = await reader().authorize(ERIC);
    assert.deepEqual(await challenge({ authorization: `OAuth ${refresh_token}` }), [401, `${realm}, error='invalid_token'`]);
  });
});
