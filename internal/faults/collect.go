package faults

import (
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/partner-contacts/contact"
)

// Collect adds a fault that jsonschema/v6 found, and its causes, to a tree. It derives a rule from the
// keyword and passes it to judge, which returns the rule and the detail of the error.
func Collect(t *Tree, e *jsonschema.ValidationError, judge func(contact.Rule, *jsonschema.ValidationError) (contact.Rule, string)) {
	at := t.At(e.InstanceLocation)
	members := func(rule contact.Rule, names ...string) {
		for _, name := range names {
			at.Below(name).Add(judge(rule, e))
		}
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		for _, cause := range e.Causes {
			Collect(t, cause, judge)
		}
	case *kind.AnyOf, *kind.OneOf:
		// If a value may be null, only the alternative to null gives errors.
		if len(e.Causes) == 2 {
			for i, cause := range e.Causes {
				if k, ok := cause.ErrorKind.(*kind.Type); ok && slices.Equal(k.Want, []string{"null"}) {
					Collect(t, e.Causes[1-i], judge)
					return
				}
			}
		}
		at.Add(judge(contact.RuleMeta, e))
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
		at.Add(judge(contact.RuleType, e))
	case *kind.Enum, *kind.Const:
		at.Add(judge(contact.RuleEnum, e))
	case *kind.FalseSchema:
		if strings.HasSuffix(e.SchemaURL, "/unevaluatedProperties") {
			at.Add(judge(contact.RuleUnknown, e))
			return
		}
		at.Add(judge(contact.RuleMeta, e))
	default:
		at.Add(judge(contact.RuleMeta, e))
	}
}
