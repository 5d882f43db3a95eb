package contact_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/schema"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

func mustParse(t testing.TB, body []byte) *contact.Contact {
	before := bytes.Clone(body)
	c, err := contact.Parse(body)
	require.NoError(t, err, "%s", body)
	require.NoError(t, contact.Check(body))
	require.Equal(t, before, body, "the body after Parse")
	return c
}

func mustParsePatch(t testing.TB, body []byte) *contact.Patch {
	before := bytes.Clone(body)
	p, err := contact.ParsePatch(body)
	require.NoError(t, err, "%s", body)
	require.NoError(t, contact.CheckPatch(body))
	require.Equal(t, before, body, "the body after ParsePatch")
	return p
}

// faults returns the rule and the pointer of each error.
func faults(t testing.TB, err error) []string {
	if err == nil {
		return nil
	}
	var errs contact.Errors
	if stored := (*contact.StoreError)(nil); errors.As(err, &stored) {
		errs = stored.Errors()
	} else {
		require.True(t, errors.As(err, &errs), "Errors, not %v", err)
	}
	require.NotEmpty(t, errs)
	out := make([]string, len(errs))
	for i, e := range errs {
		out[i] = string(e.Rule) + " " + e.Pointer
	}
	return out
}

// random runs a check on many random cases.
func random(t *testing.T, check func(t *testing.T, g *dice)) {
	cases := uint64(1000)
	if testing.Short() {
		cases = 200
	}
	for seed := range cases {
		check(t, newDice(seed))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// errorsOf returns the contact.Errors that err is, or nil if it is nil. All that is wrong with a body is of that type.
func errorsOf(t testing.TB, err error) contact.Errors {
	t.Helper()
	if err == nil {
		return nil
	}
	var errs contact.Errors
	if !errors.As(err, &errs) || len(errs) == 0 {
		t.Fatalf("not a contact.Errors: %T %v", err, err)
	}
	return errs
}

type member struct {
	name  string
	value json.RawMessage
}

// members returns the members of an object as encoding/json reads it, or nil.
func members(body []byte) (all []member) {
	d := json.NewDecoder(bytes.NewReader(body))
	if token, _ := d.Token(); token != json.Delim('{') {
		return nil
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return nil
		}
		all = append(all, member{name.(string), value})
	}
	return all
}

// unescapeHTML undoes what json.Marshal does to the text that a MarshalJSON returns.
func unescapeHTML(text []byte) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&", `\u2028`, "\u2028", `\u2029`, "\u2029").Replace(string(text))
}

// errorText returns an error in all its forms.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	text := []byte(err.Error())
	if errs, ok := err.(contact.Errors); ok {
		text = errs.AppendJSON(append(text, '\n'))
		for _, e := range errs {
			text = append(append(append(text, '\n'), e.Error()...), e.Title()...)
		}
	}
	return string(text)
}

// teamSchema is a schema for meta_public that most objects break in some way.
func teamSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	file, err := jsonschema.UnmarshalJSON(strings.NewReader(`{
		"properties": {
			"a": {"type": ["integer", "array", "object"], "maximum": 5, "multipleOf": 2, "items": {"enum": [1, "x"]}, "properties": {"b": {"const": 1}}},
			"b": {"anyOf": [{"$ref": "` + schema.Base + `contact.schema.json#/$defs/timestamp"}, {"type": "null"}]},
			"source": {"minLength": 100, "pattern": "^[a-z]+$"},
			"score": {"not": {"type": "number"}}
		},
		"required": ["must"],
		"dependentRequired": {"a": ["c"]},
		"propertyNames": {"maxLength": 8},
		"maxProperties": 3,
		"additionalProperties": false
	}`))
	if err != nil {
		t.Fatal(err)
	}
	c := schema.NewCompiler()
	if err := c.AddResource("https://example.org/team.json", file); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("https://example.org/team.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func pointer[T any](v T) *T { return &v }

// sampleContact returns the contact of testdata/contact.json, which has nearly every field.
func sampleContact(t testing.TB) *contact.Contact {
	text, err := os.ReadFile("testdata/contact.json")
	require.NoError(t, err)
	return mustParse(t, text)
}

// minimal returns the smallest contact.
func minimal(t testing.TB) *contact.Contact {
	return mustParse(t, []byte(minimalText))
}
