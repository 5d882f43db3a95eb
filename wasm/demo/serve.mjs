// Serves the demo, and the pages of the tests: files below this package, on the loopback interface.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Starts a server and returns its address. `pages` are texts by path; `wrong` is a path served with a wrong type. */
export async function serve({ port = 0, pages = {}, wrong } = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = pathname.endsWith("/") ? pathname + "index.html" : pathname;
    // Cross-origin isolation, for clocks of 5 microseconds in place of 100.
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    response.setHeader("content-security-policy", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'");
    response.setHeader("content-type", path === wrong ? "text/plain" : (types[extname(path)] ?? "application/octet-stream"));
    try {
      response.end(pages[path] ?? (await readFile(join(root, normalize(decodeURIComponent(path))))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://localhost:${server.address().port}`, close: () => server.close() };
}

if (process.argv[1] == fileURLToPath(import.meta.url)) {
  const { url } = await serve({ port: Number(process.env.PORT ?? 8080) });
  console.log(`The demo is at ${url}/demo/`);
}
