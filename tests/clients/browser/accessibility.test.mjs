// Every page, scanned by axe-core: light and dark, on a phone and on a desk; nothing is wider than the screen.
//
// With DOORWARD_TEST_PICTURES=FOLDER each is saved as a picture too.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import axe from 'axe-core';
import { Application } from '../lib/application.mjs';
import { launch, person } from '../lib/chromium.mjs';
import { allow, arrival, button, openAccount, press, redeem, signIn, start } from '../lib/pages.mjs';
import { ALICE, AMY, BOB, CAROL, DEMO, ISSUER } from '../lib/world.mjs';

const PICTURES = process.env.DOORWARD_TEST_PICTURES;

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

/** A page of the console, as an administrator of the server; `path` is below the tenant demo. */
const console = (path) => async (tab) => {
  await tab.goto(`${ISSUER}/console/tenants/demo${path}`);
  await signIn(tab, CAROL);
};

/** How to come to each page, in a browser without cookies. */
const PAGES = {
  'sign-in': (tab) => start(tab),
  'sign-in after a wrong password': async (tab) => {
    await start(tab);
    await signIn(tab, { ...ALICE, password: 'not the password' });
  },
  consent: async (tab) => {
    await openAccount(tab, ALICE);
    await start(tab, { prompt: 'consent', scope: 'openid profile email address phone offline_access orders:read' });
    await button(tab, 'Allow').waitFor();
  },
  'choose an account': async (tab) => {
    await openAccount(tab, ALICE);
    await start(tab, { prompt: 'select_account' });
  },
  'continue to an app': async (tab) => {
    const native = { client_id: 'demo-native', redirect_uri: 'com.example.app:/cb', scope: 'openid' };
    await openAccount(tab, ALICE);
    await start(tab, { ...native, prompt: 'none' });
    await tab.getByRole('link', { name: 'Continue' }).waitFor();
  },
  account: async (tab) => {
    await openAccount(tab, ALICE);
    await start(tab, { prompt: 'consent', scope: 'openid profile offline_access' });
    await allow(tab);
    await redeem((await arrival(tab)).get('code'));
    await tab.goto(`${ISSUER}/account`);
    await tab.locator('details').first().evaluate((details) => (details.open = true));
  },
  'account after a wrong password': async (tab) => {
    await openAccount(tab, BOB);
    await tab.getByLabel('Current password').fill('not the password');
    await tab.getByLabel('New password', { exact: true }).fill('unrelated words make one');
    await tab.getByLabel('New password again').fill('unrelated words make one');
    await press(button(tab, 'Change password'));
  },
  'sign-out': async (tab) => {
    await openAccount(tab, ALICE);
    await tab.goto(`${ISSUER}/logout`);
  },
  'signed out': async (tab) => {
    await openAccount(tab, ALICE);
    await tab.goto(`${ISSUER}/logout`);
    await press(button(tab, 'Sign out'));
  },
  'console overview': console(''),
  'console people': console('/users'),
  'console invitation': async (tab) => {
    await console('/users')(tab);
    await tab.getByLabel('Name', { exact: true }).fill('Nina Neumann');
    await press(button(tab, 'Weiter'));
  },
  'console person': async (tab) => {
    await console('/users?q=alice')(tab);
    await press(tab.getByRole('link', { name: 'alice', exact: true }));
  },
  'console act': async (tab) => {
    await console('/users?q=alice')(tab);
    await press(tab.getByRole('link', { name: 'alice', exact: true }));
    await press(tab.getByRole('link', { name: 'Abschalten', exact: true }));
  },
  'console client': console('/clients/demo-web'),
  'console apis': console('/apis/https%3A%2F%2Fapi.demo.example'),
  'console keys': console('/keys'),
  'console audit': console('/events'),
  'console tenants': async (tab) => {
    await console('')(tab);
    await tab.goto(`${ISSUER}/console/tenants`);
  },
  'console of a tenant': async (tab) => {
    await tab.goto(`${ISSUER}/t/acme/console/tenants/acme/roles/administrator`);
    await signIn(tab, AMY);
  },
  'console for nobody': async (tab) => {
    await tab.goto(`${ISSUER}/console`);
    await signIn(tab, BOB);
  },
  'unknown application': (tab) => start(tab, { client_id: 'nobody' }),
  'page not found': (tab) => tab.goto(`${ISSUER}/no-such-page`),
  'demo application': (tab) => tab.goto(`${DEMO}/`),
  'demo application, signed in': async (tab) => {
    await tab.goto(`${DEMO}/`);
    await press(button(tab, 'Sign in'));
    await signIn(tab, ALICE);
    if (await button(tab, 'Allow').count()) await allow(tab);
    await press(button(tab, 'Call userinfo'));
  },
};

for (const [name, open] of Object.entries(PAGES)) {
  describe(name, () => {
    for (const width of [390, 1280]) {
      it(`has no fault that axe-core knows, light or dark, at ${width} px`, async (t) => {
        const context = await person(t, browser, { viewport: { width, height: 844 } });
        const tab = await context.newPage();
        await open(tab);
        for (const colorScheme of ['light', 'dark']) {
          await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await look(tab, `${name} ${colorScheme} ${width}`);
        }
      });
    }
  });
}

async function look(tab, name) {
  if (PICTURES) await tab.screenshot({ path: `${PICTURES}/${name.replaceAll(' ', '-')}.png`, fullPage: true });
  assert.ok((await tab.title()).length > 0);
  assert.ok(await tab.locator('html').getAttribute('lang'));
  const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `${name} is ${overflow} px wider than the screen`);
  const crooked = await tab.evaluate(() => {
    const bottom = (element) => element.getBoundingClientRect().bottom;
    const isCrooked = (form) =>
      ![...form.querySelectorAll('input[type=text], select')].some(
        (field) => Math.abs(bottom(field) - bottom(form.querySelector('button'))) <= 2,
      );
    return innerWidth < 700 ? [] : [...document.querySelectorAll('form.filter')].filter(isCrooked).map((form) => form.action);
  });
  assert.deepEqual(crooked, [], 'the button of a filter stands on the line of its fields');
  await tab.evaluate(axe.source);
  const { violations } = await tab.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' | ')}`);
  assert.deepEqual(told, [], name);
}
