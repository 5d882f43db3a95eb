package schema

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/scan"
)

// The limits of the contract, as the zero contact.Options has them.
const (
	maxBytes  = 1 << 20
	maxDepth  = 64
	maxErrors = 100
)

// Check judges a whole contact, as contact.Check does, by contact.schema.json. See CheckPatch.
func Check(body []byte) error { return engine().check(body, engine().contact) }

// CheckPatch judges the body of an update, as contact.CheckPatch does, by
// contact-patch.schema.json. Together with Check it is the reference engine: slow, and there to
// hold the fast engine to. jsonschema/v6 judges the values, by the schema files and its own
// formats; only the JSON syntax, the depth and the size are judged by the code that the fast engine
// uses.
//
// The error is a contact.Errors with the same codes, rules, pointers, offsets and limits in the
// same order as that of the fast engine, by the zero contact.Options. It has no suggestions, and
// its details are the descriptions in the schema files.
//
// A schema cannot see that an instant's year in UTC is not one of 0000 to 9999:
// 9999-12-31T23:59:60Z, which is the first instant of the year 10000, and 0000-01-01T00:00:00+23:59
// are valid here and errors of rule timestamp there.
func CheckPatch(body []byte) error { return engine().check(body, engine().patch) }

// What the errors say that no definition in the schema files describes.
const (
	detailBody      = "The body is a JSON object."
	detailNull      = "This field cannot be null."
	detailRequired  = "This field is required."
	detailUnknown   = "There is no such field."
	detailDuplicate = "The same member came before in this object."
	detailTruncated = "There are more errors than are listed."
	detailSize      = "A body has at most 1,048,576 bytes."
)

// A reference is what the reference engine judges by.
type reference struct {
	contact, patch *jsonschema.Schema
	fields         []string          // in the order of errors
	details        map[string]string // what each definition describes
}

var engine = sync.OnceValue(func() *reference {
	c := NewCompiler()
	e := &reference{
		contact: c.MustCompile(Base + "contact.schema.json"),
		patch:   c.MustCompile(Base + "contact-patch.schema.json"),
		details: map[string]string{},
	}
	file, err := parse([]byte(Contact))
	if err != nil {
		panic(err)
	}
	e.fields = file.member("properties").tokens
	definitions := file.member("$defs")
	for i, name := range definitions.tokens {
		e.details[name] = definitions.children[i].member("description").value.(string)
	}
	return e
})

func (e *reference) check(body []byte, by *jsonschema.Schema) error {
	if len(body) > maxBytes {
		return contact.Errors{{Code: contact.CodeBodyTooLarge, Rule: contact.RuleSize, Detail: detailSize,
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
		return contact.Errors{{Code: contact.CodeMalformedJSON, Rule: rule, Detail: fault.String(),
			Meta: contact.ErrorMeta{Offset: offset, Limit: limit}}}
	}
	doc, err := parse(body)
	if err != nil {
		return err // never: the scanner is the stricter of the two
	}
	var found tree
	if err := by.Validate(doc.value); err != nil {
		collect(&found, err.(*jsonschema.ValidationError), e.judge)
	}

	groups := make([]contact.Errors, len(e.fields)+1)
	doc.report(&found.faults, nil, func(path []string, err contact.Error) {
		group := len(e.fields) // unknown members, and the body itself
		if len(path) > 0 {
			// Comparing is cheaper than hashing here: a member's name may be as long as the body.
			if i := slices.Index(e.fields, path[0]); i >= 0 {
				group = i
			}
		}
		err.Pointer, err.Meta.PointerTruncated = pointer(path)
		groups[group] = append(groups[group], err)
	})
	var errs contact.Errors
	for _, group := range groups {
		errs = append(errs, group...)
	}
	if len(errs) > maxErrors {
		errs = append(errs[:maxErrors], contact.Error{Code: contact.CodeValidationFailed, Rule: contact.RuleTruncated, Detail: detailTruncated,
			Meta: contact.ErrorMeta{Limit: maxErrors}})
	}
	if errs == nil {
		return nil
	}
	return errs
}

// valueRules says for the definitions of strings which rule a string breaks that is not one.
var valueRules = map[string]contact.Rule{
	"id":        contact.RuleUUID,
	"date":      contact.RuleDate,
	"timezone":  contact.RuleTimezone,
	"timestamp": contact.RuleTimestamp,
}

// judge returns the rule for a fault that jsonschema/v6 found in a body, and what to say of it.
func (e *reference) judge(rule contact.Rule, fault *jsonschema.ValidationError) (contact.Rule, string) {
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

// collect adds a fault that jsonschema/v6 found, and those that caused it, to a tree. The rule
// given to judge is the one that the keyword stands for; judge has the last word on it.
func collect(t *tree, e *jsonschema.ValidationError, judge func(contact.Rule, *jsonschema.ValidationError) (contact.Rule, string)) {
	at := t.at(e.InstanceLocation)
	members := func(rule contact.Rule, names ...string) {
		for _, name := range names {
			at.below(name).add(judge(rule, e))
		}
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		for _, cause := range e.Causes {
			collect(t, cause, judge)
		}
	case *kind.AnyOf, *kind.OneOf:
		// What may also be null is judged by what else it may be.
		if len(e.Causes) == 2 {
			for i, cause := range e.Causes {
				if k, ok := cause.ErrorKind.(*kind.Type); ok && slices.Equal(k.Want, []string{"null"}) {
					collect(t, e.Causes[1-i], judge)
					return
				}
			}
		}
		at.add(judge(contact.RuleMeta, e))
	case *kind.Required:
		members(contact.RuleRequired, k.Missing...)
	case *kind.DependentRequired:
		members(contact.RuleRequired, k.Missing...)
	case *kind.Dependency:
		members(contact.RuleRequired, k.Missing...)
	case *kind.AdditionalProperties:
		members(contact.RuleUnknown, k.Properties...)
	case *kind.PropertyNames:
		members(contact.RuleMeta, k.Property)
	case *kind.Type:
		at.add(judge(contact.RuleType, e))
	case *kind.Enum, *kind.Const:
		at.add(judge(contact.RuleEnum, e))
	case *kind.FalseSchema:
		if strings.HasSuffix(e.SchemaURL, "/unevaluatedProperties") {
			at.add(judge(contact.RuleUnknown, e))
			return
		}
		at.add(judge(contact.RuleMeta, e))
	default:
		at.add(judge(contact.RuleMeta, e))
	}
}
