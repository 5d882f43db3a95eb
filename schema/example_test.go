package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
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

// A service publishes the files, for clients in any language.
func Example_files() {
	files, err := fs.Glob(schema.FS, "*")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range files {
		fmt.Println(name)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /schema/", http.StripPrefix("/schema/", http.FileServerFS(schema.FS)))

	// Or the one that generators of clients take.
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, schema.OpenAPI)
	})
	for _, path := range []string{"/schema/timezone.schema.json", "/openapi.json"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		var file map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &file); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(path, w.Code, file["$id"], file["openapi"])
	}
	// Output:
	// contact-patch.schema.json
	// contact.schema.json
	// errors.schema.json
	// openapi.bundled.json
	// openapi.json
	// timezone.schema.json
	// /schema/timezone.schema.json 200 https://partner-contacts.github.io/contact/timezone.schema.json <nil>
	// /openapi.json 200 <nil> 3.0.3
}

// Each file's $id is [schema.Base] and its name: any validator takes them by that.
func Example_validator() {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	names, err := fs.Glob(schema.FS, "*.schema.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range names {
		text, err := schema.FS.ReadFile(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		file, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err == nil {
			err = c.AddResource(schema.Base+name, file)
		}
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	envelope, err := c.Compile(schema.Base + "errors.schema.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	errs := contact.CheckPatch([]byte(`{"city": 1}`)).(contact.Errors)
	answer, err := jsonschema.UnmarshalJSON(bytes.NewReader(errs.AppendJSON(nil)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(envelope.Validate(answer))
	// Output: <nil>
}
