// nginx, HAProxy, Caddy and `doorward guard` in front of an API, each a process of its own in a folder of its own, started for a test and gone
// with it. What the first three are configured with stands in the manual.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API } from '../lib/world.mjs';
import { DOORWARD } from './api.mjs';

const SETPRIV = '/usr/bin/setpriv';

/** The blocks of the part of that name, of a page of the manual. */
function blocks(page, part) {
  const file = fileURLToPath(new URL(`../../../docs/manual/${page}`, import.meta.url));
  const [, text] = readFileSync(file, 'utf8').split(`\n## ${part}\n`);
  return [...text.split('\n## ')[0].matchAll(/```diagram\n([\s\S]*?)```/g)].map(([, block]) => block);
}

/** The same of the guard's page, with the addresses of this test. */
function manual(part, { issuer, upstream, api = API }) {
  const { host, port, pathname } = new URL(issuer);
  const replaced = (block, [here, there]) => block.replaceAll(here, there);
  const addresses = [
    ['127.0.0.1:8080', `127.0.0.1:${port}${pathname.replace(/\/$/, '')}`],
    ['127.0.0.1:3000', `127.0.0.1:${upstream}`],
    [encodeURIComponent('https://api.example'), encodeURIComponent(api)],
    ['id.example', host],
  ];
  return blocks('guard.md', part).map((block) => addresses.reduce(replaced, block));
}

/** What nginx does for eZ Publish's clients besides: a block beside `server`, one in `location /`, one beside that. */
function forEzPublish(locations) {
  const [beside, inside, more] = blocks('moving-from-ez-publish.md', 'Behind nginx');
  const within = locations.replace('location / {\n', (head) => `${head}${inside}`);
  return [beside, `${within}\n${more}`];
}

export const PROXIES = {
  nginx(of) {
    const [plain] = manual('nginx', of);
    const [beside, locations] = of.isEzPublish ? forEzPublish(plain) : ['', plain];
    const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${of.folder}/${name};`);
    const user = process.getuid() === 0 ? 'user nobody nogroup;' : '';
    const text = `daemon off; ${user} pid ${of.folder}/pid; error_log ${of.folder}/error.log info;
events { worker_connections 256; }
http {
  access_log off;
  ${kept.join(' ')}
  ${beside}
  server {
    listen 127.0.0.1:${of.port};
    ${locations}
  }
}
`;
    writeFileSync(join(of.folder, 'nginx.conf'), text);
    return ['/usr/sbin/nginx', '-p', of.folder, '-c', join(of.folder, 'nginx.conf'), '-e', join(of.folder, 'error.log')];
  },

  HAProxy(of) {
    const [script, text] = manual('HAProxy', of);
    writeFileSync(join(of.folder, 'guard.lua'), script);
    const configuration = `${text}
backend api
    server api 127.0.0.1:${of.upstream}

defaults
`
      .replace('/etc/haproxy', of.folder)
      .replace(':8443', `127.0.0.1:${of.port}`)
      .replace('frontend api', 'defaults\n    mode http\n    timeout client 10s\n    timeout server 10s\n    timeout connect 5s\n\nfrontend api');
    writeFileSync(join(of.folder, 'haproxy.cfg'), configuration.replace(/\ndefaults\n$/, ''));
    return ['/usr/sbin/haproxy', '-db', '-f', join(of.folder, 'haproxy.cfg')];
  },

  Caddy(of) {
    const [site] = manual('Caddy', of);
    const text = `{
    admin off
    log {
        output file ${of.folder}/error.log
    }
}
${site}`
      .replace('api.example', `http://127.0.0.1:${of.port}`)
      .replace('forward_auth https:', 'forward_auth http:')
      .replace('uri /guard', `uri ${new URL(of.issuer).pathname.replace(/\/$/, '')}/guard`);
    writeFileSync(join(of.folder, 'Caddyfile'), text);
    const home = ['XDG_CONFIG_HOME', 'XDG_DATA_HOME'].map((name) => `${name}=${of.folder}`);
    return ['/usr/bin/env', ...home, '/usr/bin/caddy', 'run', '--config', join(of.folder, 'Caddyfile'), '--adapter', 'caddyfile'];
  },

  'doorward guard': (of) => [
    DOORWARD,
    'guard',
    ...['--upstream', `http://127.0.0.1:${of.upstream}`, '--api', of.api ?? API, '--issuer', of.issuer],
    ...['--server', `http://127.0.0.1:${new URL(of.issuer).port}`, '--listen', `127.0.0.1:${of.port}`, '--timeout', `${of.timeout ?? 60}`],
  ],
};

export class Proxy {
  /** Starts one; it takes connections when this is done. */
  static async start(name, of) {
    const folder = mkdtempSync(join(tmpdir(), 'doorward-guard-'));
    // Its workers are another user's when root runs this.
    chmodSync(folder, 0o755);
    const command = PROXIES[name]({ ...of, folder });
    // It goes when this process dies, however that happens.
    const leash = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig=TERM'] : [];
    const [program, ...words] = [...leash, ...command];
    const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
    const proxy = new Proxy(folder, child);
    for (let tries = 0; tries < 400; tries += 1) {
      if (child.exitCode !== null) break;
      if (await isListening(of.port)) return proxy;
      await new Promise((resolve) => {
        setTimeout(resolve, 25);
      });
    }
    const told = proxy.log();
    await proxy.stop();
    throw new Error(`${name} did not start\n${told}`);
  }

  constructor(folder, child) {
    this.folder = folder;
    this.child = child;
  }

  log() {
    const file = join(this.folder, 'error.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    rmSync(this.folder, { recursive: true });
  }
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
