const { load } = require("@partner-contacts/contact");
const { sentence } = require("@partner-contacts/contact/messages");
const { default: en } = require("@partner-contacts/contact/messages/en");

load().then((engine) => {
  const [error] = engine.checkField("timezone", "PST");
  console.log(error.meta.rule, sentence(en, error).length > 0);
});
