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

// MetaChecker makes a rule for contact.Options.CheckMeta of a team's own JSON Schema: it judges every
// meta_public that is about to be stored. Compile the schema with NewCompiler to have formats
// asserted and our definitions at hand. It panics if compiled is nil; what it returns is safe for
// concurrent use and keeps nothing.
//
// Errors come in document order, each with a pointer that begins at the object. The keyword gives
// the rule: type is type; enum and const are enum; required and dependentRequired are required, at
// each member that is missing; additionalProperties and unevaluatedProperties are unknown, at each
// member that is too many; all others are meta. Of anyOf, oneOf, not and contains it is known only
// that they failed, but a fault in what may also be null is told as if it could not. A detail holds
// no part of what was judged, and of the schema only names of keywords.
//
// Numbers of more than 400 digits or with an exponent beyond 400 either way are refused before the
// schema is asked, with rule meta: jsonschema/v6 compares numbers as exact fractions, which would
// take too much memory or panic. Should it panic for another reason, that is one fault of rule meta
// for the whole object, as is an object that is not JSON.
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
		// The scanner bounds the nesting, without which faults.Parse would go as deep as the text.
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

// metaDetails says what to do about a fault of each rule; rule meta names the keyword after it.
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
	size, _ := strconv.ParseUint(exponent, 10, 64) // the largest there is if it does not fit
	return digits > 400 || size > 400
}
