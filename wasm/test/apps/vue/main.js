import { load } from "@partner-contacts/contact";
import { createApp, h, onMounted, onUnmounted, ref, vModelText, withDirectives } from "vue";
import { start } from "../shared/form.js";

createApp({
  setup() {
    const form = ref();
    const city = ref("Chicago");
    const timezone = ref("America/Chicago");
    let binding;
    onMounted(() => (binding = start(form.value, load())));
    onUnmounted(() => binding.unbind());
    const input = (name, model) =>
      withDirectives(h("input", { name, "onUpdate:modelValue": (value) => (model.value = value) }), [[vModelText, model.value]]);
    return () => h("form", { id: "form", ref: form }, [
      h("label", ["City ", input("city", city)]),
      h("label", ["Timezone ", input("timezone", timezone)]),
      h("button", "Save"),
    ]);
  },
}).mount("#root");
