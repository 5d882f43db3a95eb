// Runs the language-neutral cases of testdata/vectors on an engine, in Node and in a browser alike.
const camel = (name) => name.replace(/_(.)/g, (_, c) => c.toUpperCase());
const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/** Runs the cases of one file; returns what each gave and the differences from what it should have given. */
export function runVectors(engine, file) {
  const { cases, texts } = JSON.parse(file);
  const fill = (text) => text?.replace(/<<([^<>]+)>>/g, (whole, name) => texts[name] ?? whole);
  const results = [];
  const failures = [];
  for (const c of cases) {
    const options = c.options && Object.fromEntries(Object.entries(c.options).map(([name, value]) => [camel(name), value]));
    const body = c.body_base64 === undefined ? fill(c.body) : bytes(c.body_base64);
    const run = {
      parse: () => engine.parse(body, options),
      parse_stored: () => engine.parseStored(body, options),
      parse_patch: () => engine.parsePatch(body, options),
      // It tells the errors alone, not their status.
      check_field: () => {
        const errors = engine.checkField(c.field, fill(c.value), { ...options, json: true });
        return errors.length ? { ok: false, errors, status: c.status } : { ok: true };
      },
      merge: () => engine.merge(fill(c.existing), fill(c.patch), { ...options, now: fill(c.now) ?? null }),
      diff: () => engine.diff(fill(c.from), fill(c.to)),
      merge3: () => engine.merge3(fill(c.base), fill(c.ours), fill(c.theirs)),
      update: () =>
        engine.parseUpdate(
          { pathId: c.path_id, scopes: c.scopes, contentType: c.content_type, idempotencyKey: c.idempotency_key, body },
          options,
        ),
    }[c.op];
    if (!run) throw Error("no such operation: " + c.op);
    // The engine throws where a document of the service's own is at fault, and begins with the name of the argument.
    let got;
    try {
      got = run();
    } catch (error) {
      got = { ok: false, fault: /(\w+): contact: in the stored document: /.exec(error.message)?.[1] ?? error.message };
    }
    results.push({ name: c.name, ...got, value: undefined });

    const differ = (what, have, want) => {
      if (JSON.stringify(have) !== JSON.stringify(want))
        failures.push(`${c.op} ${c.name}: ${what}: have ${JSON.stringify(have)}, want ${JSON.stringify(want)}`);
    };
    const wanted = c.errors ?? [];
    differ("errors", (got.errors ?? []).map((e, i) => comparable(e, wanted[i])), wanted.map(expected));
    differ("fault", got.fault, c.fault);
    if (c.status !== undefined) differ("status", got.status, c.status);
    if (c.op != "check_field") differ("result", got.text, fill(c.result));
    if (c.op == "merge" && got.ok) differ("changed", got.changed, c.changed);
    if (c.op == "merge3" && got.ok) differ("conflicts", got.conflicts, c.conflicts.map(({ pointer, base, ours, theirs, pointer_truncated }) => ({ pointer, base, ours, theirs, pointer_truncated })));
    if (c.op == "update" && got.ok) differ("id and key", [got.id, got.idempotencyKey], [c.path_id.toLowerCase(), c.idempotency_key]);
    // The verdict alone must be the same as the parser's.
    const check = { parse: engine.check, parse_patch: engine.checkPatch }[c.op];
    if (check) differ("verdict", check(body, options), got.errors ?? []);
  }
  return { count: cases.length, results, failures };
}

const expected = (e) => [e.rule, e.pointer, e.parameter, e.header, e.suggestion, e.offset || undefined, e.required_scope, !!e.pointer_truncated, e.code];

const comparable = (e, want) => [
  e.meta.rule, e.source?.pointer, e.source?.parameter, e.source?.header, e.meta.suggestion,
  want?.offset === undefined && e.meta.offset === 0 ? undefined : e.meta.offset || undefined,
  e.meta.required_scope, !!e.meta.pointer_truncated, want?.code && e.code,
];
