package schema_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	fields "github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/schema"
)

// names lists the JSON Schema files.
var names = []string{"contact-patch.schema.json", "contact.schema.json", "errors.schema.json", "timezone.schema.json"}

// embedded returns the text of a file in FS.
func embedded(t *testing.T, name string) string {
	t.Helper()
	text, err := schema.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// compile compiles one of our files.
func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	compiled, err := schema.NewCompiler().Compile(schema.Base + name)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func decode(t *testing.T, text string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFiles(t *testing.T) {
	all, err := fs.Glob(schema.FS, "*")
	if err != nil {
		t.Fatal(err)
	}
	want := append(slices.Clone(names), "openapi.bundled.json", "openapi.json")
	slices.Sort(want)
	if !slices.Equal(all, want) {
		t.Errorf("FS has %q, want %q", all, want)
	}
	if embedded(t, "openapi.bundled.json") != schema.OpenAPI {
		t.Error("openapi.bundled.json: FS and the string differ")
	}
	for _, name := range names {
		file := decode(t, embedded(t, name)).(map[string]any)
		if file["$id"] != schema.Base+name {
			t.Errorf("%s: $id is %q", name, file["$id"])
		}
		compile(t, name)
	}
}

// member returns the value at a path of member names in a decoded file.
func member(v any, path ...string) any {
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// keys returns the names of the members of an object in document order.
func keys(t *testing.T, file, object string) []string {
	t.Helper()
	var outer map[string]json.RawMessage
	if err := json.Unmarshal([]byte(file), &outer); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(outer[object])))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// TestPatchFollowsContact holds the two files of fields against each other: same fields, order,
// titles and kinds; in the patch nothing required and null allowed for exactly those that a contact
// need not have.
func TestPatchFollowsContact(t *testing.T) {
	contact, patch := decode(t, embedded(t, "contact.schema.json")), decode(t, embedded(t, "contact-patch.schema.json"))
	names := keys(t, embedded(t, "contact.schema.json"), "properties")
	if len(names) != fields.AllFields.Len() {
		t.Errorf("%d properties, and a contact has %d fields", len(names), fields.AllFields.Len())
	}
	if got := keys(t, embedded(t, "contact-patch.schema.json"), "properties"); !slices.Equal(got, names) {
		t.Errorf("the patch has the fields %q, the contact %q", got, names)
	}
	if member(patch, "required") != nil {
		t.Error("the patch requires something")
	}
	required := map[string]bool{}
	for _, name := range member(contact, "required").([]any) {
		required[name.(string)] = true
	}
	if len(required) != fields.RequiredFields.Len() {
		t.Errorf("%d are required, and of a contact %d", len(required), fields.RequiredFields.Len())
	}
	for _, name := range names {
		ours, theirs := member(contact, "properties", name), member(patch, "properties", name)
		title, _ := member(ours, "title").(string)
		description, _ := member(ours, "description").(string)
		patchDescription, _ := member(theirs, "description").(string)
		if title == "" || description == "" || member(theirs, "title") != title || !strings.HasPrefix(patchDescription, description) {
			t.Errorf("%s: titles or descriptions are missing or differ", name)
		}
		kind, _ := member(ours, "$ref").(string)
		if !strings.HasPrefix(kind, "#/$defs/") || member(contact, "$defs", strings.TrimPrefix(kind, "#/$defs/")) == nil {
			t.Errorf("%s: no kind in %q", name, kind)
		}
		ref := map[string]any{"$ref": "contact.schema.json" + kind}
		if required[name] {
			if member(theirs, "$ref") != ref["$ref"] || member(theirs, "anyOf") != nil {
				t.Errorf("%s: the patch does not hold it to %s", name, kind)
			}
			continue
		}
		choice, _ := member(theirs, "anyOf").([]any)
		if len(choice) != 2 || !maps.Equal(choice[0].(map[string]any), ref) || !maps.Equal(choice[1].(map[string]any), map[string]any{"type": "null"}) {
			t.Errorf("%s: the patch does not take %s or null", name, kind)
		}
	}
}

func TestDocuments(t *testing.T) {
	contact, patch := compile(t, "contact.schema.json"), compile(t, "contact-patch.schema.json")
	full := readFile(t, "../testdata/contact.json")
	for _, c := range []struct {
		schema *jsonschema.Schema
		text   string
		valid  bool
	}{
		{contact, full, true},
		{patch, full, true},
		{patch, readFile(t, "../testdata/patch.json"), true},
		{contact, readFile(t, "../testdata/patch.json"), false},
		{patch, readFile(t, "../testdata/invalid-patch.json"), false},
		{patch, `{}`, true},
		{contact, `{}`, false},
		{contact, `null`, false},
		{patch, `null`, false},
		{patch, `[]`, false},
		{patch, `"contact"`, false},
		{patch, `{"name_frist":"Ana"}`, false},
		{patch, `{"ID":"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"}`, false},
		{patch, `{"ſms_opted_in":true}`, false},
	} {
		if err := c.schema.Validate(decode(t, c.text)); (err == nil) != c.valid {
			t.Errorf("%s: %s: %v", c.schema.Location, c.text, err)
		}
	}

	required := decode(t, embedded(t, "contact.schema.json")).(map[string]any)["required"].([]any)
	for _, name := range keys(t, embedded(t, "contact.schema.json"), "properties") {
		isRequired := slices.Contains(required, any(name))
		without := decode(t, full).(map[string]any)
		delete(without, name)
		if err := contact.Validate(without); (err == nil) == isRequired {
			t.Errorf("a contact without %s: %v", name, err)
		}
		if err := contact.Validate(with(t, full, name, `null`)); err == nil {
			t.Errorf("a contact takes null for %s", name)
		}
		if err := patch.Validate(with(t, `{}`, name, `null`)); (err == nil) == isRequired {
			t.Errorf("a patch with null for %s: %v", name, err)
		}
	}
}

// with returns a document with one member set to the given JSON value.
func with(t *testing.T, document, name, value string) any {
	t.Helper()
	object := decode(t, document).(map[string]any)
	object[name] = decode(t, value)
	return object
}

// TestValues judges values of each kind, in a contact and in a patch alike.
func TestValues(t *testing.T) {
	contact, patch := compile(t, "contact.schema.json"), compile(t, "contact-patch.schema.json")
	full := readFile(t, "../testdata/contact.json")
	for _, c := range []struct {
		field          string
		valid, invalid []string
	}{
		{"id", []string{
			`"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`, `"7C2E1F8A-4B5D-4E6F-BA1B-2C3D4E5F6A7B"`, `"00000000-0000-4000-8000-000000000000"`,
		}, []string{
			`""`, `42`, `"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b\n"`, `" 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`,
			`"7c2e1f8a-4b5d-1e6f-9a1b-2c3d4e5f6a7b"`, `"7c2e1f8a-4b5d-4e6f-ca1b-2c3d4e5f6a7b"`, `"7c2e1f8a-4b5d-4e6f-7a1b-2c3d4e5f6a7b"`,
			`"7c2e1f8a4b5d4e6f9a1b2c3d4e5f6a7b"`, `"{7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b}"`, `"urn:uuid:7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`,
			`"00000000-0000-0000-0000-000000000000"`, `"ffffffff-ffff-ffff-ffff-ffffffffffff"`, `"gc2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`,
		}},
		{"type", []string{`"contact"`}, []string{`"Contact"`, `"person"`, `""`, `true`}},
		{"email", []string{`"a@example.org"`, `""`, `"not an address"`, `"\u0000"`}, []string{`1`, `["a@example.org"]`, `{}`, `false`}},
		{"birthdate", []string{
			`"1990-02-28"`, `"2000-02-29"`, `"2024-02-29"`, `"0000-02-29"`, `"0000-01-01"`, `"9999-12-31"`,
		}, []string{
			`""`, `"1990-02-30"`, `"1900-02-29"`, `"2023-02-29"`, `"1990-13-01"`, `"1990-00-01"`, `"1990-01-00"`, `"1990-1-01"`, `"19900101"`,
			`"10000-01-01"`, `"-001-01-01"`, `"1990-01-01T00:00:00Z"`, `"1990-01-01\n"`, `"1990/01/01"`, `"１９９０-01-01"`, `19900101`,
		}},
		{"timezone", []string{
			`"America/Chicago"`, `"America\/Chicago"`, `"UTC"`, `"EST"`, `"Etc/GMT+5"`, `"GMT+0"`, `"US/Central"`, `"Asia/Calcutta"`,
		}, []string{
			`""`, `"america/chicago"`, `"+05:00"`, `"UTC+5"`, `"PST"`, `"Local"`, `"posix/America/Chicago"`, `"Factory"`, `"America/Chicago\n"`, `-6`,
		}},
		{"sms_opted_in", []string{`true`, `false`}, []string{`"true"`, `0`, `1`, `""`, `[]`}},
		{"meta_public", []string{`{}`, `{"a":null,"b":[{"c":null}],"d":9007199254740993}`}, []string{`[]`, `"{}"`, `1`}},
		{"updated_at", []string{
			`"2024-01-02T03:04:05Z"`, `"2024-01-02t03:04:05z"`, `"2024-01-02T03:04:05.5Z"`, `"2024-01-02T03:04:05.1234567890123Z"`,
			`"2024-01-02T03:04:05+05:30"`, `"2024-01-02T03:04:05-23:59"`, `"2024-01-02T03:04:05-00:00"`, `"0000-02-29T00:00:00Z"`,
			`"1990-12-31T23:59:60Z"`, `"1990-12-31T15:59:60.5-08:00"`, `"1991-01-01T00:29:60+00:30"`,
		}, []string{
			`""`, `"2024-01-02"`, `"2024-01-02T3:04:05Z"`, `"2024-01-02T03:04:05"`, `"2024-01-02T03:04Z"`, `"2024-01-02 03:04:05Z"`,
			`"2024-01-02T03:04:05,5Z"`, `"2024-01-02T03:04:05.Z"`, `"2024-01-02T03:04:05+0530"`, `"2024-01-02T03:04:05+05"`,
			`"2024-01-02T03:04:05+24:00"`, `"2024-01-02T03:04:05+00:60"`, `"2024-01-02T24:00:00Z"`, `"2024-01-02T03:60:00Z"`,
			`"2024-01-02T03:04:61Z"`, `"2024-01-02T03:04:60Z"`, `"1990-12-31T23:59:60+01:00"`, `"2023-02-29T00:00:00Z"`, `"2024-13-02T03:04:05Z"`,
			`"2024-01-02T+3:04:05Z"`, `"2024-01-02T03:04:05Z\n"`, `"12024-01-02T03:04:05Z"`, `1704164645`,
		}},
		{"active_journey_ids", []string{
			`[]`, `["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"]`,
		}, []string{`{}`, `"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"`, `["x"]`, `[null]`, `[1]`}},
		{"completed_objective_keys", []string{`[]`, `["","a","a"]`}, []string{`{}`, `"a"`, `[null]`, `[["a"]]`}},
	} {
		for i, value := range append(c.valid, c.invalid...) {
			valid := i < len(c.valid)
			if err := contact.Validate(with(t, full, c.field, value)); (err == nil) != valid {
				t.Errorf("a contact with %s %s: %v", c.field, value, err)
			}
			if err := patch.Validate(with(t, `{}`, c.field, value)); (err == nil) != valid {
				t.Errorf("a patch with %s %s: %v", c.field, value, err)
			}
		}
	}
}

func TestErrorEnvelopes(t *testing.T) {
	errors := compile(t, "errors.schema.json")
	// entry returns an envelope with one error, whose source and meta are given.
	entry := func(source, meta string) string {
		return `{"errors":[{"code":"validation_failed","title":"Invalid format","detail":"Send a day.","source":` + source + `,"meta":` + meta + `}]}`
	}
	const pointer, rule = `{"pointer":"/birthdate"}`, `{"rule":"date"}`
	valid := entry(pointer, rule)
	for _, text := range []string{
		valid,
		entry(`{"pointer":""}`, `{"rule":"syntax","offset":0}`),
		entry(`{"pointer":"/meta_public/a~1b/m~0n/ü"}`, `{"rule":"duplicate","pointer_truncated":true}`),
		entry(`{"parameter":"id"}`, `{"rule":"uuid"}`),
		entry(`{"header":"Idempotency-Key"}`, `{"rule":"key"}`),
		entry(`{"header":"Authorization"}`, `{"rule":"scope","required_scope":"partner:contacts:write"}`),
		entry(`{"pointer":"/timezone"}`, `{"rule":"timezone","suggestion":"America/Chicago"}`),
	} {
		if err := errors.Validate(decode(t, text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{
		`{}`, `[]`, `{"errors":[]}`, `{"errors":{}}`, `{"errors":[{}]}`, `{"errors":[null]}`,
		strings.Replace(valid, `]}`, `],"data":null}`, 1),
		strings.Replace(valid, `"validation_failed"`, `"invalid"`, 1),
		strings.Replace(valid, `"title":"Invalid format",`, ``, 1),
		strings.Replace(valid, `"title"`, `"status":422,"title"`, 1),
		strings.Replace(valid, `"Send a day."`, `""`, 1),
		entry(`{}`, rule),
		entry(`null`, rule),
		entry(`{"pointer":"birthdate"}`, rule),
		entry(`{"pointer":"/a~2"}`, rule),
		entry(`{"pointer":"/`+strings.Repeat("a", 100)+`"}`, rule),
		entry(`{"pointer":"/id","parameter":"id"}`, rule),
		entry(`{"parameter":""}`, rule),
		entry(pointer, `{}`),
		entry(pointer, `{"rule":"other"}`),
		entry(pointer, `{"rule":"date","value":"1990-02-30"}`),
		entry(pointer, `{"rule":"syntax","offset":-1}`),
		entry(pointer, `{"rule":"syntax","offset":1.5}`),
		entry(pointer, `{"rule":"unknown","suggestion":""}`),
		entry(pointer, `{"rule":"unknown","pointer_truncated":false}`),
	} {
		if err := errors.Validate(decode(t, text)); err == nil {
			t.Errorf("valid: %s", text)
		}
	}
}

// TestCompilerIsOffline compiles everything with a loader that has nothing.
func TestCompilerIsOffline(t *testing.T) {
	c := schema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	for _, name := range names {
		_, err := c.Compile(schema.Base + name)
		assert.NoError(t, err)
	}
	require.NoError(t, c.AddResource("https://example.org/own.json", decode(t, `{"$ref": "`+schema.Base+`contact.schema.json#/$defs/date"}`)))
	own, err := c.Compile("https://example.org/own.json")
	require.NoError(t, err)
	assert.NoError(t, own.Validate("1990-02-28"))
	assert.Error(t, own.Validate("1990-02-30"), "formats are asserted")
	_, err = c.Compile(schema.Base + "other.schema.json")
	assert.Error(t, err)
}
