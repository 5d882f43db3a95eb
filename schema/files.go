// Package schema holds the JSON Schema files (draft 2020-12) of a contact, for any validator in any language.
package schema

import "embed"

// Base is the URL under which the files stand for one another: the $id of each is Base and its name. Nothing is fetched
// from there; give the files to your validator.
const Base = "https://partner-contacts.github.io/contact/"

// FS holds all the files: contact.schema.json, contact-patch.schema.json, timezone.schema.json, errors.schema.json.
//
//go:embed *.schema.json
var FS embed.FS

// The files one by one.
var (
	// Contact is contact.schema.json: a complete contact, and under $defs the kinds of value that its fields have.
	//
	//go:embed contact.schema.json
	Contact string

	// ContactPatch is contact-patch.schema.json: the body of an update.
	//
	//go:embed contact-patch.schema.json
	ContactPatch string

	// Timezone is timezone.schema.json: the names of the timezones.
	//
	//go:embed timezone.schema.json
	Timezone string

	// Errors is errors.schema.json: the envelope of all errors.
	//
	//go:embed errors.schema.json
	Errors string
)
