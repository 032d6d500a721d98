// The demo application of `doorward dev`: what a newcomer clicks through.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, person } from '../lib/chromium.mjs';
import { allow, button, password, press, signIn } from '../lib/pages.mjs';
import { ALICE, DEMO, ISSUER } from '../lib/world.mjs';

/** Whose sequences have a token in the fragment. */
const IMPLICIT = ['smartenit', 'magic'];

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

/** Where the answer came in the fragment: a script of the page has handed it over, or the person does. */
async function handOver(tab, isByScript) {
  if (isByScript) {
    await tab.waitForURL(/\/systems\/[^/]*$/);
  } else if (await tab.getByLabel('Address').count()) {
    assert.match(tab.url(), /#.*_token=/);
    // One of another request is not taken, and the step is still to be done.
    await tab.getByLabel('Address').fill(tab.url().replace(/state=[^&]*/, 'state=x'));
    await press(button(tab, 'Hand it over'));
    assert.match(await tab.locator('main').innerText(), /belongs to no request of this browser/);
    await tab.goBack();
    await tab.getByLabel('Address').fill(tab.url());
    await press(button(tab, 'Hand it over'));
  }
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

    for (const name of ['standard', 'mittwald', 'mia-platform', 'smartenit', 'magic', 'ez-publish']) {
      it(`plays the sequence of ${name} to its end`, async (t) => {
        const context = await person(t, browser, { javaScriptEnabled });
        const tab = await context.newPage();
        await tab.goto(`${DEMO}/systems/${name}`);
        const statuses = () => tab.locator('li h3 code').allInnerTexts();
        for (let turn = 0; turn < 15; turn += 1) {
          if (await button(tab, 'Go to the issuer').count()) {
            await press(button(tab, 'Go to the issuer'));
            if (await password(tab).count()) await signIn(tab, ALICE);
            if (await button(tab, 'Allow').count()) await allow(tab);
            await handOver(tab, javaScriptEnabled);
          } else if (await button(tab, 'Send it').count()) {
            await press(button(tab, 'Send it'));
          } else {
            break;
          }
          assert.equal(await tab.getByRole('alert').count(), 0, await tab.locator('main').innerText());
        }
        assert.match(await tab.getByRole('status').innerText(), /That is all of it/);
        const refused = (await statuses()).filter((status) => ['401', '403'].includes(status));
        assert.ok(refused.length > 0, 'a call is refused at its end');
        const inFragment = await tab.locator('pre', { hasText: /^location: .*#.*_token=/ }).count();
        assert.equal(inFragment, IMPLICIT.includes(name) ? 1 : 0);
        await press(button(tab, 'Start again'));
        assert.deepEqual(await statuses(), []);
      });
    }

    it('takes no fragment that belongs to no request of its own', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await tab.goto(`${DEMO}/systems/smartenit/callback#access_token=a.b.c&state=x`);
      assert.match(await tab.locator('main').innerText(), /belongs to no request of this browser/);
      // Nor one that no page of its own has sent.
      const form = { answer: 'access_token=a.b.c&state=x' };
      const posted = await context.request.post(`${DEMO}/systems/smartenit/callback`, { form, maxRedirects: 0 });
      assert.deepEqual([posted.status(), posted.headers().location], [303, '/']);
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
