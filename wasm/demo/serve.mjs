// Serves the demo, and the pages of the tests: files below this package, on the loopback interface.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};
const headers = {
  "cache-control": "no-store",
  // All that a page with the engine needs: nothing comes from elsewhere.
  "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
  // Cross-origin isolation, for clocks of 5 microseconds in place of 100.
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "x-content-type-options": "nosniff",
};

/** Starts a server and returns its address. `pages` are texts by path, or { body, headers }; `wrong` is a path served with a wrong type. */
export async function serve({ port = 0, pages = {}, wrong } = {}) {
  const server = createServer(async ({ url }, response) => {
    try {
      const { pathname } = new URL("http://localhost" + url);
      if (pathname == "/" && !pages["/"]) return response.writeHead(302, { location: "/demo/" }).end();
      const path = pathname.endsWith("/") ? pathname + "index.html" : pathname;
      // A normal path has no dots left that could lead out of the package.
      const page = pages[path] ?? (await readFile(join(root, normalize(decodeURIComponent(path)))));
      const { body = page, headers: own } = page;
      const type = path === wrong ? "text/plain" : (types[extname(path)] ?? "application/octet-stream");
      response.writeHead(200, { ...headers, "content-type": type, ...own }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

if (process.argv[1] == fileURLToPath(import.meta.url)) {
  const { url } = await serve({ port: Number(process.env.PORT ?? 8080) }).catch((error) => {
    // Without a wish for a port any free one will do.
    if (error.code != "EADDRINUSE" || process.env.PORT) throw error;
    return serve();
  });
  console.log(`The demo is at ${url}/demo/ (Ctrl-C ends it)`);
}
