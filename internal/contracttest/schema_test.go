package contracttest

import (
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/partner-contacts/contact/schema"
)

// definitions is what the schema must say of a value of each kind. Where no pattern is given there must be none.
var definitions = map[string]struct {
	jsonType string
	format   string
	pattern  bool
	enum     []string
	items    string
}{
	"id":        {jsonType: "string", pattern: true},
	"constant":  {jsonType: "string", enum: []string{"contact"}},
	"string":    {jsonType: "string"},
	"date":      {jsonType: "string", pattern: true, format: "date"},
	"timezone":  {jsonType: "string", enum: slices.Collect(contact.Timezones())},
	"boolean":   {jsonType: "boolean"},
	"object":    {jsonType: "object"},
	"timestamp": {jsonType: "string", pattern: true, format: "date-time"},
	"ids":       {jsonType: "array", items: "id"},
	"strings":   {jsonType: "array", items: "string"},
}

// TestTableAndSchema proves that the field table and the schemas, as jsonschema/v6 understands them, say the same.
func TestTableAndSchema(t *testing.T) {
	compiler := schema.NewCompiler()
	whole, err := compiler.Compile(schema.Base + "contact.schema.json")
	require.NoError(t, err)
	patch, err := compiler.Compile(schema.Base + "contact-patch.schema.json")
	require.NoError(t, err)

	var names, required []string
	for f := range contact.AllFields.All() {
		names = append(names, f.String())
		if contact.RequiredFields.Has(f) {
			required = append(required, f.String())
		}
	}
	for _, s := range []struct {
		*jsonschema.Schema
		file string
	}{{whole, "contact.schema.json"}, {patch, "contact-patch.schema.json"}} {
		t.Run(row.Name(s.file), func(t *testing.T) {
			text, err := schema.FS.ReadFile(s.file)
			require.NoError(t, err)
			var file struct{ Properties json.RawMessage }
			require.NoError(t, json.Unmarshal(text, &file))
			var order []string
			for _, m := range members(file.Properties) {
				order = append(order, m.name)
			}
			assert.Equal(t, names, order, "the order of the properties in %s", s.Location)
			assert.ElementsMatch(t, names, slices.Collect(maps.Keys(s.Properties)), "the properties of %s", s.Location)
			assert.Equal(t, []string{"object"}, s.Types.ToStrings(), s.Location)
			assert.Equal(t, false, s.AdditionalProperties, s.Location)
		})
	}
	assert.Equal(t, required, whole.Required, "in the same order, too")
	assert.Empty(t, patch.Required)

	for f := range contact.AllFields.All() {
		definition := whole.Properties[f.String()].Ref
		require.NotNil(t, definition, f)
		if f.Kind() == contact.KindEnum {
			assert.Equal(t, f.Values(), valuesOf(definition), f)
		} else {
			assert.Equal(t, anyDefinition+f.Kind().String(), definition.Location, f)
		}
		inPatch := patch.Properties[f.String()]
		if contact.RequiredFields.Has(f) {
			assert.Same(t, definition, inPatch.Ref, f)
			assert.Empty(t, inPatch.AnyOf, f)
			continue
		}
		require.Len(t, inPatch.AnyOf, 2, f)
		assert.Same(t, definition, inPatch.AnyOf[0].Ref, f)
		assert.Equal(t, []string{"null"}, inPatch.AnyOf[1].Types.ToStrings(), f)
	}

	for kind, want := range definitions {
		t.Run(row.Name(kind), func(t *testing.T) {
			s, err := compiler.Compile(anyDefinition + kind)
			require.NoError(t, err)
			if kind == "timezone" {
				s = s.Ref
			}
			assert.Equal(t, []string{want.jsonType}, s.Types.ToStrings(), kind)
			assert.Equal(t, want.pattern, s.Pattern != nil, kind)
			if want.format == "" {
				assert.Nil(t, s.Format, kind)
			} else {
				require.NotNil(t, s.Format, kind)
				assert.Equal(t, want.format, s.Format.Name, kind)
			}
			assert.Equal(t, want.enum, valuesOf(s), kind)
			if want.items == "" {
				assert.Nil(t, s.Items2020, kind)
			} else {
				require.NotNil(t, s.Items2020, kind)
				assert.Equal(t, anyDefinition+want.items, s.Items2020.Ref.Location, kind)
			}
		})
	}
}

// valuesOf returns the strings of an enum.
func valuesOf(s *jsonschema.Schema) (values []string) {
	if s.Enum != nil {
		for _, v := range s.Enum.Values {
			values = append(values, v.(string))
		}
	}
	return values
}

// keywords are those that our schema files use, with what stands under them: a keyword that is not listed has not been
// thought about, or is misspelled, and validators would ignore it.
var keywords = map[string]string{
	"$schema": "", "$id": "", "$ref": "", "$comment": "", "title": "", "description": "",
	"type": "", "enum": "", "const": "", "required": "", "format": "", "pattern": "", "maxLength": "", "minLength": "",
	"minItems": "", "minProperties": "", "maxProperties": "", "minimum": "", "readOnly": "", "examples": "",
	"additionalProperties": "schema", "items": "schema",
	"anyOf":      "schemas",
	"properties": "named schemas", "$defs": "named schemas",
}

// unknownKeywords returns where a schema has keywords that are not listed.
func unknownKeywords(at string, v any) (unknown []string) {
	s, ok := v.(map[string]any)
	if !ok {
		if _, ok := v.(bool); !ok {
			unknown = append(unknown, at)
		}
		return unknown
	}
	for keyword, value := range s {
		at := at + "/" + keyword
		under, known := keywords[keyword]
		switch {
		case !known:
			unknown = append(unknown, at)
		case under == "schema":
			unknown = append(unknown, unknownKeywords(at, value)...)
		case under == "schemas":
			for _, s := range value.([]any) {
				unknown = append(unknown, unknownKeywords(at, s)...)
			}
		case under == "named schemas":
			for name, s := range value.(map[string]any) {
				unknown = append(unknown, unknownKeywords(at+"/"+name, s)...)
			}
		}
	}
	return unknown
}

func TestSchemaKeywords(t *testing.T) {
	files, err := fs.Glob(schema.FS, "*.schema.json")
	require.NoError(t, err)
	require.Len(t, files, 4)
	for _, name := range files {
		text, err := fs.ReadFile(schema.FS, name)
		require.NoError(t, err)
		decode := func(text string) any {
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			require.NoError(t, err)
			return v
		}
		assert.Empty(t, unknownKeywords(name, decode(string(text))))

		// The test itself finds a misspelled keyword, wherever one stands.
		for _, keyword := range []string{"type", "pattern", "format", "items", "enum"} {
			misspelled := strings.ReplaceAll(string(text), `"`+keyword+`": `, `"`+keyword+`s": `)
			if misspelled != string(text) {
				assert.NotEmpty(t, unknownKeywords(name, decode(misspelled)), "%s with %ss", name, keyword)
			}
		}
	}
}

// TestGenerator proves that what the generator starts from is a valid contact with every field, so that each fault in
// what it makes comes from a change.
func TestGenerator(t *testing.T) {
	c, err := contact.Parse(contacttest.FromBytes(nil).Body())
	require.NoError(t, err)
	assert.Len(t, members(c.AppendJSON(nil)), contact.AllFields.Len())
	compareEngines(t, contacttest.FromBytes(nil).Body())
}
