package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/getkin/kin-openapi/openapi3"
	google "github.com/google/jsonschema-go/jsonschema"
	kaptinlin "github.com/kaptinlin/jsonschema"
	santhosh "github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaDir = "../schema"

// zoneFormat is the format that stands for the enum of timezone names where a
// peer is given them as a prebuilt set.
const zoneFormat = "tzdb-name"

// schemaFiles are the library's own schema files, by file name, and the
// timezone names in them.
type schemaFiles struct {
	docs  map[string]map[string]any
	zones map[string]bool
}

func loadSchemas() (*schemaFiles, error) {
	s := &schemaFiles{docs: map[string]map[string]any{}, zones: map[string]bool{}}
	for _, name := range []string{"contact.schema.json", "contact-patch.schema.json", "timezone.schema.json"} {
		text, err := os.ReadFile(filepath.Join(schemaDir, name))
		if err != nil {
			return nil, err
		}
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s.docs[name] = doc
	}
	names, _ := s.docs["timezone.schema.json"]["enum"].([]any)
	for _, name := range names {
		s.zones[name.(string)] = true
	}
	if len(s.zones) == 0 {
		return nil, errors.New("timezone.schema.json has no enum of names")
	}
	return s, nil
}

// withFormat is the same files with the enum of timezone names replaced by a
// format, for compilers that look names up faster in a set of ours.
func (s *schemaFiles) withFormat() *schemaFiles {
	zone := maps.Clone(s.docs["timezone.schema.json"])
	delete(zone, "enum")
	zone["format"] = zoneFormat
	docs := maps.Clone(s.docs)
	docs["timezone.schema.json"] = zone
	return &schemaFiles{docs, s.zones}
}

func (s *schemaFiles) id(name string) string { return s.docs[name]["$id"].(string) }

// isZone is the validator of zoneFormat; what is no string is the type's.
func (s *schemaFiles) isZone(v any) bool {
	name, ok := v.(string)
	return !ok || s.zones[name]
}

// text is a file's JSON again, for compilers that want bytes.
func text(doc any) []byte {
	b, err := json.Marshal(doc)
	must(err)
	return b
}

// santhoshPeer is santhosh-tekuri/jsonschema/v6: decode with its own
// UnmarshalJSON, then validate with formats asserted.
func santhoshPeer(name, note string, s *schemaFiles) (contender, error) {
	c := santhosh.NewCompiler()
	c.DefaultDraft(santhosh.Draft2020)
	c.AssertFormat()
	c.RegisterFormat(&santhosh.Format{Name: zoneFormat, Validate: func(v any) error {
		if !s.isZone(v) {
			return errors.New("not a tzdb name")
		}
		return nil
	}})
	for file, doc := range s.docs {
		if err := c.AddResource(s.id(file), doc); err != nil {
			return contender{}, err
		}
	}
	full, err := c.Compile(s.id("contact.schema.json"))
	if err != nil {
		return contender{}, err
	}
	patch, err := c.Compile(s.id("contact-patch.schema.json"))
	if err != nil {
		return contender{}, err
	}
	judge := func(schema *santhosh.Schema, body []byte) error {
		v, err := santhosh.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			return err
		}
		return schema.Validate(v)
	}
	return contender{
		name:    name,
		modules: []string{"github.com/santhosh-tekuri/jsonschema/v6"},
		note:    note,
		family:  "jsonschema/v6",
		full:    func(body []byte) error { return judge(full, body) },
		patch:   func(body []byte) error { return judge(patch, body) },
		list: func(dst []string, err error) []string {
			e, ok := errors.AsType[*santhosh.ValidationError](err)
			if !ok {
				return append(dst, err.Error())
			}
			for _, unit := range e.BasicOutput().Errors {
				dst = append(dst, unit.InstanceLocation)
			}
			return dst
		},
	}, nil
}

// jsonPatchUpdate is the whole update with evanphx/json-patch: the patch
// judged by the given peer, then merged as text.
func jsonPatchUpdate(judge contender) contender {
	return contender{
		name:    "jsonschema/v6 + json-patch",
		modules: append([]string{"github.com/evanphx/json-patch/v5"}, judge.modules...),
		note:    "jsonschema/v6 with the set judges the patch, then MergePatch on the texts",
		update: func(stored, patch []byte) ([]byte, error) {
			if err := judge.patch(patch); err != nil {
				return nil, err
			}
			return jsonpatch.MergePatch(stored, patch)
		},
		list: judge.list,
	}
}

// kaptinlinPeer is kaptinlin/jsonschema on the bytes, formats asserted.
func kaptinlinPeer(s *schemaFiles) (contender, error) {
	c := kaptinlin.NewCompiler()
	c.SetAssertFormat(true)
	c.RegisterFormat(zoneFormat, s.isZone, "string")
	compiled := map[string]*kaptinlin.Schema{}
	for _, file := range []string{"timezone.schema.json", "contact.schema.json", "contact-patch.schema.json"} {
		schema, err := c.Compile(text(s.docs[file]), s.id(file))
		if err != nil {
			return contender{}, err
		}
		compiled[file] = schema
	}
	judge := func(file string) func([]byte) error {
		schema := compiled[file]
		return func(body []byte) error {
			if r := schema.ValidateJSON(body); !r.IsValid() {
				return kaptinlinError{r}
			}
			return nil
		}
	}
	return contender{
		name:    "kaptinlin/jsonschema",
		modules: []string{"github.com/kaptinlin/jsonschema"},
		note:    "ValidateJSON, formats asserted, timezones a set registered as a format; the newest version that Go 1.26 builds",
		full:    judge("contact.schema.json"),
		patch:   judge("contact-patch.schema.json"),
		list: func(dst []string, err error) []string {
			for place := range err.(kaptinlinError).result.DetailedErrors() {
				keyword := max(strings.LastIndexByte(place, '/'), 0) // what follows the pointer
				dst = append(dst, place[:keyword])
			}
			return dst
		},
	}, nil
}

// kaptinlinError carries a result as an error.
type kaptinlinError struct{ result *kaptinlin.EvaluationResult }

func (e kaptinlinError) Error() string { return fmt.Sprint(e.result.DetailedErrors()) }

// googlePeer is google/jsonschema-go. It records formats and does not judge
// them, and its validation ends at the first error.
func googlePeer(s *schemaFiles) (contender, error) {
	parse := func(file string) (*google.Schema, error) {
		var schema google.Schema
		return &schema, json.Unmarshal(text(s.docs[file]), &schema)
	}
	resolve := func(file string) (*google.Resolved, error) {
		schema, err := parse(file)
		if err != nil {
			return nil, err
		}
		return schema.Resolve(&google.ResolveOptions{Loader: func(uri *url.URL) (*google.Schema, error) {
			return parse(filepath.Base(uri.Path))
		}})
	}
	full, err := resolve("contact.schema.json")
	if err != nil {
		return contender{}, err
	}
	patch, err := resolve("contact-patch.schema.json")
	if err != nil {
		return contender{}, err
	}
	return contender{
		name:    "google/jsonschema-go",
		modules: []string{"github.com/google/jsonschema-go"},
		note:    "on encoding/json; formats are not judged, timezones are the enum",
		full:    func(body []byte) error { return decodeAnd(body, full.Validate) },
		patch:   func(body []byte) error { return decodeAnd(body, patch.Validate) },
		list:    func(dst []string, err error) []string { return append(dst, err.Error()) },
	}, nil
}

// decodeAnd decodes with encoding/json into maps and judges those.
func decodeAnd(body []byte, judge func(any) error) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	return judge(v)
}

// openapiPeer is kin-openapi's own validator of OpenAPI schemas. (Its option
// for JSON Schema 2020-12 is jsonschema/v6 again.)
func openapiPeer(s *schemaFiles) (contender, error) {
	options := []openapi3.SchemaValidationOption{
		openapi3.MultiErrors(), openapi3.EnableFormatValidation(),
		openapi3.WithStringFormatValidator(zoneFormat, openapi3.NewCallbackValidator(func(name string) error {
			if !s.zones[name] {
				return errors.New("not a tzdb name")
			}
			return nil
		})),
	}
	judge := func(file string) (func([]byte) error, error) {
		inlined, err := s.openapi(file, s.docs[file])
		if err != nil {
			return nil, err
		}
		var schema openapi3.Schema
		if err := json.Unmarshal(text(inlined), &schema); err != nil {
			return nil, err
		}
		return func(body []byte) error {
			return decodeAnd(body, func(v any) error { return schema.VisitJSON(v, options...) })
		}, nil
	}
	full, err := judge("contact.schema.json")
	if err != nil {
		return contender{}, err
	}
	patch, err := judge("contact-patch.schema.json")
	if err != nil {
		return contender{}, err
	}
	return contender{
		name:    "kin-openapi",
		modules: []string{"github.com/getkin/kin-openapi"},
		note:    "on encoding/json; its own validator, the schema rewritten for OpenAPI 3.0, timezones a set registered as a format",
		full:    full,
		patch:   patch,
		list: func(dst []string, err error) []string {
			errs, ok := errors.AsType[openapi3.MultiError](err)
			if !ok {
				errs = openapi3.MultiError{err}
			}
			for _, err := range errs {
				if e, ok := errors.AsType[*openapi3.SchemaError](err); ok {
					dst = append(dst, "/"+strings.Join(e.JSONPointer(), "/"))
				} else {
					dst = append(dst, err.Error())
				}
			}
			return dst
		},
	}, nil
}

// openapi writes a schema of one of the files as OpenAPI 3.0 has it: with
// references filled in, and with nullable for a choice of a schema or null.
func (s *schemaFiles) openapi(file string, node any) (any, error) {
	schema, ok := node.(map[string]any)
	if !ok {
		return node, nil // additionalProperties: false
	}
	if ref, ok := schema["$ref"].(string); ok {
		target, fragment, _ := strings.Cut(ref, "#")
		if target != "" {
			file = target
		}
		node = s.docs[file]
		for token := range strings.SplitSeq(strings.TrimPrefix(fragment, "/"), "/") {
			if token != "" {
				node = node.(map[string]any)[token]
			}
		}
		return s.openapi(file, node)
	}
	if choice, ok := schema["anyOf"].([]any); ok && len(choice) == 2 && choice[1].(map[string]any)["type"] == "null" {
		inlined, err := s.openapi(file, choice[0])
		if err == nil {
			inlined.(map[string]any)["nullable"] = true
		}
		return inlined, err
	}
	out := map[string]any{}
	for keyword, value := range schema {
		var err error
		switch keyword {
		case "$schema", "$id", "$comment", "$defs", "title", "description":
		case "type", "enum", "pattern", "format", "maxLength", "required":
			out[keyword] = value
		case "items", "additionalProperties":
			out[keyword], err = s.openapi(file, value)
		case "properties":
			properties := map[string]any{}
			for name, property := range value.(map[string]any) {
				properties[name], err = s.openapi(file, property)
				if err != nil {
					break
				}
			}
			out[keyword] = properties
		default:
			err = fmt.Errorf("%s: keyword %s has no counterpart in OpenAPI here", file, keyword)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
