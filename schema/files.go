// Package schema holds the JSON Schema files (draft 2020-12) of a contact, for any validator in any
// language. For github.com/santhosh-tekuri/jsonschema/v6 it has NewCompiler, whose compilers know the
// files, and MetaChecker, which checks meta_public against a schema of your own.
package schema

import (
	"bytes"
	"embed"
	"io/fs"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Base is the URL by which the files refer to one another: the $id of each is Base and its
// name. Nothing is fetched from there; give the files to your validator.
const Base = "https://partner-contacts.github.io/contact/"

// FS holds all files: contact.schema.json, contact-patch.schema.json, timezone.schema.json,
// errors.schema.json, openapi.json, which refers to the others, and openapi.bundled.json, which
// refers to none.
//
//go:embed *.json
var FS embed.FS

// OpenAPI is openapi.bundled.json: the operations as OpenAPI 3.0 in one file, for generators of
// clients. openapi.json in FS describes the same operations as OpenAPI 3.1.
//
//go:embed openapi.bundled.json
var OpenAPI string

// NewCompiler returns a compiler that asserts formats and knows the files by their URLs, so that a
// schema of yours can refer to them, as in {"$ref":
// "https://partner-contacts.github.io/contact/contact.schema.json#/$defs/date"}. A schema that refers
// only to these files is compiled without network or file system.
func NewCompiler() *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	names, err := fs.Glob(FS, "*.schema.json")
	if err != nil {
		panic(err) // cannot happen: the pattern is well formed
	}
	for _, name := range names {
		if err := addResource(c, name); err != nil {
			panic(err) // cannot happen: the files are embedded, and tested
		}
	}
	return c
}

func addResource(c *jsonschema.Compiler, name string) error {
	text, err := FS.ReadFile(name)
	if err != nil {
		return err
	}
	file, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return c.AddResource(Base+name, file)
}
