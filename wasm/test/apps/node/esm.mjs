import { load } from "@partner-contacts/contact";
import { sentence } from "@partner-contacts/contact/messages";
import en from "@partner-contacts/contact/messages/en";

const [error] = (await load()).checkField("timezone", "PST");
console.log(error.meta.rule, sentence(en, error).length > 0);
