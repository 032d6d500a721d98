// The account page: profile, password, sessions, applications; and signing out.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Application } from '../lib/application.mjs';
import { launch, person } from '../lib/chromium.mjs';
import { allow, arrival, button, openAccount, password, press, problem, redeem, refresh, signIn, start } from '../lib/pages.mjs';
import { ALICE, BOB, ISSUER } from '../lib/world.mjs';

const CHANGED = 'unrelated words make one';

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

async function changePassword(tab, current, next, again = next) {
  await tab.getByLabel('Current password').fill(current);
  await tab.getByLabel('New password', { exact: true }).fill(next);
  await tab.getByLabel('New password again').fill(again);
  await press(button(tab, 'Change password'));
}

for (const javaScriptEnabled of [true, false]) {
  describe(`account page with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('changes the password, which signs out every other browser', async (t) => {
      const [here, there] = [await person(t, browser, { javaScriptEnabled }), await person(t, browser, { javaScriptEnabled })];
      const [tab, other] = [await here.newPage(), await there.newPage()];
      await openAccount(tab, BOB);
      await openAccount(other, BOB);

      await changePassword(tab, 'not the password', CHANGED);
      assert.match(await problem(tab).innerText(), /not right/);
      await changePassword(tab, BOB.password, CHANGED, 'something else altogether');
      assert.match(await problem(tab).innerText(), /not the same/);
      await changePassword(tab, BOB.password, CHANGED);
      assert.match(await tab.getByRole('status').innerText(), /is changed/);

      await other.goto(`${ISSUER}/account`);
      assert.equal(await button(other, 'Sign in').count(), 1);
      await signIn(other, BOB);
      await problem(other).waitFor();
      await signIn(other, { ...BOB, password: CHANGED });
      await changePassword(other, CHANGED, BOB.password);
      assert.match(await other.getByRole('status').innerText(), /is changed/);
    });

    it('ends another session', async (t) => {
      const [here, there] = [await person(t, browser, { javaScriptEnabled }), await person(t, browser, { javaScriptEnabled })];
      const [tab, other] = [await here.newPage(), await there.newPage()];
      await openAccount(other, BOB);
      await openAccount(tab, BOB);
      await press(button(tab, 'Sign out everywhere else'));
      await tab.getByRole('status').waitFor();
      assert.equal(await button(tab, 'Sign out everywhere else').count(), 0);
      await other.goto(`${ISSUER}/account`);
      assert.equal(await button(other, 'Sign in').count(), 1);
    });

    it('ends one chosen session', async (t) => {
      const [here, there] = [await person(t, browser, { javaScriptEnabled }), await person(t, browser, { javaScriptEnabled })];
      const [tab, other] = [await here.newPage(), await there.newPage()];
      await openAccount(tab, BOB);
      const others = button(tab, 'Sign out everywhere else');
      if (await others.count()) await press(others);
      await openAccount(other, BOB);
      await tab.goto(`${ISSUER}/account`);
      const row = tab.getByRole('listitem').filter({ hasNotText: 'This browser' }).getByRole('button', { name: /^Sign out/ });
      assert.equal(await row.count(), 1);
      await press(row);
      await tab.getByRole('status').waitFor();
      await other.goto(`${ISSUER}/account`);
      assert.equal(await button(other, 'Sign in').count(), 1);
      await tab.goto(`${ISSUER}/account`);
      assert.equal(await button(tab, 'Change password').count(), 1);
    });

    it('withdraws an application: its tokens end, and it must ask again', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await openAccount(tab, BOB);
      await start(tab, { prompt: 'consent', scope: 'openid offline_access' });
      await allow(tab);
      const tokens = await redeem((await arrival(tab)).get('code'));
      const next = await refresh(tokens.refresh_token);
      assert.equal(next.status, 200);

      await tab.goto(`${ISSUER}/account`);
      const before = await tab.getByRole('button', { name: /^Withdraw access/ }).count();
      await press(tab.getByRole('button', { name: /^Withdraw access/ }).first());
      await tab.getByRole('status').waitFor();
      assert.equal(await tab.getByRole('button', { name: /^Withdraw access/ }).count(), before - 1);

      assert.equal((await refresh(next.refresh_token)).error, 'invalid_grant');
      await start(tab, { scope: 'openid' });
      assert.equal(await button(tab, 'Allow').count(), 1);
    });

    it('signs out, and stays signed out when one goes back', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await openAccount(tab, ALICE);
      await press(tab.getByRole('button', { name: 'Sign out', exact: true }).first());
      await tab.getByRole('heading', { name: 'You are signed out' }).waitFor();
      await tab.goBack();
      await tab.reload();
      assert.equal(await password(tab).count(), 1);
      assert.equal(await button(tab, 'Change password').count(), 0);
    });

    it('asks before an application without a hint signs one out', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await openAccount(tab, ALICE);
      await tab.goto(`${ISSUER}/logout`);
      await press(button(tab, 'Stay signed in'));
      await tab.getByRole('heading', { name: 'You are still signed in' }).waitFor();
      await tab.goto(`${ISSUER}/logout`);
      await press(button(tab, 'Sign out'));
      await tab.getByRole('heading', { name: 'You are signed out' }).waitFor();
      await tab.goto(`${ISSUER}/account`);
      assert.equal(await password(tab).count(), 1);
    });
  });
}
