// Debian's Chromium, and a tab in it that reports what a person would never see: refusals by CSP, errors, dialogs.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export function launch(...more) {
  return chromium.launch({
    executablePath: fileURLToPath(new URL('../../tools/chromium', import.meta.url)),
    args: ['--disable-dev-shm-usage', '--disable-gpu', ...more],
  });
}

/** A person's browser with its own cookies; `t` is the test that owns it. */
export async function person(t, browser, { fetchFailsAllowed = false, ...options } = {}) {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(10_000);
  const complaints = [];
  context.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  context.on('weberror', (error) => complaints.push(`error: ${error.error()}`));
  context.on('console', (message) => {
    // Chromium reports a status of 400 and more as an error too; those are what the test asked for.
    const expected = /^Failed to load resource/.test(message.text()) || fetchFailsAllowed;
    if (message.type() === 'error' && !expected) complaints.push(`console: ${message.text()}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  return context;
}
