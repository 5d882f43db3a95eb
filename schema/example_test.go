package schema_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/schema"
)

// A schema of your own uses the definitions of ours.
func ExampleNewCompiler() {
	booking, err := jsonschema.UnmarshalJSON(strings.NewReader(`{
		"type": "object",
		"properties": {
			"contact_id": {"$ref": "https://partner-contacts.github.io/contact/contact.schema.json#/$defs/id"},
			"day": {"$ref": "https://partner-contacts.github.io/contact/contact.schema.json#/$defs/date"},
			"timezone": {"$ref": "https://partner-contacts.github.io/contact/timezone.schema.json"}
		}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	compiler := schema.NewCompiler()
	if err := compiler.AddResource("https://example.org/booking.json", booking); err != nil {
		fmt.Println(err)
		return
	}
	compiled, err := compiler.Compile("https://example.org/booking.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{
		`{"day": "2026-02-28", "timezone": "America/Chicago"}`,
		`{"day": "2026-02-30"}`,
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(compiled.Validate(v) == nil)
	}
	// Output:
	// true
	// false
}

// A team holds meta_public to a schema of its own.
func ExampleMetaChecker() {
	file, err := jsonschema.UnmarshalJSON(strings.NewReader(`{
		"properties": {
			"score": {"type": "number", "minimum": 0, "maximum": 100},
			"tier": {"enum": ["gold", "silver"]}
		},
		"additionalProperties": false
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	compiler := schema.NewCompiler()
	if err := compiler.AddResource("https://example.org/meta.json", file); err != nil {
		fmt.Println(err)
		return
	}
	rules := contact.Options{CheckMeta: schema.MetaChecker(compiler.MustCompile("https://example.org/meta.json"))}

	existing := &contact.Contact{MetaPublic: `{"score":12.50,"tier":"gold"}`}
	patch, err := rules.ParsePatch([]byte(`{"meta_public": {"score": 101, "tier": "bronze", "color": "red"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _, err = rules.Merge(existing, patch, time.Now())
	for _, e := range err.(contact.Errors) {
		fmt.Println(e.Rule, e.Pointer)
	}
	// Output:
	// meta /meta_public/score
	// enum /meta_public/tier
	// unknown /meta_public/color
}

// The reference engine finds what the fast engine finds.
func ExampleCheckPatch() {
	body := []byte(`{"birthdate": "1990-02-30", "timezone": null, "name_frist": "Ana"}`)
	for _, err := range []error{contact.CheckPatch(body), schema.CheckPatch(body)} {
		for _, e := range err.(contact.Errors) {
			fmt.Println(e.Rule, e.Pointer)
		}
	}
	// Output:
	// date /birthdate
	// unknown /name_frist
	// date /birthdate
	// unknown /name_frist
}
