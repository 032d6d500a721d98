// Consent: what is shown, allowing, denying, remembering.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Application } from '../lib/application.mjs';
import { launch, person } from '../lib/chromium.mjs';
import { allow, arrival, button, openAccount, press, redeem, signIn, start } from '../lib/pages.mjs';
import { ALICE, BOB, ISSUER } from '../lib/world.mjs';

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
  describe(`consent with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('shows who asks, for what, where one goes back to, and who is signed in', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await start(tab, { prompt: 'consent', scope: 'openid email offline_access' });
      await signIn(tab, ALICE);
      await button(tab, 'Allow').waitFor();
      const text = await tab.locator('main').innerText();
      assert.match(text, /localhost/);
      assert.match(text, /e-mail address/);
      assert.match(text, /while you are away/);
      assert.match(text, /Alice Adams/);
      assert.doesNotMatch(text, /phone number/);
    });

    it('denied: the application learns it, with its state', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      const { state } = await start(tab, { prompt: 'consent' });
      await signIn(tab, ALICE);
      await press(button(tab, 'Deny'));
      const answer = await arrival(tab);
      assert.equal(answer.get('error'), 'access_denied');
      assert.equal(answer.get('state'), state);
      assert.equal(answer.get('iss'), ISSUER);
      assert.equal(answer.get('code'), null);
    });

    it('posts the answer to the application when it asked for form_post', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      const { state } = await start(tab, { prompt: 'consent', response_mode: 'form_post' });
      await signIn(tab, ALICE);
      await allow(tab);
      if (!javaScriptEnabled) await press(button(tab, 'Continue'));
      await tab.getByRole('heading', { name: 'Back at the application' }).waitFor();
      const answer = application.arrivals.at(-1);
      assert.equal(answer.get('state'), state);
      assert.equal((await redeem(answer.get('code'))).status, 200);
    });
  });
}

describe('consent', () => {
  it('is remembered for what was allowed, and asked again when more is wanted', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await openAccount(tab, BOB);
    await start(tab, { scope: 'openid', prompt: 'consent' });
    await allow(tab);
    await arrival(tab);

    const again = await start(tab, { scope: 'openid' });
    assert.equal((await arrival(tab)).get('state'), again.state);

    await start(tab, { scope: 'openid phone' });
    await press(button(tab, 'Deny'));
    assert.equal((await arrival(tab)).get('error'), 'access_denied');
  });

  it('lets another person sign in instead', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    const { state } = await start(tab, { prompt: 'consent' });
    await signIn(tab, ALICE);
    await press(button(tab, 'Not you? Switch account'));
    const other = button(tab, 'Use another account');
    if (await other.count()) await press(other);
    await signIn(tab, BOB);
    await button(tab, 'Allow').waitFor();
    assert.match(await tab.locator('main').innerText(), /bob/i);
    await allow(tab);
    assert.equal((await arrival(tab)).get('state'), state);
  });
});
