// Shown is known: whatever changes a page without telling, what a control shows is what is stored or
// what will be sent, and each difference from what is stored is marked as changed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bound, bundle, but, contact, error, field, open, pages, patch, save, server, stored } from "./forms.mjs";

const controls = `<label>City <input name="city"></label><label>Country <select name="country"><option value=""></option><option>DE</option><option>US</option></select></label>
  <label>Born <input type="date" name="birthdate"></label><label>Street <textarea name="address"></textarea></label>
  <label><input type="checkbox" name="sms_opted_in"> SMS</label><label><input type="checkbox" name="email_opted_in"> Emails</label><button>Save</button>`;
const shown = (page) =>
  page.evaluate(() => Object.fromEntries([...document.querySelectorAll("form [name]")].map((el) => [el.name, el.type == "checkbox" ? el.checked : el.value])));
const changed = (page) => page.evaluate(() => binding.changed);
const script = `
  import { load } from "/dist/contact.js";
  import { bindForm } from "/dist/form.js";
  window.binding = bindForm(document.getElementById("form"), load(), { contact });
`;
const asStored = { city: stored.city, country: stored.country, birthdate: stored.birthdate, address: stored.address, sms_opted_in: stored.sms_opted_in, email_opted_in: stored.email_opted_in };
const edits = { city: "Oslo", country: "DE", birthdate: "1991-03-01", address: "1 Main St", sms_opted_in: false, email_opted_in: true };

async function edit(page) {
  await field(page, "city").fill(edits.city);
  await field(page, "country").selectOption(edits.country);
  await field(page, "birthdate").fill(edits.birthdate);
  await field(page, "address").fill(edits.address);
  await field(page, "sms_opted_in").uncheck();
  await field(page, "email_opted_in").check();
}

test("React: a refused action resets the form, and nothing that was entered is lost", async (t) => {
  const app = bundle(`
    import { createElement as h, useEffect, useRef, useState } from "react";
    import { createRoot } from "react-dom/client";
    import { load } from "/dist/contact.js";
    import { bindForm } from "/dist/form.js";
    const engine = await load();
    function Form() {
      const form = useRef();
      useEffect(() => {
        window.binding = bindForm(form.current, engine, { contact });
        return () => binding.unbind();
      }, []);
      const action = async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        binding.showErrors([{ code: "validation_failed", title: "No", detail: "No such town.", source: { pointer: "/city" }, meta: { rule: "meta" } }]);
        window.refused = true;
      };
      return h("form", { ref: form, id: "form", action },
        h("input", { name: "city" }), h("input", { type: "checkbox", name: "sms_opted_in" }), h("button", null, "Save"));
    }
    addEventListener("reset", () => (window.resets = (window.resets ?? 0) + 1));
    createRoot(document.getElementById("root")).render(h(Form));
  `);
  const page = await open(t, `<div id="root"></div>`, { script: app });
  await page.waitForFunction(() => window.binding);
  await field(page, "city").fill("Oslo");
  await field(page, "sms_opted_in").uncheck();
  await save(page);
  await page.waitForFunction(() => window.refused && window.resets);
  await page.waitForTimeout(50);
  assert.deepEqual(await shown(page), { city: "Oslo", sms_opted_in: false });
  assert.deepEqual(await patch(page), { city: "Oslo", sms_opted_in: false });
  assert.deepEqual(await changed(page), ["city", "sms_opted_in"]);
  assert.equal(await error(page, "city").textContent(), "No such town.");
});

test("a reset that no person asked for changes nothing; one that a person asked for discards all", async (t) => {
  const page = await bound(t, `<form id="form">${controls}<button type="reset">Undo</button></form>`);
  await edit(page);
  // As SvelteKit's enhance does after a save, past whatever the form calls "reset".
  await page.evaluate(() => HTMLFormElement.prototype.reset.call(form));
  assert.deepEqual(await patch(page), { ...edits }, "at once");
  await page.waitForTimeout(20);
  assert.deepEqual(await shown(page), edits);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.waitForTimeout(20);
  assert.deepEqual([await shown(page), await changed(page)], [asStored, []]);
  // And can be taken back.
  await field(page, "city").fill("Oslo");
  await page.evaluate(() => (window.undo = binding.discard()));
  assert.deepEqual([await shown(page), await changed(page)], [asStored, []]);
  await page.evaluate(() => undo());
  assert.deepEqual(await patch(page), { city: "Oslo" });
  assert.equal(await field(page, "city").inputValue(), "Oslo");
});

for (const [way, go] of Object.entries({
  back: async (page) => {
    await page.goto(server.url + "/elsewhere.html");
    await page.goBack();
  },
  reload: (page) => page.reload(),
}))
  for (const late of [false, true])
    test(`${way}, bound ${late ? "after the contact has come" : "at once"}: what the browser puts back is an edit`, async (t) => {
      pages["/elsewhere.html"] = "<!doctype html><title>elsewhere</title>";
      const page = await open(t, `<form id="form">${controls}</form>`, {
        script: late ? `await new Promise((resolve) => setTimeout(resolve, 300));${script}` : script,
        leaves: true,
      });
      await page.waitForFunction(() => window.binding);
      await edit(page);
      await go(page);
      await page.waitForFunction(() => window.binding);
      await page.waitForTimeout(400);
      const now = await shown(page);
      // Chromium puts nothing back when a page is reloaded: then all is as it is stored.
      assert.deepEqual(now, way == "back" ? edits : asStored);
      assert.deepEqual(await patch(page), way == "back" ? edits : {});
    });

test("Angular: NgModel writes a microtask after the form is bound, and a stored consent stays", async (t) => {
  const app = bundle(`
    import "@angular/compiler";
    import { afterNextRender, Component, ElementRef, provideZonelessChangeDetection } from "@angular/core";
    import { FormsModule } from "@angular/forms";
    import { bootstrapApplication } from "@angular/platform-browser";
    import { load } from "/dist/contact.js";
    import { bindForm } from "/dist/form.js";
    const engine = await load();
    class Page {
      model = window.model = { city: "", sms_opted_in: false };
      static ctorParameters = () => [{ type: ElementRef }];
      constructor(element) {
        afterNextRender(() => {
          window.binding = bindForm(element.nativeElement.querySelector("form"), engine, { contact });
        });
      }
    }
    const Root = Component({
      selector: "app-root", imports: [FormsModule],
      template: '<form id="form" ngNoForm><input name="city" [(ngModel)]="model.city"><input type="checkbox" name="sms_opted_in" [(ngModel)]="model.sms_opted_in"><button>Save</button></form>',
    })(Page) ?? Page;
    await bootstrapApplication(Root, { providers: [provideZonelessChangeDetection()] });
  `);
  const page = await open(t, `<app-root></app-root>`, {
    script: app,
    // Angular compiles in the page here.
    headers: { "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-eval'" },
  });
  await page.waitForFunction(() => window.binding);
  await page.waitForTimeout(100);
  assert.deepEqual(await shown(page), { city: stored.city, sms_opted_in: stored.sms_opted_in });
  assert.deepEqual(await changed(page), []);
  assert.deepEqual(await page.evaluate(() => ({ ...model })), { city: stored.city, sms_opted_in: stored.sms_opted_in });
  await field(page, "city").fill("Oslo");
  await field(page, "sms_opted_in").uncheck();
  assert.deepEqual(await patch(page), { city: "Oslo", sms_opted_in: false });
});

test("a script that writes a stored or initial value late is put right, and a consent is never its to change", async (t) => {
  const page = await bound(t, `<form id="form">${controls}</form>`);
  await field(page, "city").fill("Oslo");
  await page.evaluate(async () => {
    const { city, country, sms_opted_in, email_opted_in } = form.elements;
    city.value = "Chicago";
    country.selectedIndex = 0;
    sms_opted_in.checked = false;
    email_opted_in.checked = true;
  });
  await page.waitForTimeout(20);
  assert.deepEqual(await shown(page), { ...asStored, city: "Oslo" });
  assert.deepEqual(await patch(page), { city: "Oslo" });
});

test("autofill without events is an edit, and marked", async (t) => {
  const page = await bound(t, `<form id="form">${controls}</form>`);
  // Past the properties of the element, as the browser and extensions write.
  await page.evaluate(() => Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(form.elements.city, "Bergen"));
  await field(page, "address").focus();
  await field(page, "address").blur();
  await page.waitForTimeout(20);
  assert.deepEqual([await changed(page), await patch(page)], [["city"], { city: "Bergen" }]);
});

test("a copy of a bound form goes on from all of its edits, or from none", async (t) => {
  for (const unbind of [false, true]) {
    const page = await bound(t, `<form id="form">${controls}</form>`);
    await page.evaluate(() => form.elements.city.setAttribute("required", ""));
    await edit(page);
    await page.evaluate((unbind) => {
      if (unbind) binding.unbind();
      const copy = form.cloneNode(true);
      form.replaceWith(copy);
      window.binding = bindForm(copy, engine, { contact });
    }, unbind);
    assert.deepEqual([await shown(page), await patch(page)], [edits, edits], `unbind: ${unbind}`);
    assert.equal(await page.locator("[data-error-for=city]").count(), 1);
    await page.evaluate(() => {
      binding.discard();
      binding.unbind();
    });
    const form = page.locator("#form");
    assert.deepEqual([await form.getAttribute("novalidate"), await field(page, "city").getAttribute("aria-describedby"), await field(page, "city").getAttribute("aria-invalid")], [null, null, null]);
    assert.equal(await page.locator("[data-contact-made], [data-error-for]").count(), 0);
  }
});

test("Turbo: back to a snapshot shows all edits", async (t) => {
  const app = bundle(`
    import "@hotwired/turbo";
    import { load } from "/dist/contact.js";
    import { bindForm } from "/dist/form.js";
    const bind = () => {
      const form = document.getElementById("form");
      if (form) window.binding = bindForm(form, load(), { contact });
    };
    addEventListener("turbo:load", bind);
  `);
  const path = `/turbo.html`;
  pages["/turbo.js"] = app;
  const head = `<!doctype html><html lang="en"><head><title>test</title><script type="module" src="/turbo.js"></script></head>`;
  pages["/turbo2.html"] = `${head}<body><p id="two">two</p></body>`;
  pages[path] = `${head}<body><a href="/turbo2.html">on</a><form id="form">${controls}</form></body>`;
  const page = await open(t, path, { leaves: true, ignore: /inline style/ });
  await page.waitForFunction(() => window.binding);
  await edit(page);
  await page.getByRole("link").click();
  await page.waitForSelector("#two");
  await page.evaluate(() => (window.binding = undefined));
  await page.goBack();
  await page.waitForFunction(() => window.binding);
  await page.waitForTimeout(50);
  assert.deepEqual([await shown(page), await patch(page)], [edits, edits]);
});

test("a page whose text is translated keeps no message, and buttons have short names", async (t) => {
  const page = await bound(t, `<form id="form"><label><span>Zone</span><select name="timezone"></select></label><input name="birthdate"><input name="city"></form>`);
  await field(page, "birthdate").fill("x");
  await field(page, "city").focus();
  // As the browser does it.
  await page.evaluate(() => {
    const said = document.querySelector("[data-error-for=birthdate]");
    const font = document.createElement("font");
    font.append(...said.childNodes);
    said.append(font);
  });
  await field(page, "birthdate").fill("2000-01-01");
  assert.equal(await error(page, "birthdate").textContent(), "");
  await field(page, "timezone").selectOption("UTC");
  await page.evaluate((body) => binding.rebase(body), but({ timezone: "Asia/Kolkata" }));
  assert.equal(await page.getByRole("button", { name: "Keep mine: Zone", exact: true }).count(), 1);
  assert.equal(await field(page, "timezone").getAttribute("translate"), "no");
});

test("messages come up although no pointerup follows the list of a select", async (t) => {
  const page = await bound(t, `<form id="form"><select name="country"><option>US</option></select><input name="birthdate"><input name="city"></form>`);
  await page.evaluate(() => form.elements.country.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true })));
  await field(page, "birthdate").fill("x");
  await field(page, "city").focus();
  assert.notEqual(await error(page, "birthdate").textContent(), "");
});

test("what the platform has against a value is told in the language of the messages, without the value", async (t) => {
  const page = await bound(t, `<form id="form"><input name="email" type="email"><input name="birthdate" type="date"></form>`);
  await page.evaluate(async () => {
    const { default: messages } = await import("/dist/messages/es.js");
    window.asked = [];
    window.binding = bindForm(form, engine, { contact, messages, message: (issue) => void asked.push(issue.validity) ?? "" });
  });
  await field(page, "email").fill("nobody");
  await field(page, "birthdate").focus();
  assert.match(await error(page, "email").textContent(), /^Escriba una dirección/);
  assert.deepEqual([...new Set(await page.evaluate(() => asked))], ["typeMismatch"]);
  await page.keyboard.press("Backspace");
  await field(page, "email").focus();
  assert.match(await error(page, "birthdate").textContent(), /no está completo/);
});

test("the hour that comes twice stays the one that was stored; the hour that is skipped is refused", async (t) => {
  const page = await bound(t, `<form id="form"><input type="datetime-local" name="last_seen_at"><input name="city"></form>`, {
    body: but({ last_seen_at: "2025-11-02T06:30:00Z" }), timezoneId: "America/New_York",
  });
  assert.equal(await field(page, "last_seen_at").inputValue(), "2025-11-02T01:30");
  await field(page, "last_seen_at").fill("2025-11-02T01:31");
  assert.deepEqual(await patch(page), { last_seen_at: "2025-11-02T06:31:00.000Z" });
  await page.evaluate((body) => binding.saved(body), but({ last_seen_at: "2025-11-02T05:30:00Z" }));
  await field(page, "last_seen_at").fill("2025-11-02T01:31");
  assert.deepEqual(await patch(page), { last_seen_at: "2025-11-02T05:31:00.000Z" });
  await field(page, "last_seen_at").fill("2026-03-08T02:30");
  assert.deepEqual([await page.evaluate(() => binding.validate()), await patch(page)], [false, {}]);
});

test("spaces around what holds none are no fault; a year of two digits is asked about", async (t) => {
  const page = await bound(t, `<form id="form"><input name="timezone"><input name="birthdate"><textarea name="active_journey_ids"></textarea><input name="city"></form>`);
  await field(page, "timezone").fill("America/Denver \u200b");
  await field(page, "birthdate").fill(" 1991-03-01 ");
  await field(page, "active_journey_ids").fill(" 3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9 \n");
  assert.deepEqual(await patch(page), { timezone: "America/Denver", birthdate: "1991-03-01", active_journey_ids: ["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"] });
  await field(page, "birthdate").fill("28.02.1990");
  await field(page, "city").focus();
  assert.match(await error(page, "birthdate").textContent(), /year-month-day/);
  const dates = await bound(t, `<form id="form"><input name="birthdate" type="date"><input name="city"></form>`);
  await field(dates, "birthdate").fill("0090-02-28");
  assert.deepEqual([await patch(dates), await dates.evaluate(() => binding.messageOf("birthdate"))], [{}, "Enter the year with four digits, such as 1990."]);
});

test("several faults speak once, with the names of their fields", async (t) => {
  const page = await bound(t, `<form id="form"><label>Zone <input name="timezone"></label><label>Born <input name="birthdate"></label><button>Save</button></form>`);
  await page.evaluate(() => {
    for (const name of ["timezone", "birthdate"]) {
      form.elements[name].value = "x";
      form.elements[name].dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  await save(page);
  assert.equal(await page.locator("[role=status]").textContent(), "2 fields need another look: Born, Zone.");
  assert.equal(await page.locator("[aria-live]").count(), 0);
});

test("a form that is removed leaves nothing behind", async (t) => {
  const page = await open(t, "<main></main>");
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  /** Binds forms, removes them without unbinding, and tells what is left, in forms, nodes and listeners. */
  const bindAndRemove = async (count) => {
    await page.evaluate(async ([contact, count]) => {
      const [{ load }, { bindForm, save }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
      const engine = await load();
      window.refs = [];
      for (let i = 0; i < count; i++) {
        const form = document.createElement("form");
        form.innerHTML = `<input name="city"><select name="timezone"></select><button>Save</button>`;
        document.querySelector("main").append(form);
        save(bindForm(form, engine, { contact }), fetch);
        refs.push(new WeakRef(form));
        form.remove();
      }
    }, [contact, count]);
    for (let i = 0; i < 3; i++) {
      await page.waitForTimeout(50);
      await session.send("HeapProfiler.collectGarbage");
    }
    const { metrics } = await session.send("Performance.getMetrics");
    const of = (name) => metrics.find((metric) => metric.name == name).value;
    return { forms: await page.evaluate(() => refs.filter((ref) => ref.deref()).length), nodes: of("Nodes"), listeners: of("JSEventListeners") };
  };
  const before = await bindAndRemove(10);
  const after = await bindAndRemove(300);
  assert.deepEqual([after.forms, after.nodes, after.listeners], [0, before.nodes, before.listeners]);
});

test("random sequences of all that changes a page without telling: shown is known", async (t) => {
  // A page slows down with the forms that it has had.
  const [sequences, tabs] = [5000, 10];
  const each = sequences / tabs;
  const run = async (from) => {
    const page = await open(t, "<p>forms</p>");
    return page.evaluate(
      async ([from, to, contact]) => (await import("/test/form-known.js")).run(from, to, 8, contact),
      [from, from + each, contact],
    );
  };
  const results = await Promise.all(Array.from({ length: tabs }, (_, tab) => run(tab * each)));
  assert.deepEqual(results, Array(tabs).fill({ sequences: each }));
});

test("htmx: a form that is swapped in is bound, and goes on after another swap", async (t) => {
  const app = bundle(`
    import htmx from "htmx.org";
    import { load } from "/dist/contact.js";
    import { bindForm } from "/dist/form.js";
    htmx.config.includeIndicatorStyles = false;
    htmx.onLoad((el) => {
      const form = el.matches("form[data-contact]") ? el : el.querySelector("form[data-contact]");
      if (form) window.binding = bindForm(form, load(), { contact });
    });
  `);
  pages["/part.html"] = `<form data-contact>${controls}</form>`;
  const page = await open(t, `<button hx-get="/part.html" hx-target="#place">Open</button><div id="place"></div>`, { script: app, ignore: /inline style/ });
  for (let i = 0; i < 2; i++) {
    await page.evaluate(() => (window.binding = undefined));
    await page.getByRole("button", { name: "Open" }).click();
    await page.waitForFunction(() => window.binding);
    assert.deepEqual([await shown(page), await changed(page)], [asStored, []]);
    await field(page, "city").fill("Oslo");
    assert.deepEqual(await patch(page), { city: "Oslo" });
  }
});

test("what changes elsewhere in a page is not looked at", async (t) => {
  const page = await open(t, `<div id="elsewhere"></div><form id="form"><input name="city"></form>`);
  const watched = await page.evaluate(async (contact) => {
    const targets = [];
    const { observe } = MutationObserver.prototype;
    MutationObserver.prototype.observe = function (target, options) {
      targets.push(target.id || target.nodeName);
      return observe.call(this, target, options);
    };
    const [{ load }, { bindForm }] = await Promise.all([import("/dist/contact.js"), import("/dist/form.js")]);
    bindForm(document.getElementById("form"), load(), { contact });
    return targets;
  }, contact);
  assert.deepEqual(watched, ["form"]);
});
