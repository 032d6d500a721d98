// An application on the port that the seed registers: serves pages, and remembers where browsers arrived.
import { createServer } from 'node:http';

export class Application {
  /** @param {Record<string, (url: URL) => {status?: number, headers?: object, body?: string | Buffer}>} pages by path */
  constructor(pages = {}) {
    this.pages = pages;
    /** Every arrival at /cb, in order: its parameters, from the query or a posted form. */
    this.arrivals = [];
    this.server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(pages) {
    const application = new Application(pages);
    await new Promise((resolve, reject) => {
      application.server.once('error', reject);
      application.server.listen(9000, '127.0.0.1', resolve);
    });
    return application;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request, response) {
    const url = new URL(request.url, 'http://localhost:9000');
    const chunks = await request.toArray();
    if (url.pathname === '/cb') {
      const posted = request.method === 'POST';
      this.arrivals.push(posted ? new URLSearchParams(Buffer.concat(chunks).toString()) : url.searchParams);
    }
    const page = this.pages[url.pathname] ?? (url.pathname === '/cb' ? arrived : notFound);
    const { status = 200, headers = {}, body = '' } = page(url);
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers });
    response.end(body);
  }
}

function arrived() {
  return { body: '<!doctype html><html lang="en"><title>The application</title><h1>Back at the application</h1>' };
}

function notFound() {
  return { status: 404, body: '<!doctype html><html lang="en"><title>Not here</title>' };
}
