// Package schema holds the JSON Schema files (draft 2020-12) of a contact, for any validator in any
// language, and what follows from them on github.com/santhosh-tekuri/jsonschema/v6: a compiler that
// knows the files, the reference engine that judges bodies by them, and a rule that holds
// meta_public to a schema of a team's own.
package schema

import (
	"embed"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Base is the URL under which the files stand for one another: the $id of each is Base and its
// name. Nothing is fetched from there; give the files to your validator.
const Base = "https://partner-contacts.github.io/contact/"

// FS holds all the files: contact.schema.json, contact-patch.schema.json, timezone.schema.json and
// errors.schema.json, openapi.json, which refers to them, and openapi.bundled.json, which does not.
//
//go:embed *.json
var FS embed.FS

// The files one by one.
var (
	// Contact is contact.schema.json: a complete contact, and under $defs the kinds of value that
	// its fields have.
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

	// OpenAPI is openapi.bundled.json: the operations as OpenAPI 3.0 in one file, which generators
	// of clients take as it is. openapi.json in FS is the same as OpenAPI 3.1.
	//
	//go:embed openapi.bundled.json
	OpenAPI string
)

// NewCompiler returns a compiler that asserts formats and knows the files by their URLs, so that a
// schema of yours can refer to them, as in {"$ref":
// "https://partner-contacts.github.io/contact/contact.schema.json#/$defs/date"}. To compile what
// refers to nothing else it needs neither the network nor a file system.
func NewCompiler() *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, text := range map[string]string{
		"contact.schema.json":       Contact,
		"contact-patch.schema.json": ContactPatch,
		"timezone.schema.json":      Timezone,
		"errors.schema.json":        Errors,
	} {
		file, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err == nil {
			err = c.AddResource(Base+name, file)
		}
		if err != nil {
			panic(err) // never: the files are compiled in, and tested
		}
	}
	return c
}
