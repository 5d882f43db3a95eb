// What the benchmark does in the page. Times are in microseconds.
const checks = new Map();

/** Loads the contenders. */
export async function load(names) {
  for (const name of names) checks.set(name, await (await import(`./build/${name}.js`)).load());
}

/** The time from nothing to the first verdict, the contender's own files fetched on the way. */
export async function coldStart(name, text) {
  const start = performance.now();
  const check = await (await import(`./build/${name}.js`)).load();
  check(text);
  return (performance.now() - start) * 1e3;
}

/** What a contender says of a text: the number of faults it names. A text that is no JSON makes most of them throw. */
export function faults(name, text) {
  try {
    return checks.get(name)(text).length;
  } catch {
    return 1;
  }
}

/** The time of one call after a pause of so many milliseconds, as a form makes it. */
export async function pausedCall(name, text, pause) {
  await new Promise((resolve) => setTimeout(resolve, pause));
  const check = checks.get(name);
  const start = performance.now();
  check(text);
  return (performance.now() - start) * 1e3;
}

/** Judges a text again and again. */
export function repeat(name, text, calls) {
  const check = checks.get(name);
  for (let i = 0; i < calls; i++) check(text);
}

/** What the browser's own ways to judge a timezone say of the names that are valid and of some that are not. */
export function timezones(valid, invalid) {
  const supported = new Set(Intl.supportedValuesOf("timeZone"));
  const formats = (name) => {
    try {
      return !!new Intl.DateTimeFormat(undefined, { timeZone: name });
    } catch {
      return false;
    }
  };
  return {
    supported: supported.size,
    missing: valid.filter((name) => !supported.has(name)),
    extra: [...supported].filter((name) => !valid.includes(name)),
    refused: valid.filter((name) => !formats(name)),
    accepted: invalid.filter(formats),
  };
}
