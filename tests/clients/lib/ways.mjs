// Ways of people of the tenant `pages`: to their account, to their mail, to an authenticator app.
import assert from 'node:assert/strict';
import { code } from './authenticator.mjs';
import { button, press, signIn } from './pages.mjs';
import { DEMO, ISSUER } from './world.mjs';

const OURS = `${ISSUER}/t/pages`;

/** Signs a person in at the account page. */
export async function openAs(tab, person) {
  await tab.goto(`${OURS}/sign-in`);
  await signIn(tab, person);
  await tab.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();
  return person;
}

/** Opens the newest mail to an address, on the page of mails: what the page says. */
export async function openMail(tab, address) {
  const row = tab.getByRole('listitem').filter({ has: tab.getByText(address, { exact: true }) });
  for (let tries = 0; tries < 100; tries += 1) {
    await tab.goto(`${DEMO}/mails`);
    if (await row.count()) break;
    await tab.waitForTimeout(100);
  }
  await press(row.first().getByRole('link'));
  const text = await tab.locator('main').innerText();
  assert.match(text, new RegExp(`To\\s+${address.replaceAll('.', '\\.')}`));
  return text;
}

/** The same: where its link leads. */
export async function mailTo(tab, address) {
  await openMail(tab, address);
  return tab.getByRole('link', { name: 'Open its link' }).getAttribute('href');
}

/** Sets an app up as a person who is not signed in yet, up to its seed (`shown`), to the recovery codes (`codes`), or all the way. */
export async function setUpApp(tab, person, until = 'done') {
  await openAs(tab, person);
  await tab.goto(`${OURS}/account/second-factor`);
  await tab.getByLabel('Current password').fill(person.password);
  await press(button(tab, 'Set up an authenticator app'));
  const link = await tab.getByRole('link', { name: 'Open an authenticator app on this device' }).getAttribute('href');
  if (until === 'shown') return;
  await tab.getByLabel('Code that the app shows').fill(code(new URL(link).searchParams.get('secret')));
  await press(button(tab, 'Set up'));
  await tab.getByRole('heading', { level: 1, name: 'Keep your recovery codes' }).waitFor();
  if (until === 'codes') return;
  await press(button(tab, 'I have kept them'));
}

/** Types a code that is none. */
export async function wrongCode(tab, label, words) {
  await tab.getByLabel(label).fill('000000');
  await press(button(tab, words));
  await tab.getByRole('alert').waitFor();
}

/** Types a new password, twice. */
export async function typeNew(tab, password) {
  for (const field of await tab.locator('input[autocomplete="new-password"]').all()) await field.fill(password);
}
