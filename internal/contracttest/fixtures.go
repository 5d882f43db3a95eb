package contracttest

import (
	"strings"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
)

// minimalText is the smallest contact.
var minimalText = sampleText(0, "{}", "[]", "[]")

// ShortDocument is a contact in the form that AppendJSON writes, without most optional fields.
var ShortDocument = sampleText(
	contact.FieldsOf(contact.FieldNameFirst, contact.FieldCity, contact.FieldBirthdate, contact.FieldTimezone),
	`{"score":12.50,"prefs":{"language":"es"}}`, `["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"]`, `["welcome"]`)

// sampleText returns the contact of contacttest.Sample with its required fields, some optional ones,
// and other values for objects and lists.
func sampleText(optional contact.FieldSet, object, ids, texts string) string {
	other := map[contact.Kind]string{contact.KindObject: object, contact.KindIDs: ids, contact.KindStrings: texts}
	var b strings.Builder
	for _, m := range members(contacttest.Sample()) {
		f, _ := contact.FieldByName(m.name)
		if !(contact.RequiredFields | optional).Has(f) {
			continue
		}
		value := string(m.value)
		if text, ok := other[f.Kind()]; ok {
			value = text
		}
		b.WriteString(`,"` + m.name + `":` + value)
	}
	return "{" + b.String()[1:] + "}"
}
