// The formats of the precompiled Ajv, with the check of timezones that pages usually have.
import { fullFormats } from "ajv-formats/dist/formats.js";

const timezone = (name) => {
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

export const formats = { ...fullFormats, timezone };
