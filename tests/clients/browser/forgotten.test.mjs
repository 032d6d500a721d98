// A forgotten password, from the sign-in page over the mail to a sign-in with the new one.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, person } from '../lib/chromium.mjs';
import { newcomer } from '../lib/commands.mjs';
import { button, press, problem, signIn } from '../lib/pages.mjs';
import { mailTo, openAs, openMail, typeNew } from '../lib/ways.mjs';
import { ISSUER } from '../lib/world.mjs';

const SIGN_IN = `${ISSUER}/t/pages/sign-in`;
const NEW = 'nine grey herons waiting';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const heading = (tab, name) => tab.getByRole('heading', { level: 1, name }).waitFor();

for (const javaScriptEnabled of [true, false]) {
  describe(`a forgotten password, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('is replaced through the mail; nobody is signed in who was, and the link works once', async (t) => {
      const somebody = await newcomer();
      const elsewhere = await (await person(t, browser, { javaScriptEnabled })).newPage();
      await openAs(elsewhere, somebody);
      const tab = await (await person(t, browser, { javaScriptEnabled })).newPage();

      await tab.goto(SIGN_IN);
      await press(tab.getByRole('link', { name: 'Forgotten your password?' }));
      await tab.getByLabel('User name or e-mail address').fill(somebody.email.toUpperCase());
      await press(button(tab, 'Send the link'));
      await heading(tab, 'Check your mail');

      const link = await mailTo(tab, somebody.email);
      await press(tab.getByRole('link', { name: 'Open its link' }));
      await heading(tab, 'Choose a new password');
      assert.match(await tab.locator('main').innerText(), new RegExp(somebody.username));
      await tab.getByLabel('New password', { exact: true }).fill(NEW);
      await tab.getByLabel('New password again').fill('nine grey herons wading');
      await press(button(tab, 'Change password'));
      await problem(tab).waitFor();
      await typeNew(tab, NEW);
      await press(button(tab, 'Change password'));
      await heading(tab, 'Sign in');
      assert.match(await tab.getByRole('status').innerText(), /Your password has been changed/);

      await signIn(tab, somebody);
      assert.match(await problem(tab).innerText(), /not right/, 'the old one does not fit');
      await signIn(tab, { ...somebody, password: NEW });
      await heading(tab, 'Your account');

      await elsewhere.goto(`${ISSUER}/t/pages/account`);
      await heading(elsewhere, 'Sign in');
      await tab.goto(link);
      await heading(tab, 'This link does not work any longer');
      assert.match(await openMail(tab, somebody.email), /The password of your account .* has just been changed/);
    });

    it('of nobody looks the same, and sends no mail', async (t) => {
      const tab = await (await person(t, browser, { javaScriptEnabled })).newPage();
      const { email } = await newcomer();
      const seen = [];
      for (const name of [email, `nobody-${email}`]) {
        await tab.goto(`${ISSUER}/t/pages/forgot-password`);
        await tab.getByLabel('User name or e-mail address').fill(name);
        await press(button(tab, 'Send the link'));
        seen.push(await tab.locator('main').innerText());
      }
      assert.equal(seen[0], seen[1]);
      assert.doesNotMatch(await openMail(tab, email), /nobody-/);
    });
  });
}
