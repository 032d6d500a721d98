// Debian's mod_auth_openidc in front of an application: sign-in with claims as headers, a rule about claims, refresh, sign-out;
// and an API behind it whose tokens it asks the server about. Apache and the server speak https, each with the same authority.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Arrival, Browser, Page } from '../lib/browser.mjs';
import { ALICE, API, BOB, ISSUER, random, secretOf } from '../lib/world.mjs';
import { Apache, application, freePort } from './apache.mjs';

const DATA = process.env.DOORWARD_TEST_DATA;
const DOORWARD = process.env.DOORWARD_TEST_BINARY ?? fileURLToPath(new URL('../../../target/debug/doorward', import.meta.url));
const client = { id: 'apache', secret: `secret-of-apache-${random()}${random()}` };

/** Registers Apache as an operator would. */
function register(site) {
  const document = {
    tenants: [
      {
        id: 'demo',
        clients: [
          {
            id: client.id,
            name: 'The desk',
            redirect_uris: [`${site}/openidc`],
            post_logout_redirect_uris: [`${site}/bye`],
            grant_types: ['authorization_code', 'refresh_token'],
            scopes: 'openid profile email offline_access',
            secrets: [{ value: client.secret }],
          },
        ],
      },
    ],
  };
  execFileSync(DOORWARD, ['apply', '-f', '-', '--data', DATA], { input: JSON.stringify(document), stdio: ['pipe', 'pipe', 'inherit'] });
}

describe('mod_auth_openidc', () => {
  let apache;
  let behind;
  let site;

  before(async () => {
    behind = await application();
    const port = await freePort();
    site = `https://localhost:${port}`;
    register(site);
    const api = { id: 'demo-api', secret: secretOf('demo-api') };
    const all = { port, application: behind.address().port, issuer: ISSUER, data: DATA, client, api, passphrase: random() };
    apache = await Apache.start(all);
  });

  after(async () => {
    await apache?.stop();
    behind?.close();
  });

  /** A person's browser that has opened the page, signing in on the way. */
  async function signedIn(person) {
    const browser = new Browser();
    const arrival = await browser.authorize(`${site}/desk`, { until: `${site}/openidc`, ...person }).catch((error) => {
      throw new Error(`${error.message}\n${apache.log()}`);
    });
    const page = await browser.open(arrival.url.href);
    return { browser, arrival, page };
  }

  function told(page) {
    assert.ok(page instanceof Page, `not a page: ${page.url}`);
    assert.equal(page.status, 200, `${page.html}\n${apache.log()}`);
    return JSON.parse(page.html);
  }

  it('sends a stranger to sign in, and reaches the page with her claims in headers', async () => {
    const { arrival, page } = await signedIn(ALICE);
    assert.equal(arrival.parameters.get('iss'), ISSUER);
    assert.equal(page.url, `${site}/desk`);
    const { headers } = told(page);
    assert.equal(headers.oidc_claim_iss, ISSUER);
    assert.equal(headers.oidc_claim_email, ALICE_EMAIL);
    assert.equal(headers.oidc_claim_name, 'Alice Adams');
    assert.equal(headers.oidc_claim_aud, client.id);
    assert.ok(headers.oidc_claim_sub);
    assert.equal(headers['x-remote-user'], ALICE_EMAIL);
  });

  it('keeps a claim that a stranger sends from the application', async () => {
    const { browser } = await signedIn(ALICE);
    const page = await browser.open(`${site}/desk`, { headers: { OIDC_CLAIM_email: 'root@example.com', 'OIDC-Claim-Email': 'root@example.com' } });
    assert.equal(told(page).headers.oidc_claim_email, ALICE_EMAIL);
    assert.ok(!page.html.includes('root@example.com'), page.html);
  });

  it('lets in by a claim', async () => {
    const bob = await signedIn(BOB);
    assert.equal((await bob.browser.open(`${site}/desk/bob`)).status, 200);
    const alice = await signedIn(ALICE);
    const page = await alice.browser.open(`${site}/desk/bob`);
    assert.ok([401, 403].includes(page.status), `${page.status}`);
  });

  it('refreshes the tokens of its session', async () => {
    const { browser, page } = await signedIn(ALICE);
    const first = told(page).headers;
    assert.ok(first.oidc_access_token && first.oidc_refresh_token);
    const back = encodeURIComponent(`${site}/desk`);
    const token = encodeURIComponent(first.oidc_access_token);
    const next = told(await browser.open(`${site}/openidc?refresh=${back}&access_token=${token}`)).headers;
    assert.notEqual(next.oidc_access_token, first.oidc_access_token);
    assert.notEqual(next.oidc_refresh_token, first.oidc_refresh_token);
  });

  it('signs out here and at the server, and must sign in again', async () => {
    const { browser } = await signedIn(ALICE);
    const bye = `${site}/bye`;
    const end = await browser.signOut(`${site}/openidc?logout=${encodeURIComponent(bye)}`, { until: bye });
    assert.ok(end instanceof Arrival, `no way back: ${end.html}`);
    const page = await browser.open(`${site}/desk`);
    assert.ok(page.url.startsWith(ISSUER), page.url);
    assert.ok(page.signInForm());
  });

  it('asks the server about the tokens of an API', async () => {
    const headers = { authorization: `Basic ${Buffer.from(`demo-machine:${secretOf('demo-machine')}`).toString('base64')}` };
    const form = (fields) => ({ method: 'POST', headers, body: new URLSearchParams(fields) });
    const machine = async (scope) => {
      const answer = await fetch(`${ISSUER}/token`, form({ grant_type: 'client_credentials', scope, resource: API }));
      return (await answer.json()).access_token;
    };
    const ask = (token) => fetch(`${site}/orders`, { headers: { authorization: `Bearer ${token}` } });
    const token = await machine('orders:read');
    const answer = await ask(token);
    assert.equal(answer.status, 200, apache.log());
    assert.equal((await answer.json()).headers['x-remote-user'], 'demo-machine');

    assert.ok([401, 403].includes((await ask(await machine('orders:write'))).status));
    assert.equal((await ask('no-such-token')).status, 401);
    const revoked = await machine('orders:read');
    await fetch(`${ISSUER}/revoke`, form({ token: revoked }));
    assert.equal((await ask(revoked)).status, 401);
  });
});

const ALICE_EMAIL = 'alice@example.com';
