import { load } from "@partner-contacts/contact";
import { StrictMode, createElement as h, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { start } from "../shared/form.js";

// The city is a controlled input, the timezone an uncontrolled one. In development StrictMode binds, unbinds and binds
// again.
function Form() {
  const form = useRef(null);
  const [city, setCity] = useState("Chicago");
  useEffect(() => {
    const binding = start(form.current, load());
    return () => binding.unbind();
  }, []);
  return h("form", { id: "form", ref: form },
    h("label", null, "City ", h("input", { name: "city", value: city, onChange: (e) => setCity(e.target.value) })),
    h("label", null, "Timezone ", h("input", { name: "timezone", defaultValue: "America/Chicago" })),
    h("button", null, "Save"));
}

createRoot(document.getElementById("root")).render(h(StrictMode, null, h(Form)));
