// Chromium for the tests and the benchmark.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome"];
const installed = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find((file) => existsSync(file));

/** Starts the Chromium of the machine without a window: $CHROMIUM, or the first in the path. */
export function launch() {
  const executablePath = process.env.CHROMIUM ?? installed;
  if (!executablePath) throw Error("Chromium is not installed: put it into the path, or its file into $CHROMIUM");
  return chromium.launch({
    executablePath,
    timeout: 120_000,
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}
