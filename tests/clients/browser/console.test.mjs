// The console: an administrator of the server, who speaks German, and one of a tenant, who must not see other tenants.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, person } from '../lib/chromium.mjs';
import { button, press, signIn } from '../lib/pages.mjs';
import { AMY, BOB, CAROL, ISSUER } from '../lib/world.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const follow = (tab, name) => press(tab.getByRole('link', { name, exact: true }).first());
const heading = (tab, name) => tab.getByRole('heading', { level: 1, name }).waitFor();

for (const javaScriptEnabled of [true, false]) {
  describe(`console with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('lets an administrator of the server walk from sign-in to a person, an application, the audit trail and another tenant', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await tab.goto(`${ISSUER}/console`);
      await signIn(tab, CAROL);
      await heading(tab, 'Demo');
      assert.equal(await tab.locator('html').getAttribute('lang'), 'de');

      await follow(tab, 'Personen');
      await tab.getByLabel('Benutzername oder E-Mail-Adresse, vom Anfang an, oder eine Kennung', { exact: false }).fill('bo');
      await press(tab.locator('main').getByRole('button', { name: 'Suchen' }));
      assert.equal(await tab.locator('tbody tr').count(), 1);
      await follow(tab, 'bob');
      await heading(tab, 'Bob Brown');
      assert.match(await tab.locator('main').innerText(), /bob@example\.com/);

      await follow(tab, 'Sperren');
      assert.match(await tab.locator('details.call').innerText(), /curl -sS -X PATCH .*\/admin\/v1\/tenants\/demo\/users\/usr_/);
      await press(tab.locator('main').getByRole('button', { name: 'Sperren' }));
      assert.match(await tab.getByRole('status').innerText(), /Erledigt/);
      await follow(tab, 'Entsperren');
      await press(tab.locator('main').getByRole('button', { name: 'Entsperren' }));
      await tab.getByRole('status').waitFor();

      await tab.getByLabel('Person, Anwendung oder Token suchen').fill('demo-web');
      await press(tab.getByRole('search').getByRole('button'));
      await heading(tab, 'Demo application');
      assert.match(await tab.locator('main').innerText(), /client_secret_basic/);

      await follow(tab, 'Protokoll');
      await tab.getByLabel('Was').selectOption('session.signed_in');
      await press(button(tab, 'Anzeigen'));
      assert.ok((await tab.locator('tbody tr').count()) > 0);

      await follow(tab, 'Mandanten');
      await follow(tab, 'Acme');
      await heading(tab, 'Acme');
      await follow(tab, 'Personen');
      await follow(tab, 'amy');
      await heading(tab, 'Amy Acker');

      await press(button(tab, 'Abmelden'));
      await tab.goto(`${ISSUER}/console`);
      assert.equal(await tab.locator('input[type="password"]').count(), 1);
    });

    it("shows a tenant's administrator that tenant and no trace of another", async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await tab.goto(`${ISSUER}/t/acme/console`);
      await signIn(tab, AMY);
      await heading(tab, 'Acme');
      const sections = await tab.getByRole('navigation', { name: 'Administration' }).getByRole('link').allInnerTexts();
      assert.deepEqual(sections, ['Overview', 'People', 'Roles', 'Contexts', 'Applications', 'Extensions', 'Installations', 'APIs', 'Keys', 'Audit']);
      for (const section of sections) {
        await follow(tab, section);
        assert.doesNotMatch(await tab.content(), /demo/i, section);
      }
      for (const path of ['/tenants', '/tenants/demo', '/tenants/demo/users', '/tenants/demo/events']) {
        const response = await tab.goto(`${ISSUER}/t/acme/console${path}`);
        assert.equal(response.status(), 404, path);
      }
    });

    it('tells who administers nothing', async (t) => {
      const context = await person(t, browser, { javaScriptEnabled });
      const tab = await context.newPage();
      await tab.goto(`${ISSUER}/console`);
      await signIn(tab, BOB);
      await heading(tab, 'Nothing to administer');
      assert.match(await tab.locator('main').innerText(), /Bob Brown/);
    });
  });
}
