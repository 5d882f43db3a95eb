"use client";

import { load } from "@partner-contacts/contact";
import { useEffect, useRef } from "react";
import { start } from "../../shared/form.js";

export default function Form() {
  const form = useRef(null);
  useEffect(() => {
    const binding = start(form.current, load());
    return () => binding.unbind();
  }, []);
  return (
    <form id="form" ref={form}>
      <label>City <input name="city" /></label>
      <label>Timezone <input name="timezone" /></label>
      <button>Save</button>
    </form>
  );
}
