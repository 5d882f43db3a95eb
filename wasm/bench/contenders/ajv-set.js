import validate from "../build/ajv-set.validate.js";

export const load = () => (text) => (validate(JSON.parse(text)) ? [] : validate.errors);
