package schema

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/faults"
	"github.com/partner-contacts/contact/internal/scan"
)

// MetaChecker returns a function for contact.Options.CheckMeta that validates each meta_public against
// a team's own JSON Schema before it is stored. Compile the schema with NewCompiler, which asserts
// formats and knows the definitions of this package. MetaChecker panics if compiled is nil. The
// returned function is safe for concurrent use and does not retain its argument.
//
// Errors come in document order, each with a pointer relative to the object. The keyword that failed
// determines the rule:
//
//   - type is rule type;
//   - enum and const are rule enum;
//   - required and dependentRequired are rule required, at each missing member;
//   - additionalProperties and unevaluatedProperties are rule unknown, at each such member;
//   - all others are rule meta.
//
// If anyOf, oneOf, not or contains fails, the error reports no cause, except that an alternative to
// null is reported as if null were not allowed. A detail has no part of the object, and no part of the
// schema except names of keywords.
//
// A number of more than 400 digits, or with an exponent below -400 or above 400, is an error of rule
// meta, and the schema is not applied: jsonschema/v6 compares numbers as exact fractions, which would
// take too much memory or panic. If jsonschema/v6 panics for another reason, or if the object is not
// JSON, the result is one error of rule meta for the whole object.
func MetaChecker(compiled *jsonschema.Schema) func(contact.Object) contact.Errors {
	if compiled == nil {
		panic("schema: MetaChecker needs a compiled schema")
	}
	return func(o contact.Object) (errs contact.Errors) {
		defer func() {
			if recover() != nil {
				errs = contact.Errors{unjudged}
			}
		}()
		if o == "" {
			o = "{}"
		}
		// The scanner bounds the nesting, because faults.Parse is recursive and does not.
		s := scan.New(string(o), 1000, 0)
		s.Skip()
		s.Finish()
		if !s.OK() {
			return contact.Errors{unjudged}
		}
		doc, err := faults.Parse([]byte(o))
		if err != nil {
			return contact.Errors{unjudged}
		}
		var found faults.Tree
		refuseNumbers(doc, &found, nil)
		if found.Empty() {
			if err := compiled.Validate(doc.Value); err != nil {
				faults.Collect(&found, err.(*jsonschema.ValidationError), judgeMeta)
			}
		}
		doc.Report(&found.Faults, nil, func(path []string, e contact.Error) {
			e.Pointer, e.Meta.PointerTruncated = faults.Pointer(path)
			errs = append(errs, e)
		})
		return errs
	}
}

var unjudged = contact.Error{
	Code: "validation_failed", Rule: contact.RuleMeta,
	Detail: "Correct this object: the schema of meta_public cannot be applied to it.",
}

const detailNumber = "Send a number of at most 400 digits, with an exponent from -400 to 400."

// metaDetails has the detail for each rule. For rule meta the name of the keyword is appended.
var metaDetails = map[contact.Rule]string{
	contact.RuleType:     "Send a value of a type that the schema of meta_public allows here.",
	contact.RuleEnum:     "Send a value that the schema of meta_public lists here.",
	contact.RuleRequired: "Send this member: the schema of meta_public requires it.",
	contact.RuleUnknown:  "Remove this member: the schema of meta_public does not allow it.",
	contact.RuleMeta:     "Correct this value: it breaks the schema of meta_public",
}

func judgeMeta(rule contact.Rule, fault *jsonschema.ValidationError) (contact.Rule, string) {
	detail := metaDetails[rule]
	if rule != contact.RuleMeta {
		return rule, detail
	}
	if keyword := fault.ErrorKind.KeywordPath(); len(keyword) > 0 {
		detail += " in " + keyword[0]
	}
	return rule, detail + "."
}

// refuseNumbers adds a fault for every number that jsonschema/v6 must not see.
func refuseNumbers(doc *faults.Document, t *faults.Tree, path []string) {
	if n, ok := doc.Value.(json.Number); ok && hostile(string(n)) {
		t.At(path).Add(contact.RuleMeta, detailNumber)
	}
	for i, child := range doc.Children {
		refuseNumbers(child, t, append(path, doc.Tokens[i]))
	}
}

// hostile reports whether a JSON number has too many digits or too large an exponent.
func hostile(number string) bool {
	mantissa, exponent := number, ""
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		mantissa, exponent = number[:i], strings.TrimLeft(number[i+1:], "+-0")
	}
	digits := len(mantissa) - strings.Count(mantissa, "-") - strings.Count(mantissa, ".")
	size, _ := strconv.ParseUint(exponent, 10, 64) // the largest uint64 if out of range
	return digits > 400 || size > 400
}
