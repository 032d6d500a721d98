// The demo application of `doorward dev`: what a newcomer clicks through.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, person } from '../lib/chromium.mjs';
import { allow, button, password, press, signIn } from '../lib/pages.mjs';
import { ALICE, DEMO, ISSUER } from '../lib/world.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** From the demo's first page, with `prompt=consent`, to the consent page. */
async function ask(tab) {
  await tab.goto(DEMO);
  await tab.locator('details').evaluate((details) => (details.open = true));
  await tab.getByLabel('prompt').selectOption('consent');
  await press(button(tab, 'Sign in'));
  await signIn(tab, ALICE);
}

for (const javaScriptEnabled of [true, false]) {
  describe(`the demo application, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('signs in, shows the tokens, calls userinfo, refreshes, signs out', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await ask(tab);
      await allow(tab);
      await tab.getByRole('heading', { level: 1, name: 'Signed in as Alice Adams' }).waitFor();
      assert.match(await tab.getByRole('region', { name: 'ID token' }).innerText(), new RegExp(`"iss": "${ISSUER}"`));

      await press(button(tab, 'Call userinfo'));
      assert.match(await tab.getByRole('region', { name: 'Answer of userinfo' }).innerText(), /alice@example\.com/);
      await press(button(tab, 'Refresh'));
      assert.match(await tab.locator('main').innerText(), /present, used once/);

      await press(button(tab, 'Sign out'));
      assert.equal(new URL(tab.url()).origin, DEMO);
      assert.match(await tab.getByRole('status').innerText(), /You are signed out/);
      await tab.goto(`${ISSUER}/account`);
      assert.equal(await password(tab).count(), 1, 'signed out at the server too');
    });

    it('says what came back when access was denied', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await ask(tab);
      await press(button(tab, 'Deny'));
      assert.match(await tab.locator('main').innerText(), /access_denied/);
    });
  });
}
