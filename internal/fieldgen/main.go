// Command fieldgen compiles the JSON Schema of a contact into the other files that list the fields:
// field_gen.go, the schema of a patch, the sample of package contacttest and the fields of the
// browser package. Run it with go generate in the root of the module.
//
// It derives a property's kind from the keywords of its definition. It fails on a keyword or a
// combination that the engine does not check, so the schema has no constraint that the engine ignores.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("fieldgen: ")
	if err := generate(); err != nil {
		log.Fatal(err)
	}
}

// files are the files that fieldgen writes. The browser package is a module of its own, so a copy of
// this module alone lacks it.
var files = []struct {
	name  string
	write func(*contract) ([]byte, error)
}{
	{"field_gen.go", goFile},
	{"schema/contact-patch.schema.json", patchSchema},
	{"contacttest/sample_gen.go", sampleFile},
	{"wasm/src/fields.gen.ts", typesFile},
}

// generate writes the files of the module in the working directory.
func generate() error {
	text, err := os.ReadFile("schema/contact.schema.json")
	if err != nil {
		return err
	}
	s, err := read(text)
	if err != nil {
		return err
	}
	for _, file := range files {
		if _, err := os.Stat(filepath.Dir(file.name)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		out, err := file.write(s)
		if err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
		if err := os.WriteFile(file.name, out, 0o644); err != nil {
			return err
		}
	}
	return fixtures(s)
}

// A contract is the definition of a contact in the schema.
type contract struct {
	fields []field
}

// A field is one property.
type field struct {
	name, title, description string
	ref                      string // as written in the schema
	kind                     *kind
	values                   []string        // of an enum
	example                  json.RawMessage // the first of the examples
	required, identity       bool
	consent                  bool
}

// A definition has the keywords that fieldgen knows; the decoder rejects all others.
type definition struct {
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Ref         string      `json:"$ref"`
	ReadOnly    bool        `json:"readOnly"`
	Type        string      `json:"type"`
	Format      string      `json:"format"`
	Pattern     string      `json:"pattern"`
	MaxLength   int         `json:"maxLength"`
	Enum        []string    `json:"enum"`
	Items       *definition `json:"items"`

	Examples []json.RawMessage `json:"examples"`
}

// A kind is a form of value that the engine supports: its definition, and the types of its fields in
// Go and TypeScript. If an optional field has another Go type or accessor, goType and access have two
// elements, and the second is for optional fields.
type kind struct {
	name       string
	definition definition // without texts
	goType     []string
	access     []string
	typescript string
	onlyIf     string // "required" or "optional" if the engine supports only that
}

const (
	uuidPattern      = `^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-4[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$`
	datePattern      = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	timestampPattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)` +
		`(?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$`
)

var kinds = []kind{
	{name: "ID", onlyIf: "required", goType: []string{"ID"}, access: []string{"idAt"}, typescript: "string",
		definition: definition{Type: "string", MaxLength: 36, Pattern: uuidPattern}},
	{name: "Constant", onlyIf: "required", definition: definition{Type: "string", Enum: []string{"contact"}}},
	{name: "String", onlyIf: "optional", goType: []string{"*string"}, access: []string{"stringAt"}, typescript: "string",
		definition: definition{Type: "string"}},
	{name: "Date", onlyIf: "optional", goType: []string{"*Date"}, access: []string{"dateAt"}, typescript: "string",
		definition: definition{Type: "string", Pattern: datePattern, Format: "date"}},
	{name: "Timezone", onlyIf: "optional", goType: []string{"*string"}, access: []string{"stringAt"}, typescript: "string",
		definition: definition{Ref: "timezone.schema.json"}},
	{name: "Timestamp", goType: []string{"time.Time", "*time.Time"}, access: []string{"timeAt", "optionalTimeAt"}, typescript: "string",
		definition: definition{Type: "string", Pattern: timestampPattern, Format: "date-time"}},
	{name: "Boolean", onlyIf: "required", goType: []string{"bool"}, access: []string{"boolAt"}, typescript: "boolean",
		definition: definition{Type: "boolean"}},
	{name: "Object", onlyIf: "required", goType: []string{"Object"}, access: []string{"objectAt"}, typescript: "Record<string, unknown>",
		definition: definition{Type: "object"}},
	{name: "IDs", onlyIf: "required", goType: []string{"[]ID"}, access: []string{"idsAt"}, typescript: "string[]",
		definition: definition{Type: "array", Items: &definition{Ref: "#/$defs/id"}}},
	{name: "Strings", onlyIf: "required", goType: []string{"[]string"}, access: []string{"stringsAt"}, typescript: "string[]",
		definition: definition{Type: "array", Items: &definition{Ref: "#/$defs/string"}}},
	{name: "Enum", onlyIf: "optional", goType: []string{"*string"}, access: []string{"stringAt"},
		definition: definition{Type: "string", Enum: anyValues}},
}

// anyValues represents the values of an enum: the engine supports any.
var anyValues = []string{}

// is reports whether a definition is equivalent to that of a kind.
func (d *definition) is(k *kind) bool {
	if k.name == "Enum" {
		values := *d
		values.Enum = anyValues
		return len(d.Enum) > 0 && values.same(&k.definition)
	}
	return d.same(&k.definition)
}

// same reports whether two definitions are equivalent.
func (d *definition) same(other *definition) bool {
	if d == nil || other == nil {
		return d == other
	}
	return d.Ref == other.Ref && d.Type == other.Type && d.Format == other.Format && d.Pattern == other.Pattern &&
		d.MaxLength == other.MaxLength && slices.Equal(d.Enum, other.Enum) && d.Items.same(other.Items)
}

// read reads the schema of a contact.
func read(text []byte) (*contract, error) {
	var file struct {
		Properties json.RawMessage
		Required   []string
		Defs       map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	byRef := make(map[string]*kind)
	values := make(map[string][]string)
	var consent definition
	for name, text := range file.Defs {
		d, err := strict(text)
		if err != nil {
			return nil, fmt.Errorf("$defs/%s: %w", name, err)
		}
		if name == "consent" {
			consent = *d
			continue
		}
		i := slices.IndexFunc(kinds, func(k kind) bool { return d.is(&k) })
		if i < 0 {
			return nil, fmt.Errorf("$defs/%s: the engine has no code for a value like this", name)
		}
		byRef["#/$defs/"+name], values["#/$defs/"+name] = &kinds[i], d.Enum
	}
	s := new(contract)
	names, err := order(file.Properties)
	if err != nil {
		return nil, err
	}
	var properties map[string]json.RawMessage
	if err := json.Unmarshal(file.Properties, &properties); err != nil {
		return nil, err
	}
	for _, name := range names {
		d, err := strict(properties[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		f := field{
			name: name, title: d.Title, description: d.Description, ref: d.Ref, kind: byRef[d.Ref], values: values[d.Ref],
			required: slices.Contains(file.Required, name), identity: d.ReadOnly,
			consent: slices.Contains(consent.Enum, name),
		}
		rest := *d
		rest.Ref = ""
		switch {
		case f.kind == nil || !rest.same(&definition{}):
			return nil, fmt.Errorf("%s: a property is a $ref to one of the $defs, with title, description, examples and readOnly", name)
		case f.title == "" || f.description == "" || len(d.Examples) == 0:
			return nil, fmt.Errorf("%s: title, description and examples are needed", name)
		case f.kind.onlyIf == "required" && !f.required, f.kind.onlyIf == "optional" && f.required:
			return nil, fmt.Errorf("%s: the engine has code for a %s only where it is %s", name, f.kind.name, f.kind.onlyIf)
		}
		var example bytes.Buffer
		if err := json.Compact(&example, d.Examples[0]); err != nil {
			return nil, err // cannot happen: the text was decoded before
		}
		f.example = example.Bytes()
		s.fields = append(s.fields, f)
	}
	if len(s.fields) > 64 {
		return nil, errors.New("more than 64 fields do not fit in a FieldSet")
	}
	return s, nil
}

// strict decodes a definition and rejects unknown keywords.
func strict(text []byte) (*definition, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	d := new(definition)
	return d, decoder.Decode(d)
}

// order returns the names of an object's members in document order.
func order(object []byte) (names []string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		names = append(names, name.(string))
		if err := decoder.Decode(new(json.RawMessage)); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// goName returns the Go name of a JSON name.
func goName(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		switch word {
		case "id", "sms", "url", "utc":
			b.WriteString(strings.ToUpper(word))
		case "ids":
			b.WriteString("IDs")
		default:
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// variant returns the Go type and the accessor of a field; both are empty for the constant.
func (f *field) variant() (goType, access string) {
	if len(f.kind.goType) == 0 {
		return "", ""
	}
	i := 0
	if !f.required {
		i = len(f.kind.goType) - 1
	}
	return f.kind.goType[i], f.kind.access[i]
}

// goFile returns field_gen.go.
func goFile(s *contract) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated by internal/fieldgen from schema/contact.schema.json. DO NOT EDIT.\n\npackage contact\n\n" +
		"import \"time\"\n\n// The fields of a contact.\nconst (\n")
	for i, f := range s.fields {
		typed := ""
		if i == 0 {
			typed = " Field = iota"
		}
		fmt.Fprintf(&b, "\t// Field%s: %s\n\tField%s%s\n", goName(f.name), f.description, goName(f.name), typed)
	}
	b.WriteString("\n\tfieldCount\n)\n\n// fields is the table that drives parsing, writing, merging and comparing.\n" +
		"var fields = [fieldCount]fieldInfo{\n")
	for _, f := range s.fields {
		fmt.Fprintf(&b, "\tField%s: {%q, Kind%s},\n", goName(f.name), f.name, f.kind.name)
	}
	b.WriteString("}\n\nconst (\n\trequiredFields FieldSet = ")
	set(&b, s, func(f *field) bool { return f.required })
	b.WriteString("\n\tidentityFields FieldSet = ")
	set(&b, s, func(f *field) bool { return f.identity })
	b.WriteString("\n\tconsentFields FieldSet = ")
	set(&b, s, func(f *field) bool { return f.consent })
	b.WriteString("\n\n\t// stringFields are the fields that stringAt returns.\n\tstringFields FieldSet = ")
	set(&b, s, func(f *field) bool { _, a := f.variant(); return a == "stringAt" })
	b.WriteString("\n)\n\n// The numbers of fields that are pointers, by the type they point to.\nconst (\n")
	for _, count := range [][2]string{{"stringAt", "stringCount"}, {"dateAt", "dateCount"}, {"optionalTimeAt", "timeCount"}} {
		n := 0
		for _, f := range s.fields {
			if _, a := f.variant(); a == count[0] {
				n++
			}
		}
		fmt.Fprintf(&b, "\t%s = %d\n", count[1], n)
	}
	fmt.Fprintf(&b, "\tlongestName = %d // bytes\n)\n", len(slices.MaxFunc(s.fields, func(a, b field) int {
		return len(a.name) - len(b.name)
	}).name))
	b.WriteString("\n// FieldByName returns the field with this JSON name, byte for byte. It allocates nothing.\n" +
		"func FieldByName(name string) (Field, bool) {\n\tswitch name {\n")
	for _, f := range s.fields {
		fmt.Fprintf(&b, "\tcase %q:\n\t\treturn Field%s, true\n", f.name, goName(f.name))
	}
	b.WriteString("\t}\n\treturn 0, false\n}\n")
	enums(&b, s)
	var written []string
	for _, k := range kinds {
		for i, access := range k.access {
			if slices.Contains(written, access) {
				continue
			}
			written = append(written, access)
			fmt.Fprintf(&b, "\n// %s returns a pointer to the field f of c, whose type must be %s.\nfunc (c *Contact) %s(f Field) *%s {\n\tswitch f {\n",
				access, k.goType[i], access, k.goType[i])
			for _, f := range s.fields {
				if _, a := f.variant(); a == access {
					fmt.Fprintf(&b, "\tcase Field%s:\n\t\treturn &c.%s\n", goName(f.name), goName(f.name))
				}
			}
			b.WriteString("\t}\n\tpanic(noSuchField)\n}\n")
		}
	}
	return format.Source(b.Bytes())
}

// enums writes the allowed values of enum fields, and the text that lists them.
func enums(b *bytes.Buffer, s *contract) {
	b.WriteString("\n// enums are the fields that allow only some strings.\nvar enums = [...]enumInfo{\n")
	for _, f := range s.fields {
		if f.values == nil {
			continue
		}
		var quoted []string
		for _, v := range f.values {
			quoted = append(quoted, fmt.Sprintf("%q", v))
		}
		text := "Send the string " + quoted[0] + ": no other is allowed."
		if last := len(quoted) - 1; last > 0 {
			text = "Send one of the strings " + strings.Join(quoted[:last], ", ") + " and " + quoted[last] + "."
		}
		fmt.Fprintf(b, "\t{Field%s, []string{%s}, %q},\n", goName(f.name), strings.Join(quoted, ", "), text)
	}
	b.WriteString("}\n")
}

// sampleFile returns the sample of package contacttest: an example of each field.
func sampleFile(s *contract) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated by internal/fieldgen from schema/contact.schema.json. DO NOT EDIT.\n\npackage contacttest\n\n" +
		"import \"github.com/partner-contacts/contact\"\n\n// sample is the contact that bodies start from: a text for each field.\n" +
		"var sample = [...]string{\n")
	for _, f := range s.fields {
		text := "`" + string(f.example) + "`"
		if bytes.ContainsRune(f.example, '`') {
			text = fmt.Sprintf("%q", f.example)
		}
		fmt.Fprintf(&b, "\tcontact.Field%s: %s,\n", goName(f.name), text)
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}

// set writes the fields for which has returns true.
func set(b *bytes.Buffer, s *contract, has func(*field) bool) {
	between := ""
	for i := range s.fields {
		if has(&s.fields[i]) {
			fmt.Fprintf(b, "%s1<<Field%s", between, goName(s.fields[i].name))
			between = " |\n\t\t"
		}
	}
	if between == "" {
		b.WriteString("0")
	}
}

// patchSchema returns the schema of a patch: each field may be absent, an optional one null.
func patchSchema(s *contract) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://partner-contacts.github.io/contact/contact-patch.schema.json",
  "$comment": "Generated from contact.schema.json. Validate with format assertion on, as contact.schema.json says. ` +
		`Whether a value that never changes is the stored one, and a version the latest, only the merge can tell.",
  "title": "Contact patch",
  "description": "The body of the operation updateContact: a JSON Merge Patch (RFC 7396) of a contact. ` +
		`A field that is absent stays as it is; null clears an optional field.",
  "type": "object",
  "properties": {`)
	for i, f := range s.fields {
		description := f.description
		switch {
		case f.kind.name == "Constant":
			description += " Never changes."
		case f.identity:
			description += " Never changes: if it is sent, it must be the stored one."
		case f.name == "updated_at":
			description += " The version that the client saw: if it is sent and no longer the stored one, the update is stale and refused."
		case f.kind.name == "Object":
			description += " Merged member by member as RFC 7396 has it: null removes a member."
		case f.kind.name == "IDs" || f.kind.name == "Strings":
			description += " Replaced as a whole."
		case !f.required:
			description += " null clears it."
		}
		ref := "contact.schema.json" + f.ref
		form := fmt.Sprintf(`"$ref": %q`, ref)
		if !f.required {
			form = fmt.Sprintf(`"anyOf": [{ "$ref": %q }, { "type": "null" }]`, ref)
		}
		comma := ","
		if i == len(s.fields)-1 {
			comma = ""
		}
		fmt.Fprintf(&b, "\n    %q: {\n      \"title\": %s,\n      \"description\": %s,\n      \"examples\": [%s],\n      %s\n    }%s",
			f.name, quote(f.title), quote(description), f.example, form, comma)
	}
	b.WriteString("\n  },\n  \"additionalProperties\": false\n}\n")
	return b.Bytes(), nil
}

// quote returns s as a JSON string without HTML escapes.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s) // a string never fails
	return strings.TrimSuffix(b.String(), "\n")
}

// typescript returns the type of a field in the browser package.
func (f *field) typescript() string {
	if f.values == nil {
		return f.kind.typescript
	}
	var quoted []string
	for _, v := range f.values {
		quoted = append(quoted, quote(v))
	}
	return strings.Join(quoted, " | ")
}

// typesFile returns the fields for the browser package.
func typesFile(s *contract) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated by internal/fieldgen from schema/contact.schema.json. DO NOT EDIT.\n\n" +
		"/** The resource. Ids, dates and timestamps are strings in the forms the contract gives them. */\nexport interface Contact {\n")
	for _, f := range s.fields {
		optional := "?"
		if f.required {
			optional = ""
		}
		fmt.Fprintf(&b, "  /** %s */\n  %s%s: %s;\n", f.description, f.name, optional, f.typescript())
	}
	b.WriteString("}\n\n/** The name of a field. */\nexport type FieldName = keyof Contact;\n\n/** The form of a field's value. */\nexport type Kind =\n  | ")
	for i, k := range kinds {
		if i > 0 {
			b.WriteString(" | ")
		}
		fmt.Fprintf(&b, "%q", strings.ToLower(k.name))
	}
	b.WriteString(`;

/** What a form needs to know of a field. */
export interface Field {
  readonly name: FieldName;
  readonly kind: Kind;
  /** Every contact has it, and null is an error. */
  readonly required: boolean;
  /** A patch may set it. */
  readonly writable: boolean;
  /** A patch may clear it with null. */
  readonly clearable: boolean;
  /** The strings that it allows, of the kinds constant and enum. */
  readonly values?: readonly string[];
}

const field = (
  name: FieldName, kind: Kind, required: boolean, writable: boolean, values?: readonly string[],
): Field => ({
  name, kind, required, writable, clearable: writable && !required, ...(values && { values }),
});

/** The fields in the order of the contract. */
export const fields: readonly Field[] = [
`)
	for _, f := range s.fields {
		values := ""
		if f.values != nil {
			values = ", [" + strings.ReplaceAll(f.typescript(), " | ", ", ") + "]"
		}
		fmt.Fprintf(&b, "  field(%q, %q, %t, %t%s),\n", f.name, strings.ToLower(f.kind.name), f.required,
			!f.identity && f.name != "updated_at", values)
	}
	b.WriteString("];\n")
	return b.Bytes(), nil
}
