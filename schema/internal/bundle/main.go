// Command bundle writes openapi.bundled.json: openapi.json in one file and as OpenAPI 3.0, because
// most generators of clients support neither references to other files nor JSON Schema 2020-12. A type
// that allows null becomes nullable. The timezone becomes a plain string, because a client generated
// with today's names would reject those of the next tzdb.
//
// Run it with go generate in the root of the module.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
)

// schemas maps files to the names of the components that they become.
var schemas = map[string]string{
	"contact.schema.json": "Contact", "contact-patch.schema.json": "ContactPatch",
}

// license replaces the license identifier, which OpenAPI 3.0 lacks.
const license = "https://www.apache.org/licenses/LICENSE-2.0"

// dropped are the keywords that OpenAPI 3.0 lacks or that have no meaning in one file.
var dropped = map[string]bool{
	"$schema": true, "$id": true, "$comment": true, "$defs": true, "jsonSchemaDialect": true,
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("bundle: ")
	if err := os.WriteFile("schema/openapi.bundled.json", bundle(), 0o644); err != nil {
		log.Fatal(err)
	}
}

// bundle returns the bundle of the files of the module in the working directory.
func bundle() []byte {
	doc := read("openapi.json")
	var b bundler
	doc = b.rewrite(doc, "openapi.json").(object)
	doc.set("openapi", "3.0.3")
	info := doc.get("info").(object)
	info.set("description", info.get("summary"))
	info.set("license", object{{"name", "Apache-2.0"}, {"url", license}})
	doc.set("info", info.without("summary"))
	components := doc.get("components").(object)
	all := components.get("schemas").(object)
	for _, file := range b.used {
		all = append(all, member{schemas[file], b.rewrite(read(file), file)})
	}
	components.set("schemas", all)
	doc.set("components", components)
	text, err := json.Marshal(doc)
	if err != nil {
		log.Fatal(err)
	}
	return append(text, '\n')
}

// A bundler rewrites documents and records the files that they refer to as a whole.
type bundler struct{ used []string }

// rewrite returns a value of a file in the form of the bundle.
func (b *bundler) rewrite(v any, file string) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = b.rewrite(e, file)
		}
		return list
	case object:
		if ref, ok := v.get("$ref").(string); ok && !strings.HasPrefix(ref, "#/components/") {
			return b.resolve(ref, v.without("$ref"), file)
		}
		if either, ok := v.get("anyOf").([]any); ok && len(either) == 2 {
			// {"anyOf": [X, {"type": "null"}]} becomes X with "nullable": true.
			x := b.rewrite(append(v.without("anyOf"), either[0].(object)...), file).(object)
			return append(x, member{"nullable", true})
		}
		var o object
		for _, m := range v {
			switch list, _ := m.value.([]any); {
			case m.name == "examples" && list != nil: // of a schema; the examples of a media type are an object
				o = append(o, member{"example", list[0]})
			case !dropped[m.name]:
				o = append(o, member{m.name, b.rewrite(m.value, file)})
			}
		}
		return o
	}
	return v
}

// resolve returns the replacement of a reference. A reference to a file becomes one to a component. Any
// other is replaced by the definition itself, in which the keywords beside the reference take
// precedence.
func (b *bundler) resolve(ref string, beside object, from string) any {
	file, fragment, _ := strings.Cut(ref, "#")
	if file == "" {
		file = from
	}
	if name := schemas[file]; name != "" && fragment == "" {
		if !slices.Contains(b.used, file) {
			b.used = append(b.used, file)
		}
		return object{{"$ref", "#/components/schemas/" + name}}
	}
	var target any = read(file)
	for name := range strings.SplitSeq(strings.TrimPrefix(fragment, "/"), "/") {
		if name != "" {
			target = target.(object).get(name)
		}
	}
	found, ok := target.(object)
	if !ok {
		log.Fatalf("%s: nothing at %s", from, ref)
	}
	if file == "timezone.schema.json" {
		found = found.without("enum")
	}
	merged := beside
	for _, m := range found {
		if beside.get(m.name) == nil {
			merged = append(merged, m)
		}
	}
	return b.rewrite(merged, file)
}

// An object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

func (o object) get(name string) any {
	for _, m := range o {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

func (o object) set(name string, value any) {
	for i := range o {
		if o[i].name == name {
			o[i].value = value
		}
	}
}

func (o object) without(name string) (rest object) {
	for _, m := range o {
		if m.name != name {
			rest = append(rest, m)
		}
	}
	return rest
}

func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		var value bytes.Buffer
		e := json.NewEncoder(&value)
		e.SetEscapeHTML(false)
		if err := e.Encode(m.value); err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(fmt.Appendf(b, "%q:", m.name), value.Bytes()...)
	}
	return append(b, '}'), nil
}

func read(file string) object {
	text, err := os.ReadFile("schema/" + file)
	if err != nil {
		log.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := decode(d)
	if err != nil {
		log.Fatalf("%s: %v", file, err)
	}
	return v.(object)
}

func decode(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := object{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := decode(d)
			if err != nil {
				return nil, err
			}
			o = append(o, member{name.(string), value})
		}
		_, err := d.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, err := decode(d)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := d.Token()
		return list, err
	}
	return token, nil
}
