// Every page, scanned by axe-core: light and dark, on a phone and on a desk; nothing is wider than the screen.
//
// With DOORWARD_TEST_PICTURES=FOLDER each is saved as a picture too.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import axe from 'axe-core';
import { Application } from '../lib/application.mjs';
import { launch, person } from '../lib/chromium.mjs';
import { newcomer } from '../lib/commands.mjs';
import { EVERY_PAGE } from '../lib/every-page.mjs';
import { DEMO } from '../lib/world.mjs';

const PICTURES = process.env.DOORWARD_TEST_PICTURES;
const TEMPLATES = new URL('../../../crates/web/templates/', import.meta.url);

/** Routes without a page, and why. What a form sends to one of them is answered by a page that has a row, or by a redirect. */
const NO_PAGE = new Map([
  ...['/token', '/introspect', '/userinfo', '/jwks', '/revoke', '/guard', '/guard/metadata', '/guard/at/**', '/admin/v1/**'].map((path) => [path, 'JSON']),
  ...['/webhook-keys/*', '/extensions/*/events', '/extensions/*/installations'].map((path) => [path, 'JSON']),
  ...['/extensions/*/installations/*/secrets/*/reveal', '/extensions/*/webhook-secrets'].map((path) => [path, 'JSON']),
  ...['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'].map((path) => [path, 'JSON']),
  ...['/', '/.well-known/change-password', '/console/callback', '/console/sign-out'].map((path) => [path, 'redirects']),
  ...['/consent', '/select-account', '/select-installation'].map((path) => [path, 'goes on: to the application, or to a page of /authorize']),
  ...['/account/sessions', '/account/applications'].map((path) => [path, 'redirects to /account']),
  ...['/console/**', '/extensions/**', '/account/extensions/**', '/account/installations/**'].map((path) => [path, 'its pages have rows']),
  ['/console/tenants/{}/events.ndjson', 'a file'],
  ...['demo:/login', 'demo:/sign-out', 'demo:/refresh', 'demo:/userinfo'].map((path) => [path, 'redirects']),
  ['demo:/spa', 'the first page'],
  ['demo:/extension/sign-in', 'redirects'],
  ['demo:/extension/callback', 'the page of /extension/open'],
  ['demo:/extension/act', 'JSON'],
]);

let application;
let browser;
before(async () => {
  application = await Application.start();
  // Pages of the tenant stand there before anybody is made for one of them.
  await newcomer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await application?.stop();
});

describe('the table of pages', () => {
  it('has a row for each route that answers with a page', async () => {
    const known = new Set(EVERY_PAGE.map(({ at }) => at));
    const missing = (await routes()).filter((path) => !known.has(path) && !NO_PAGE.has(path));
    assert.deepEqual(missing, [], 'routes without a row in lib/every-page.mjs');
  });

  it('names no route as one without a page that is not there, or has a row', async () => {
    const there = new Set(await routes());
    const rows = new Set(EVERY_PAGE.map(({ at }) => at));
    assert.deepEqual([...NO_PAGE.keys()].filter((path) => !there.has(path) || rows.has(path)), []);
  });

  it('has a row for each template that is a page of its own', async () => {
    const known = new Set(EVERY_PAGE.map(({ template }) => template));
    const missing = (await templates()).filter((name) => !known.has(name));
    assert.deepEqual(missing, [], 'templates without a row in lib/every-page.mjs');
    assert.deepEqual([...known].filter((name) => !there(name)), [], 'rows of a template that is not there');
  });
});

for (const { name, at, template, open } of EVERY_PAGE) {
  describe(name, () => {
    for (const width of [390, 1280]) {
      it(`has no fault that axe-core knows, light or dark, at ${width} px`, async (t) => {
        const context = await person(t, browser, { viewport: { width, height: 844 } });
        const tab = await context.newPage();
        await open(tab);
        assert.equal(place(tab.url(), at), at);
        assert.equal((await tab.locator('section.incident').count()) > 0, template === 'error', 'an error page, and no other');
        for (const colorScheme of ['light', 'dark']) {
          await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await look(tab, `${name} ${colorScheme} ${width}`);
        }
      });
    }
  });
}

/** Where an address is in the table of pages: without the tenant's prefix, and `{}` where the row has it. */
function place(address, at) {
  const url = new URL(address);
  const path = url.pathname.replace(/^\/t\/[^/]+(?=\/)/, '').split('/');
  const row = at.replace(/^demo:/, '').split('/');
  const seen = path.map((segment, index) => (row[index] === '{}' ? '{}' : segment)).join('/');
  return url.origin === new URL(DEMO).origin ? `demo:${seen}` : seen;
}

/** Every route: those of the manual, which a test holds to the table, those of the console and of the demo application. */
async function routes() {
  const manual = await readFile(new URL('../../../docs/manual/endpoints.md', import.meta.url), 'utf8');
  const table = manual.slice(manual.indexOf('<!-- standard: begin'), manual.indexOf('<!-- pages: end'));
  const ours = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, path]) => path);
  const source = await readFile(new URL('../../../crates/web/src/console/mod.rs', import.meta.url), 'utf8');
  const below = [...source.matchAll(/^ {8}\(\[([^\]]*)\], (?:true|false)\) => /gm)].map(([, segments]) => {
    const words = segments.split(',').map((word) => word.trim()).filter(Boolean);
    return words.map((word) => (word.startsWith('"') ? `/${word.slice(1, -1)}` : '/{}')).join('');
  });
  const outside = ['/callback', '/sign-out'];
  const console = below.map((path) => `/console${outside.includes(path) ? '' : '/tenants/{}'}${path}`);
  const application = await readFile(new URL('../../../crates/doorward/src/dev/relying_party/mod.rs', import.meta.url), 'utf8');
  const demo = [...application.matchAll(/^ {12}\((?:true|false), ("[^)]*")\)/gm)].flatMap(([, words]) => words.split(' | '));
  assert.ok(ours.length > 30 && console.length > 20 && demo.length >= 6, 'the tables were read');
  return [...new Set([...ours, ...console, '/console/tenants', ...demo.map((word) => `demo:${word.slice(1, -1)}`)])];
}

/** Every template that stands in the frame of a page. */
async function templates() {
  const names = (await readdir(TEMPLATES, { recursive: true })).filter((name) => name.endsWith('.html'));
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, TEMPLATES), 'utf8')));
  return names.filter((_, index) => texts[index].includes('extends "frame.html"')).map((name) => name.replace(/\.html$/, ''));
}

function there(template) {
  return existsSync(new URL(`${template}.html`, TEMPLATES));
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
