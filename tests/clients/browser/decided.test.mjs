// What the design decided about browsers (its section 9): each line a test.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Application } from '../lib/application.mjs';
import { launch, person } from '../lib/chromium.mjs';
import { allow, arrival, button, fill, finish, openAccount, password, press, redeem, refresh, signIn, start, userinfo } from '../lib/pages.mjs';
import { ALICE, BOB, CALLBACK, ISSUER, authorizationUrl, random } from '../lib/world.mjs';

/** Another site, for a browser: a host that is not localhost. */
const ELSEWHERE = 'http://127.0.0.1:9000';

let application;
let browser;
before(async () => {
  application = await Application.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await application?.stop();
});

const policyOf = (response) => response.headers()['content-security-policy'];

/** Redeems every code that was handed out, the one the application got first: how many are good? */
async function live(codes, last) {
  const tokens = await redeem(last);
  assert.equal(tokens.status, 200, 'the code that the application has is good');
  for (const code of codes.filter((c) => c !== last)) {
    assert.equal((await redeem(code)).error, 'invalid_grant', 'no other code is');
  }
  // Their failure must not have ended what the application holds.
  await userinfo(tokens.access_token);
}

/** Notes every code that the server sends this tab to the application with, followed or not. */
function watch(tab) {
  const codes = new Set();
  tab.on('response', async (response) => {
    const location = await response.headerValue('location').catch(() => null);
    if (location?.startsWith(`${CALLBACK}?`)) codes.add(new URL(location).searchParams.get('code'));
  });
  return codes;
}

describe('form-action', () => {
  it('is absent where the POST may end at a client, and self everywhere else', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    const { response: signInPage } = await start(tab);
    assert.doesNotMatch(policyOf(signInPage), /form-action/);
    await openAccount(tab, ALICE);
    const { response: consentPage } = await start(tab, { prompt: 'consent' });
    assert.doesNotMatch(policyOf(consentPage), /form-action/);
    for (const path of ['/account', '/no-such-page']) {
      assert.match(policyOf(await tab.goto(`${ISSUER}${path}`)), /form-action 'self'/, path);
    }
    for (const response of [signInPage, consentPage]) {
      assert.doesNotMatch(policyOf(response), /unsafe-/);
      assert.match(policyOf(response), /frame-ancestors 'none'/);
    }
  });

  it('does not stand in the way when the client sends on to another origin of its own', async (t) => {
    const { '/cb': usual } = application.pages;
    application.pages['/cb'] = () => ({ status: 302, headers: { location: `${ELSEWHERE}/next` } });
    application.pages['/next'] = () => ({ body: '<!doctype html><html lang="en"><title>Next</title><h1>Next</h1>' });
    t.after(() => {
      if (usual) application.pages['/cb'] = usual;
      else delete application.pages['/cb'];
    });
    const context = await person(t, browser);
    const tab = await context.newPage();
    await start(tab, { prompt: 'consent' });
    await signIn(tab, ALICE);
    await allow(tab);
    assert.equal(tab.url(), `${ELSEWHERE}/next`);
  });
});

describe('a custom scheme', () => {
  const native = { client_id: 'demo-native', redirect_uri: 'com.example.app:/cb', scope: 'openid' };

  for (const javaScriptEnabled of [true, false]) {
    // A native client's consent is not remembered (RFC 8252, section 8.6): what comes without a click is a refusal.
    it(`is followed after a click, and offered as a link where no click came before, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await openAccount(tab, ALICE);
      await start(tab, { ...native, prompt: 'consent' });
      const sent = tab.waitForResponse((response) => response.request().method() === 'POST');
      await button(tab, 'Allow').click();
      const target = await (await sent).headerValue('location');
      assert.ok(target.startsWith('com.example.app:/cb?code='), target);

      const { state } = await start(tab, { ...native, prompt: 'none' });
      const link = tab.getByRole('link', { name: 'Continue' });
      const offered = new URL(await link.getAttribute('href'));
      assert.equal(offered.protocol, 'com.example.app:');
      assert.equal(offered.searchParams.get('state'), state);
      assert.equal(offered.searchParams.get('error'), 'consent_required');
    });
  }
});

for (const javaScriptEnabled of [true, false]) {
  describe(`a stale form, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    /** Sends a sign-in form that `spoil` made stale: nobody is signed in, and the fresh form leads to the application. */
    async function freshFormFor(t, spoil) {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      const { state } = await start(tab, { prompt: 'consent' });
      await spoil(context, tab);
      await signIn(tab, ALICE);
      assert.equal(await password(tab).count(), 1, 'a fresh form');
      const other = await context.newPage();
      await other.goto(`${ISSUER}/account`);
      assert.equal(await password(other).count(), 1, 'nobody is signed in');
      await signIn(tab, ALICE);
      await allow(tab);
      const answer = await arrival(tab);
      assert.equal(answer.get('state'), state);
      assert.equal((await redeem(answer.get('code'))).status, 200);
    }

    it('whose cookie was lost gives a fresh form for the same request', async (t) => {
      await freshFormFor(t, (context) => context.clearCookies());
    });

    it('whose token is another gives a fresh form for the same request', async (t) => {
      await freshFormFor(t, (_, tab) => tab.locator('input[name=form]').first().evaluate((field) => (field.value = 'x'.repeat(43))));
    });

    it('whose token belongs to another browser gives a fresh form for the same request', async (t) => {
      await freshFormFor(t, async (_, tab) => {
        const attacker = await person(t, browser, { javaScriptEnabled });
        const page = await attacker.newPage();
        await start(page);
        const foreign = await page.locator('input[name=form]').first().inputValue();
        await tab.locator('input[name=form]').first().evaluate((field, value) => (field.value = value), foreign);
      });
    });

    it('of a consent page grants nothing, and is shown again', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await openAccount(tab, ALICE);
      const { state } = await start(tab, { prompt: 'consent' });
      const before = application.arrivals.length;
      await tab.locator('input[name=form]').first().evaluate((field) => (field.value = 'x'.repeat(43)));
      await allow(tab);
      assert.equal(application.arrivals.length, before, 'nothing is granted');
      assert.equal((await finish(tab, ALICE)).get('state'), state);
    });

    it('whose session ended meanwhile asks who is there, and then goes on', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await openAccount(tab, ALICE);
      const { state } = await start(tab, { prompt: 'consent' });
      await context.clearCookies();
      await allow(tab);
      assert.equal((await finish(tab, ALICE)).get('state'), state);
    });
  });
}

describe('two tabs', () => {
  it('end each at their own redirect with their own state', async (t) => {
    const context = await person(t, browser);
    const [one, two] = [await context.newPage(), await context.newPage()];
    const first = await start(one, { prompt: 'consent', redirect_uri: CALLBACK });
    const second = await start(two, { prompt: 'consent', client_id: 'demo-first' });
    await signIn(one, ALICE);
    assert.equal((await finish(two, ALICE)).get('state'), second.state);
    assert.equal((await finish(one, ALICE)).get('state'), first.state);
  });

  it('may be finished in the order of the second', async (t) => {
    const context = await person(t, browser);
    const [one, two] = [await context.newPage(), await context.newPage()];
    const first = await start(one);
    const second = await start(two);
    await signIn(two, ALICE);
    assert.equal((await finish(two, ALICE)).get('state'), second.state);
    await signIn(one, ALICE);
    assert.equal((await finish(one, ALICE)).get('state'), first.state);
  });

  it('of two people: consent shown to one is asked anew when the other has signed in', async (t) => {
    const context = await person(t, browser);
    const [one, two] = [await context.newPage(), await context.newPage()];
    await openAccount(one, ALICE);
    const { state } = await start(one, { prompt: 'consent' });
    assert.match(await one.locator('main').innerText(), /Alice Adams/);

    await start(two, { prompt: 'login' });
    await signIn(two, BOB);
    await finish(two, BOB);

    const before = application.arrivals.length;
    await allow(one);
    assert.equal(application.arrivals.length, before, 'the click meant for Alice grants nothing of Bob');
    assert.doesNotMatch(await one.locator('main').innerText(), /Alice Adams/);
    const answer = await finish(one, BOB);
    assert.equal(answer.get('state'), state);
    const tokens = await redeem(answer.get('code'));
    assert.notEqual((await userinfo(tokens.access_token)).email, 'alice@example.com');
  });
});

for (const javaScriptEnabled of [true, false]) {
  describe(`a form sent twice, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('by a double click on Sign in leads to the application', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      const codes = watch(tab);
      await openAccount(tab, ALICE);
      await start(tab, { prompt: 'consent' });
      await allow(tab);
      await arrival(tab);
      codes.clear();
      await context.clearCookies();

      const { state } = await start(tab);
      await fill(tab, ALICE);
      await button(tab, 'Sign in').dblclick();
      await tab.waitForURL(`${CALLBACK}?**`);
      const answer = await arrival(tab);
      assert.equal(answer.get('state'), state);
      await live([...codes], answer.get('code'));
    });

    it('by a double click on Allow leads to the application, with one live grant', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      const codes = watch(tab);
      await openAccount(tab, ALICE);
      const { state } = await start(tab, { prompt: 'consent' });
      await button(tab, 'Allow').dblclick();
      const answer = await arrival(tab);
      assert.equal(answer.get('state'), state);
      await live([...codes], answer.get('code'));
    });

    it('by going back to the sign-in page leads to the application', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      const { state } = await start(tab, { prompt: 'consent' });
      await signIn(tab, ALICE);
      await button(tab, 'Allow').waitFor();
      await tab.goBack();
      assert.equal((await finish(tab, ALICE)).get('state'), state);
    });

    it('by going back to the consent page leads to the application', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await openAccount(tab, ALICE);
      const { state } = await start(tab, { prompt: 'consent' });
      await allow(tab);
      await arrival(tab);
      await tab.goBack();
      const answer = await finish(tab, ALICE);
      assert.equal(answer.get('state'), state);
      assert.equal((await redeem(answer.get('code'))).status, 200);
    });

    it('by sending the very same consent again, after the application has its tokens, leaves one live grant', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await openAccount(tab, ALICE);
      const { state } = await start(tab, { prompt: 'consent', scope: 'openid email offline_access' });
      const sent = tab.waitForRequest((request) => request.method() === 'POST');
      await allow(tab);
      const first = await redeem((await arrival(tab)).get('code'));
      assert.equal(first.status, 200);

      const again = await context.request.post((await sent).url(), {
        data: (await sent).postData(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: ISSUER },
        maxRedirects: 0,
      });
      const answer = new URL(again.headers().location);
      assert.ok(answer.href.startsWith(`${CALLBACK}?`), answer.href);
      assert.equal(answer.searchParams.get('state'), state);
      const second = await redeem(answer.searchParams.get('code'));
      await userinfo(second.access_token);
      assert.equal((await refresh(first.refresh_token)).error, 'invalid_grant');
    });

    it('by reloading what a wrong password brought leads to the application', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      const { state } = await start(tab, { prompt: 'consent' });
      await signIn(tab, { ...ALICE, password: 'not the password' });
      await tab.reload();
      assert.equal((await finish(tab, ALICE)).get('state'), state);
    });

    it('by reloading the consent page leads to the application', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      const { state } = await start(tab, { prompt: 'consent' });
      await signIn(tab, ALICE);
      await tab.reload();
      assert.equal((await finish(tab, ALICE)).get('state'), state);
    });
  });
}

describe('a request from another site', () => {
  it('by POST finds the session all the same', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await openAccount(tab, ALICE);
    await start(tab, { prompt: 'consent' });
    await allow(tab);
    await arrival(tab);

    const url = authorizationUrl();
    const fields = [...url.searchParams].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
    application.pages['/post'] = () => ({
      body: `<!doctype html><html lang="en"><title>Elsewhere</title>
        <form method="post" action="${ISSUER}/authorize">${fields.join('')}<button>Go</button></form>`,
    });
    await tab.goto(`${ELSEWHERE}/post`);
    await press(button(tab, 'Go'));
    assert.equal((await arrival(tab)).get('state'), url.searchParams.get('state'));
  });

  it('by POST shows the sign-in page to who has no session', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    const url = authorizationUrl({ prompt: 'consent' });
    const fields = [...url.searchParams].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
    application.pages['/post'] = () => ({
      body: `<!doctype html><html lang="en"><title>Elsewhere</title>
        <form method="post" action="${ISSUER}/authorize">${fields.join('')}<button>Go</button></form>`,
    });
    await tab.goto(`${ELSEWHERE}/post`);
    await press(button(tab, 'Go'));
    assert.equal((await finish(tab, ALICE)).get('state'), url.searchParams.get('state'));
  });

  it('cannot sign anybody in, out, or allow anything with a form of its own', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await openAccount(tab, ALICE);
    const before = application.arrivals.length;
    for (const [path, action] of [['/consent', 'allow'], ['/sign-out', 'sign-out'], ['/account/sessions', 'end-others']]) {
      application.pages['/attack'] = () => ({
        body: `<!doctype html><html lang="en"><title>Elsewhere</title>
          <form method="post" action="${ISSUER}${path}"><input type="hidden" name="form" value="x">
          <button name="action" value="${action}">Win a prize</button></form>`,
      });
      await tab.goto(`${ELSEWHERE}/attack`);
      await press(button(tab, 'Win a prize'));
      await tab.goto(`${ISSUER}/account`);
      assert.equal(await button(tab, 'Change password').count(), 1, `${path}: still signed in`);
    }
    assert.equal(application.arrivals.length, before);
  });
});

describe('state', () => {
  // Every character that a state may have (RFC 6749, appendix A.5).
  const every = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');

  for (const response_mode of ['query', 'form_post']) {
    it(`comes back byte for byte by ${response_mode}`, async (t) => {
      const context = await person(t, browser);
      const tab = await context.newPage();
      await openAccount(tab, ALICE);
      await start(tab, { prompt: 'consent', state: every, response_mode });
      await allow(tab);
      await tab.getByRole('heading', { name: 'Back at the application' }).waitFor();
      assert.equal(application.arrivals.at(-1).get('state'), every);
    });
  }
});

describe('what a client in a browser must read', () => {
  const origin = 'http://localhost:9000';

  it('carries its CORS headers, errors included', async () => {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: random(), client_id: 'demo-spa' });
    const refused = await fetch(`${ISSUER}/token`, { method: 'POST', body, headers: { origin } });
    assert.equal(refused.status, 400);
    assert.ok(['*', origin].includes(refused.headers.get('access-control-allow-origin')));
    assert.equal(refused.headers.get('www-authenticate'), null);

    const userinfoRefused = await fetch(`${ISSUER}/userinfo`, { headers: { origin, authorization: 'Bearer garbage' } });
    assert.equal(userinfoRefused.status, 401);
    assert.ok(['*', origin].includes(userinfoRefused.headers.get('access-control-allow-origin')));
    assert.match(userinfoRefused.headers.get('access-control-expose-headers') ?? '', /www-authenticate/i);

    for (const path of ['/jwks', '/.well-known/openid-configuration']) {
      const response = await fetch(`${ISSUER}${path}`, { headers: { origin } });
      assert.ok(['*', origin].includes(response.headers.get('access-control-allow-origin')), path);
    }
  });

  it('may be asked for after a preflight', async () => {
    const preflight = await fetch(`${ISSUER}/userinfo`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });
    assert.ok(preflight.ok);
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/i);
  });

  it('does not open the pages to scripts of other origins', async () => {
    for (const path of ['/account', '/authorize', '/sign-in']) {
      const response = await fetch(`${ISSUER}${path}`, { headers: { origin }, redirect: 'manual' });
      assert.equal(response.headers.get('access-control-allow-origin'), null, path);
    }
  });

  it('asks for Basic only who sent Basic', async () => {
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    const basic = await fetch(`${ISSUER}/token`, { method: 'POST', body, headers: { authorization: 'Basic ZGVtby13ZWI6d3Jvbmc=' } });
    assert.equal(basic.status, 401);
    assert.match(basic.headers.get('www-authenticate'), /^Basic/);
    const post = new URLSearchParams({ ...Object.fromEntries(body), client_id: 'demo-web', client_secret: 'wrong' });
    const posted = await fetch(`${ISSUER}/token`, { method: 'POST', body: post });
    assert.equal((await posted.json()).error, 'invalid_client');
    assert.equal(posted.headers.get('www-authenticate'), null);
  });
});
