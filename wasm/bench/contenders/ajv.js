// Ajv as a page that keeps to its documentation has it: the schema files as they stand, compiled on arrival.
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";
import contact from "../../../schema/contact.schema.json";
import timezone from "../../../schema/timezone.schema.json";

export const load = () => {
  const ajv = new Ajv({ allErrors: true });
  formats(ajv);
  ajv.addSchema(timezone);
  const validate = ajv.compile(contact);
  return (text) => (validate(JSON.parse(text)) ? [] : validate.errors);
};
