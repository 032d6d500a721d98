// The pages as a person in front of Chromium uses them.
import assert from 'node:assert/strict';
import { CALLBACK, ISSUER, VERIFIER, authorizationUrl, secretOf } from './world.mjs';

export const userName = (tab) => tab.locator('input[autocomplete~="username"]:visible');
export const password = (tab) => tab.locator('input[autocomplete~="current-password"]:visible');
export const button = (tab, name) => tab.getByRole('button', { name, exact: true });
export const problem = (tab) => tab.getByRole('alert');

/** Presses a button that leads to another page, and waits until that page is there. */
export async function press(locator) {
  await Promise.all([locator.page().waitForEvent('load'), locator.click()]);
}

/** Opens an authorization request; the parameters that differ from the usual ones are given. */
export async function start(tab, parameters) {
  const url = authorizationUrl(parameters);
  const response = await tab.goto(url.href);
  return { response, state: url.searchParams.get('state'), nonce: url.searchParams.get('nonce') };
}

export async function fill(tab, person) {
  await userName(tab).fill(person.username);
  await password(tab).fill(person.password);
}

export async function signIn(tab, person) {
  await fill(tab, person);
  await press(button(tab, 'Sign in'));
}

export async function allow(tab) {
  await press(button(tab, 'Allow'));
}

/** The button of a person on the page where one is chosen. */
export const choice = (tab, person) => tab.getByRole('button', { name: new RegExp(`\\b${person.username}\\b`) });

/** What the application was told, once the browser is there. */
export async function arrival(tab) {
  await tab.waitForURL(`${CALLBACK}?**`);
  return new URL(tab.url()).searchParams;
}

/** Signs in at the account page. */
export async function openAccount(tab, person) {
  await tab.goto(`${ISSUER}/account`);
  await signIn(tab, person);
  await tab.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();
}

/** Answers pages until the application is reached, whatever is shown. */
export async function finish(tab, person) {
  for (let pages = 0; pages < 8; pages += 1) {
    if (tab.url().startsWith(CALLBACK)) return new URL(tab.url()).searchParams;
    // A POST's answer that the browser no longer has: a person presses reload.
    if (tab.url().startsWith('chrome-error:') || (await tab.locator('h1').count()) === 0) await tab.reload();
    else if (await password(tab).count()) await signIn(tab, person);
    else if (await button(tab, 'Allow').count()) await allow(tab);
    else if (await button(tab, 'Use another account').count()) await press(choice(tab, person));
    else throw new Error(`a page that leads nowhere: ${await tab.locator('body').innerText()}`);
  }
  throw new Error('never arrived at the application');
}

/** Redeems a code as demo-web does; the token endpoint's answer. */
export function redeem(code, client = 'demo-web') {
  return token({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER }, client);
}

export function refresh(refresh_token, client = 'demo-web') {
  return token({ grant_type: 'refresh_token', refresh_token }, client);
}

async function token(parameters, client) {
  const response = await fetch(`${ISSUER}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client}:${secretOf(client)}`).toString('base64')}` },
    body: new URLSearchParams(parameters),
  });
  return { status: response.status, ...(await response.json()) };
}

/** Who an access token speaks for. */
export async function userinfo(access_token) {
  const response = await fetch(`${ISSUER}/userinfo`, { headers: { authorization: `Bearer ${access_token}` } });
  assert.equal(response.status, 200);
  return response.json();
}
