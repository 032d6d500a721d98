// oidc-client-ts 3 in headless Chromium: a public client on another origin, with PKCE and refresh tokens.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Application } from '../lib/application.mjs';
import { launch, person } from '../lib/chromium.mjs';
import { allow, signIn } from '../lib/pages.mjs';
import { ALICE, ISSUER } from '../lib/world.mjs';

const file = (path) => readFileSync(new URL(path, import.meta.url));
const page = () => ({ body: file('index.html') });
const script = (path) => () => ({ headers: { 'content-type': 'text/javascript' }, body: file(path) });

let application;
let browser;
before(async () => {
  application = await Application.start({
    '/': page,
    '/cb': page,
    '/app.js': script('app.js'),
    '/oidc-client-ts.js': script('../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js'),
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await application?.stop();
});

/** What the application knows, once it is no longer busy. */
async function state(tab) {
  await tab.waitForFunction(() => {
    const text = document.querySelector('#state')?.textContent;
    return text && !JSON.parse(text).busy;
  });
  return JSON.parse(await tab.locator('#state').textContent());
}

async function signedIn(t) {
  const context = await person(t, browser);
  const tab = await context.newPage();
  await tab.goto(`http://localhost:9000/?authority=${encodeURIComponent(ISSUER)}`);
  await tab.click('#sign-in');
  await signIn(tab, ALICE);
  await allow(tab);
  await tab.waitForURL('http://localhost:9000/cb?**');
  const user = await state(tab);
  assert.equal(user.error, undefined);
  return { tab, user };
}

describe('oidc-client-ts', () => {
  it('signs in, and reads userinfo across origins', async (t) => {
    const { user } = await signedIn(t);
    assert.equal(user.profile.iss, ISSUER);
    assert.ok(user.profile.name);
    assert.ok(user.refresh);
  });

  it('refreshes with its refresh token, which rotates', async (t) => {
    const { tab, user } = await signedIn(t);
    await tab.click('#refresh');
    const next = await state(tab);
    assert.equal(next.profile?.sub, user.profile.sub);
    assert.notEqual(next.access, user.access);
    assert.notEqual(next.refresh, user.refresh);
  });

  it('can read why a refresh is refused', async (t) => {
    const { tab } = await signedIn(t);
    await tab.click('#refresh-garbage');
    assert.deepEqual(await state(tab), { error: 'invalid_grant' });
  });

  it('revokes its tokens', async (t) => {
    const { tab } = await signedIn(t);
    await tab.click('#revoke');
    assert.deepEqual(await state(tab), { revoked: true });
  });

  it('sends the person to sign out', async (t) => {
    const { tab } = await signedIn(t);
    await tab.click('#sign-out');
    await tab.waitForURL(`${ISSUER}/**`);
    assert.match(await tab.locator('h1').innerText(), /sign|abgemeldet/i);
  });
});
