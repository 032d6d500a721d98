// The demo application of `doorward dev`: what a newcomer clicks through.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, person } from '../lib/chromium.mjs';
import { allow, button, fill, password, press, signIn } from '../lib/pages.mjs';
import { ALICE, DEMO, ISSUER } from '../lib/world.mjs';

/** Whose sequences have a token in the fragment. */
const IMPLICIT = ['smartenit', 'magic'];

/** What is pressed and read on the way, in both languages. */
const ENGLISH = {
  go: 'Go to the issuer',
  send: 'Send it',
  signIn: 'Sign in',
  allow: 'Allow',
  address: 'Address',
  handOver: 'Hand it over',
  foreign: /belongs to no request of this browser/,
};
const GERMAN = {
  go: 'Zum Aussteller',
  send: 'Senden',
  signIn: 'Anmelden',
  allow: 'Erlauben',
  address: 'Adresse',
  handOver: 'Weiterreichen',
  foreign: /gehört zu keiner Anfrage dieses Browsers/,
};

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
async function handOver(tab, words, isByScript) {
  if (isByScript) {
    await tab.waitForURL(/\/systems\/[^/]*$/);
  } else if (await tab.getByLabel(words.address).count()) {
    assert.match(tab.url(), /#.*_token=/);
    // One of another request is not taken, and the step is still to be done.
    await tab.getByLabel(words.address).fill(tab.url().replace(/state=[^&]*/, 'state=x'));
    await press(button(tab, words.handOver));
    assert.match(await tab.locator('main').innerText(), words.foreign);
    await tab.goBack();
    await tab.getByLabel(words.address).fill(tab.url());
    await press(button(tab, words.handOver));
  }
}

/** From the first step of a sequence to its end, by what its buttons say. */
async function play(tab, words, isByScript) {
  for (let turn = 0; turn < 15; turn += 1) {
    if (await button(tab, words.go).count()) {
      await press(button(tab, words.go));
      if (await password(tab).count()) {
        await fill(tab, ALICE);
        await press(button(tab, words.signIn));
      }
      if (await button(tab, words.allow).count()) await press(button(tab, words.allow));
      await handOver(tab, words, isByScript);
    } else if (await button(tab, words.send).count()) {
      await press(button(tab, words.send));
    } else {
      break;
    }
    assert.equal(await tab.getByRole('alert').count(), 0, await tab.locator('main').innerText());
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
        await play(tab, ENGLISH, javaScriptEnabled);
        assert.match(await tab.getByRole('status').innerText(), /That is all of it/);
        const refused = (await statuses()).filter((status) => ['401', '403'].includes(status));
        assert.ok(refused.length > 0, 'a call is refused at its end');
        const inFragment = await tab.locator('pre', { hasText: /^location: .*#.*_token=/ }).count();
        assert.equal(inFragment, IMPLICIT.includes(name) ? 1 : 0);
        await press(button(tab, 'Start again'));
        assert.deepEqual(await statuses(), []);
      });
    }

    it('plays a sequence in German, and says so', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled, locale: 'de-DE' });
      const tab = await context.newPage();
      await tab.goto(`${DEMO}/systems/smartenit`);
      await play(tab, GERMAN, javaScriptEnabled);
      assert.equal(await tab.locator('html').getAttribute('lang'), 'de');
      assert.match(await tab.getByRole('status').innerText(), /^Das ist alles\.$/);
      // What each step is, in order, and what stands above each request and answer.
      const steps = await tab.locator('ol.steps > li').evaluateAll((all) => all.map((step) => step.querySelector('h2').textContent));
      assert.deepEqual([steps[0], ...steps.slice(-3)], [
        'Die Person meldet sich an',
        'Derselbe Aufruf, den der Wächter jetzt ablehnt',
        'Die Person bekommt die Rolle zurück',
        'Ein Aufruf mit dem, was dabei herauskam',
      ]);
      const words = await tab.locator('ol.steps h3').evaluateAll((all) => all.map((title) => title.firstChild.textContent.trim()));
      assert.deepEqual([...new Set(words)].sort(), ['Anfrage', 'Antwort']);
      const details = await tab.locator('ol.steps summary').allInnerTexts();
      assert.deepEqual([...new Set(details)], ['Das Token darin']);
      await press(button(tab, 'Noch einmal beginnen'));
      assert.equal(await tab.locator('ol.steps h3').count(), 0);
    });

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
