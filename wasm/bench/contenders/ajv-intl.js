import validate from "../build/ajv-intl.validate.js";

export const load = () => (text) => (validate(JSON.parse(text)) ? [] : validate.errors);
