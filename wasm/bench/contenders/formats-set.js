// The formats of the precompiled Ajv, with the timezone names in a Set.
import { fullFormats } from "ajv-formats/dist/formats.js";
import { enum as names } from "../../../schema/timezone.schema.json";

const zones = new Set(names);

export const formats = { ...fullFormats, timezone: (name) => zones.has(name) };
