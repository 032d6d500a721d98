// Apache as a process of its own, started for a test and gone with it, and the application behind it.
import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configuration } from './configuration.mjs';

const PROGRAM = '/usr/sbin/apache2';
const SETPRIV = '/usr/bin/setpriv';

/** An application that answers with what it was told: the path and the request's headers, as JSON. */
export async function application() {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ path: request.url, headers: request.headers }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A port on loopback where nothing listened a moment ago. */
export async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class Apache {
  /** Starts it; it takes connections when this is done. */
  static async start(options) {
    const folder = mkdtempSync(join(tmpdir(), 'doorward-apache-'));
    // Its workers are another user's when root runs this: they read the authority, and nothing else.
    chmodSync(folder, 0o755);
    const authority = join(folder, 'ca.pem');
    copyFileSync(join(options.data, 'dev-tls', 'ca.pem'), authority);
    chmodSync(authority, 0o644);
    const file = join(folder, 'apache.conf');
    writeFileSync(file, configuration({ ...options, folder }), { mode: 0o600 });
    const apache = new Apache(folder, options.port);
    try {
      execFileSync(PROGRAM, ['-t', '-f', file], { stdio: 'pipe' });
      // It goes when this process dies, however that happens.
      const leash = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig=TERM'] : [];
      const [program, ...words] = [...leash, PROGRAM, '-DFOREGROUND', '-f', file];
      apache.process = spawn(program, words, { stdio: 'inherit' });
      await apache.#listening();
      return apache;
    } catch (error) {
      const told = apache.log();
      await apache.stop();
      throw new Error(`Apache did not start: ${error.stderr ?? error.message}\n${told}`, { cause: error });
    }
  }

  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
  }

  log() {
    const file = join(this.folder, 'error.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async stop() {
    const child = this.process;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(this.folder, { recursive: true });
  }

  async #listening() {
    for (let tries = 0; tries < 400; tries += 1) {
      if (this.process.exitCode !== null) throw new Error(`it ended with ${this.process.exitCode}`);
      if (await isListening(this.port)) return;
      await new Promise((resolve) => {
        setTimeout(resolve, 25);
      });
    }
    throw new Error('it never listened');
  }
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
