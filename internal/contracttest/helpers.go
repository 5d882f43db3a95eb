package contracttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/tree"
	"github.com/partner-contacts/contact/schema"
)

func mustParse(t testing.TB, body []byte) *contact.Contact {
	before := bytes.Clone(body)
	c, err := contact.Parse(body)
	require.NoError(t, err, "%s", body)
	require.NoError(t, contact.Check(body))
	require.Equal(t, before, body, "the body after Parse")
	return c
}

// MustParsePatch returns the patch of a body that has to be valid.
func MustParsePatch(t testing.TB, body []byte) *contact.Patch {
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

// A maker makes contacts and patches as trees, by the choices of package contacttest.
type maker struct{ *contacttest.Gen }

func (g *maker) n(k int) int { return g.Choose(k) }

// field returns any field.
func (g *maker) field() contact.Field { return contact.Field(g.n(contact.AllFields.Len())) }

// value makes a valid value of f.
func (g *maker) value(f contact.Field) tree.Value { return must(tree.Decode(g.Value(f))) }

func (g *maker) contact() tree.Object { return must(tree.DecodeObject(g.Contact())) }

// edit makes another state of the same contact.
func (g *maker) edit(doc tree.Object) tree.Object {
	return must(tree.DecodeObject(g.Edit(tree.AppendText(nil, doc))))
}

// patch makes a patch for a contact; now and then its identity or version are not the contact's.
func (g *maker) patch(doc tree.Object) tree.Object {
	p := must(tree.DecodeObject(g.Patch(tree.AppendText(nil, doc))))
	for f := range (contact.AllFields &^ contact.WritableFields &^ contact.FieldsOf(contact.FieldType)).All() {
		if g.n(24) == 23 {
			p = p.With(f.String(), g.value(f))
		}
	}
	return p
}

// print writes a value in one of its many spellings.
func (g *maker) print(v tree.Value) string { return string(g.Reformat(tree.AppendText(nil, v))) }

// document is print for a contact or a patch.
func (g *maker) document(doc tree.Object) []byte { return []byte(g.print(doc)) }

// time makes a time of an update: none, later than all contacts, about when they were updated,
// before.
func (g *maker) time() time.Time {
	return [...]time.Time{
		{}, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 5, 17, 8, 2, 45, 120004999, time.UTC),
		time.Date(2020, 1, 1, 0, 0, 0, 7, time.FixedZone("", 3600)),
	}[g.n(4)]
}

// must returns v, or panics: the text is a test's own.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var lastField = contact.Field(contact.AllFields.Len() - 1)

// errorsOf returns the contact.Errors that err is, or nil if it is nil. All that is wrong with a
// body is of that type.
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

// unescapeHTML undoes the escaping of json.Marshal in the text of a MarshalJSON.
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

// SampleContact returns the contact of testdata/contact.json, which has nearly every field.
func SampleContact(t testing.TB) *contact.Contact {
	text, err := os.ReadFile("testdata/contact.json")
	require.NoError(t, err)
	return mustParse(t, text)
}

// FullContact returns a contact that has every field, none of them with Go's zero value.
func FullContact(t testing.TB) *contact.Contact {
	c := mustParse(t, contacttest.Sample())
	for f := range contact.AllFields.All() {
		if f.Kind() == contact.KindBoolean {
			require.NoError(t, json.Unmarshal([]byte("true"), c.Ptr(f)))
		}
	}
	require.NoError(t, c.Validate())
	return c
}

// Minimal returns the smallest contact.
func Minimal(t testing.TB) *contact.Contact {
	return mustParse(t, []byte(minimalText))
}

// checkStored returns the error of ParseStored.
func checkStored(document []byte) error {
	_, err := contact.ParseStored(document)
	return err
}
