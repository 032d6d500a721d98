// Signing in, as people do it: with and without JavaScript, with a wrong password, by keyboard, in German.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Application } from '../lib/application.mjs';
import { launch, person } from '../lib/chromium.mjs';
import { allow, arrival, button, openAccount, password, press, problem, redeem, signIn, start, userName, userinfo } from '../lib/pages.mjs';
import { ALICE, CAROL, ISSUER, secretOf } from '../lib/world.mjs';

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

for (const javaScriptEnabled of [true, false]) {
  describe(`sign-in with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('ends at the application, whose code is good for Alice', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      const { state } = await start(tab, { prompt: 'consent' });
      await signIn(tab, ALICE);
      await allow(tab);
      const answer = await arrival(tab);
      assert.equal(answer.get('state'), state);
      assert.equal(answer.get('iss'), ISSUER);
      const tokens = await redeem(answer.get('code'));
      assert.equal((await userinfo(tokens.access_token)).email, 'alice@example.com');
    });

    it('says the same of a wrong password and of an unknown name, and keeps the name that was typed', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await start(tab);
      const texts = [];
      for (const username of ['alice', 'nobody-of-that-name']) {
        await signIn(tab, { username, password: 'not the password' });
        texts.push(await problem(tab).innerText());
        assert.equal(await userName(tab).inputValue(), username);
        assert.equal(await password(tab).inputValue(), '');
      }
      assert.equal(texts[0], texts[1]);
      assert.equal(application.arrivals.length, application.arrivals.filter((a) => a.has('code')).length);
    });

    it('goes on after a wrong password as if nothing had been', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      const { state } = await start(tab, { prompt: 'consent' });
      await signIn(tab, { ...ALICE, password: 'not the password' });
      await signIn(tab, ALICE);
      await allow(tab);
      assert.equal((await arrival(tab)).get('state'), state);
    });
  });
}

describe('sign-in', () => {
  it('works by keyboard alone, and the focus can be seen', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    const { state } = await start(tab, { prompt: 'consent' });
    await userName(tab).waitFor();
    // The first field has the focus already.
    await tab.keyboard.type(ALICE.username);
    await tabTo(tab, 'input[autocomplete~="current-password"]');
    await tab.keyboard.type(ALICE.password);
    await tab.keyboard.press('Enter');
    await button(tab, 'Allow').waitFor();
    await tabTo(tab, 'button[value=allow]');
    await tab.keyboard.press('Enter');
    assert.equal((await arrival(tab)).get('state'), state);
  });

  it('reaches every control by Tab, in the order in which it is read', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await start(tab);
    await userName(tab).waitFor();
    const order = [];
    for (let presses = 0; presses < 12; presses += 1) {
      const top = await tab.evaluate(() => document.activeElement.getBoundingClientRect().top);
      order.push(top);
      if (await tab.evaluate(() => document.activeElement.matches('form button[type=submit]'))) break;
      await tab.keyboard.press('Tab');
    }
    assert.deepEqual(order, order.toSorted((a, b) => a - b));
    assert.ok(await tab.evaluate(() => document.activeElement.matches('button[type=submit]')));
  });

  it('moves the focus to what went wrong', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await start(tab);
    await signIn(tab, { ...ALICE, password: 'not the password' });
    await problem(tab).waitFor();
    const focused = await tab.evaluate(() => document.activeElement.matches('[role=alert], [aria-invalid=true]'));
    assert.ok(focused);
  });

  it('fills the name from login_hint, and shows who is asking', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await start(tab, { login_hint: 'alice' });
    assert.equal(await userName(tab).inputValue(), 'alice');
  });

  it('speaks German to a German browser and when ui_locales asks for it', async (t) => {
    for (const [locale, ui_locales] of [['de-DE', undefined], ['en-GB', 'de']]) {
      const context = await person(t, browser, { locale });
      const tab = await context.newPage();
      await start(tab, { ui_locales });
      assert.equal(await tab.locator('html').getAttribute('lang'), 'de');
      assert.equal(await button(tab, 'Anmelden').count(), 1);
    }
  });

  it("goes on in the person's own language once it is known who they are", async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await start(tab, { prompt: 'consent' });
    assert.equal(await tab.locator('html').getAttribute('lang'), 'en');
    await signIn(tab, CAROL);
    assert.equal(await tab.locator('html').getAttribute('lang'), 'de');
    await press(button(tab, 'Erlauben'));
    assert.ok((await arrival(tab)).get('code'));
  });

  it('is not asked for again while the session lives', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await start(tab);
    await signIn(tab, ALICE);
    if (!tab.url().includes('/cb')) await allow(tab);
    await arrival(tab);
    const { state } = await start(tab);
    assert.equal((await arrival(tab)).get('state'), state);
  });

  it('is asked for again by prompt=login, and prompt=select_account shows who is there', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await openAccount(tab, ALICE);
    await start(tab, { prompt: 'login' });
    assert.equal(await password(tab).count(), 1);
    await start(tab, { prompt: 'select_account' });
    assert.match(await tab.locator('main').innerText(), /Alice Adams/);
  });

  it('shows no consent page to a first-party application', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    const { state } = await start(tab, { client_id: 'demo-first', scope: 'openid' });
    await signIn(tab, ALICE);
    assert.equal((await arrival(tab)).get('state'), state);
    assert.ok(secretOf('demo-first'));
  });

  it('leaves only cookies that scripts cannot read and other sites do not send', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await openAccount(tab, ALICE);
    const cookies = await context.cookies();
    assert.ok(cookies.length > 0);
    for (const cookie of cookies) {
      assert.equal(cookie.httpOnly, true, cookie.name);
      assert.equal(cookie.sameSite, 'Lax', cookie.name);
      assert.equal(cookie.path, '/', cookie.name);
      assert.doesNotMatch(cookie.name, /^__/, 'plain http: no prefix');
    }
  });

  it('keeps the session over a restart of the browser only where the person ticked the box', async (t) => {
    for (const stays of [false, true]) {
      const context = await person(t, browser);
      const tab = await context.newPage();
      await tab.goto(`${ISSUER}/account`);
      await tab.getByLabel('Stay signed in').setChecked(stays);
      await signIn(tab, ALICE);
      await tab.getByRole('heading', { name: 'Your account' }).waitFor();
      const lasting = (await context.cookies()).filter((cookie) => /s-/.test(cookie.name) && cookie.expires > Date.now() / 1000 + 86400);
      assert.equal(lasting.length > 0, stays);
    }
  });

  it('shows a page of its own, never a redirect, for a client or a redirect URI that it does not know', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    for (const wrong of [{ client_id: 'nobody' }, { redirect_uri: 'http://localhost:9000/elsewhere' }]) {
      const { response } = await start(tab, wrong);
      assert.equal(response.status(), 400);
      assert.ok(tab.url().startsWith(ISSUER));
      assert.match(await tab.locator('main').innerText(), /Incident/);
    }
  });
});

/** Presses Tab until the control has the focus, which must be visible. */
async function tabTo(tab, selector) {
  for (let presses = 0; presses < 15; presses += 1) {
    await tab.keyboard.press('Tab');
    if (await tab.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
      const style = await tab.evaluate(() => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
        return { outline: outlineStyle !== 'none' && outlineWidth !== '0px', shadow: boxShadow !== 'none' };
      });
      assert.ok(style.outline || style.shadow, `${selector} shows its focus`);
      return;
    }
  }
  assert.fail(`${selector} cannot be reached by Tab`);
}
