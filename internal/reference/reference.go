// Package reference is the reference engine. It validates bodies against the schema files with
// github.com/santhosh-tekuri/jsonschema/v6. It is slow; tests compare the engine of package contact
// with it.
package reference

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/faults"
	"github.com/partner-contacts/contact/internal/scan"
	"github.com/partner-contacts/contact/schema"
)

// The limits of the zero contact.Options.
const (
	maxBytes  = 1 << 20
	maxDepth  = 64
	maxErrors = 100
)

// Check validates a whole contact against contact.schema.json, as contact.Check does. See [CheckPatch].
func Check(body []byte) error { return engine().check(body, engine().contact) }

// CheckPatch validates the body of an update against contact-patch.schema.json, as contact.CheckPatch
// does. jsonschema/v6 checks the values, with the schema files and its own formats. The fast engine's
// scanner checks the JSON syntax, the depth and the size.
//
// The error is a contact.Errors. Its codes, rules, pointers, offsets, limits and order are those of the
// fast engine with the zero contact.Options. It has no suggestions, and its details are the
// descriptions in the schema files.
//
// A schema cannot express that an instant's year in UTC must be one of 0000 to 9999. So
// 9999-12-31T23:59:60Z, the first instant of the year 10000, and 0000-01-01T00:00:00+23:59 are valid
// here; the fast engine reports them with rule timestamp.
func CheckPatch(body []byte) error { return engine().check(body, engine().patch) }

// Details of errors that the schema files do not describe.
const (
	detailBody      = "The body is a JSON object."
	detailNull      = "This field cannot be null."
	detailRequired  = "This field is required."
	detailUnknown   = "There is no such field."
	detailTruncated = "There are more errors than are listed."
	detailSize      = "A body has at most 1,048,576 bytes."
)

// A judge holds the compiled schemas and the texts of the errors.
type judge struct {
	contact, patch *jsonschema.Schema
	fields         []string          // in the order of errors
	details        map[string]string // the description of each definition
}

var engine = sync.OnceValue(func() *judge {
	c := schema.NewCompiler()
	e := &judge{
		contact: c.MustCompile(schema.Base + "contact.schema.json"),
		patch:   c.MustCompile(schema.Base + "contact-patch.schema.json"),
		details: map[string]string{},
	}
	text, err := schema.FS.ReadFile("contact.schema.json")
	if err != nil {
		panic(err) // cannot happen: the file is embedded
	}
	file, err := faults.Parse(text)
	if err != nil {
		panic(err)
	}
	e.fields = file.Member("properties").Tokens
	definitions := file.Member("$defs")
	for i, name := range definitions.Tokens {
		e.details[name] = definitions.Children[i].Member("description").Value.(string)
	}
	return e
})

func (e *judge) check(body []byte, by *jsonschema.Schema) error {
	if len(body) > maxBytes {
		return contact.Errors{{Code: "body_too_large", Rule: contact.RuleSize, Detail: detailSize,
			Meta: contact.ErrorMeta{Limit: maxBytes}}}
	}
	s := scan.New(string(body), maxDepth, 0)
	s.Start()
	s.Skip()
	s.Finish()
	if fault, offset := s.Fault(); fault != scan.None {
		rule, limit := contact.RuleSyntax, 0
		if fault == scan.Depth {
			rule, limit = contact.RuleDepth, maxDepth
		}
		return contact.Errors{{Code: "malformed_json", Rule: rule, Detail: fault.String(),
			Meta: contact.ErrorMeta{Offset: offset, Limit: limit}}}
	}
	doc, err := faults.Parse(body)
	if err != nil {
		return err // cannot happen: the scanner is stricter
	}
	var found faults.Tree
	if err := by.Validate(doc.Value); err != nil {
		faults.Collect(&found, err.(*jsonschema.ValidationError), e.ruleOf)
	}

	groups := make([]contact.Errors, len(e.fields)+1)
	doc.Report(&found.Faults, nil, func(path []string, err contact.Error) {
		group := len(e.fields) // unknown members, and the body itself
		if len(path) > 0 {
			// Compare rather than hash: a member's name may be as long as the body.
			if i := slices.Index(e.fields, path[0]); i >= 0 {
				group = i
			}
		}
		err.Pointer, err.Meta.PointerTruncated = faults.Pointer(path)
		groups[group] = append(groups[group], err)
	})
	var errs contact.Errors
	for _, group := range groups {
		errs = append(errs, group...)
	}
	if len(errs) > maxErrors {
		errs = append(errs[:maxErrors], contact.Error{Code: "validation_failed", Rule: contact.RuleTruncated, Detail: detailTruncated,
			Meta: contact.ErrorMeta{Limit: maxErrors}})
	}
	if errs == nil {
		return nil
	}
	return errs
}

// valueRules maps the name of a string definition to the rule that an invalid string breaks.
var valueRules = map[string]contact.Rule{
	"id":        contact.RuleUUID,
	"date":      contact.RuleDate,
	"timezone":  contact.RuleTimezone,
	"timestamp": contact.RuleTimestamp,
}

// ruleOf returns the rule and the detail for a fault that jsonschema/v6 found in a body.
func (e *judge) ruleOf(rule contact.Rule, fault *jsonschema.ValidationError) (contact.Rule, string) {
	switch rule {
	case contact.RuleRequired:
		return rule, detailRequired
	case contact.RuleUnknown:
		return rule, detailUnknown
	}
	if len(fault.InstanceLocation) == 0 {
		return rule, detailBody
	}
	definition := strings.TrimSuffix(path.Base(fault.SchemaURL), ".schema.json#")
	detail := e.details[definition]
	if k, ok := fault.ErrorKind.(*kind.Type); ok {
		if k.Got == "null" && len(fault.InstanceLocation) == 1 {
			return contact.RuleNull, detailNull
		}
		return rule, detail
	}
	if _, ok := fault.ErrorKind.(*kind.Enum); ok && rule == contact.RuleEnum && definition != "timezone" {
		return rule, detail
	}
	return valueRules[definition], detail
}
