package contracttest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/reference"
	"github.com/partner-contacts/contact/schema"
)

// compareEngines fails the test if the engines do not agree on a body.
func compareEngines(t testing.TB, body []byte) {
	t.Helper()
	whole, patch := verdict(t, reference.Check(body)), verdict(t, reference.CheckPatch(body))
	// IgnoreUnknown leaves out only the errors of rule unknown.
	known := slices.DeleteFunc(slices.Clone(patch), func(e contact.Error) bool { return e.Rule == contact.RuleUnknown })
	for _, c := range []struct {
		name  string
		check func(contact.Options, []byte) error
		rules contact.Options
		want  contact.Errors
	}{
		{"Check", contact.Options.Check, contact.Options{}, whole},
		{"CheckPatch", contact.Options.CheckPatch, contact.Options{}, patch},
		{"CheckPatch Complete", contact.Options.CheckPatch, contact.Options{RequireComplete: true}, whole},
		{"CheckPatch IgnoreUnknown", contact.Options.CheckPatch, contact.Options{IgnoreUnknown: true}, known},
	} {
		if c.rules.IgnoreUnknown && len(patch) > 100 {
			continue // the reference engine may not have listed all that is known
		}
		var got contact.Errors
		if differ := knownDifferences(body, c.want); len(differ) == 0 {
			got = verdict(t, c.check(c.rules, body))
		} else {
			c.rules.MaxErrors = -1
			got = without(t, verdict(t, c.check(c.rules, body)), differ)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s of %s:\nfast:      %v\nreference: %v", c.name, body, places(got), places(c.want))
		}
	}
}

// verdict returns the part of an error that both engines must agree on: all but prose and suggestions.
func verdict(t testing.TB, err error) contact.Errors {
	t.Helper()
	errs := slices.Clone(errorsOf(t, err))
	for i := range errs {
		errs[i].Detail, errs[i].Meta.Suggestion = "", ""
	}
	return errs
}

func places(errs contact.Errors) []string {
	var s []string
	for _, e := range errs {
		s = append(s, string(e.Rule)+" "+e.Pointer)
	}
	return s
}

// knownDifferences returns the errors that the fast engine must find in a body beyond what the reference
// engine has found. This is all of the list of known differences:
//
//   - An instant whose year in UTC is not one of 0000 to 9999, such as 9999-12-31T23:59:60Z, which is the first instant of
//     the year 10000, and 0000-01-01T00:00:00+23:59. No timestamp could write it in UTC. JSON Schema has no keyword that
//     could say so: its date-time is about the text alone.
func knownDifferences(body []byte, found contact.Errors) (differ contact.Errors) {
	if len(found) > 0 && found[0].Code != "validation_failed" {
		return nil
	}
	for _, name := range []string{"inserted_at", "updated_at", "last_seen_at"} {
		if leavesTheYears(firstString(body, name)) {
			differ = append(differ, contact.Error{Code: "validation_failed", Rule: contact.RuleTimestamp, Pointer: "/" + name})
		}
	}
	return differ
}

var timestampDefinition = sync.OnceValue(func() *jsonschema.Schema {
	return schema.NewCompiler().MustCompile(anyDefinition + "timestamp")
})

// leavesTheYears reports whether a text is a timestamp of the schema and, as package time reads it,
// an instant outside the years 0000 to 9999 in UTC.
func leavesTheYears(text string) bool {
	if timestampDefinition().Validate(text) != nil {
		return false
	}
	text = strings.ToUpper(text)
	var leap time.Duration
	if text[16:19] == ":60" {
		text, leap = text[:17]+"59"+text[19:], time.Second
	}
	instant, err := time.Parse(time.RFC3339, text)
	year := instant.Add(leap).UTC().Year()
	return err == nil && (year < 0 || year > 9999)
}

// without returns errs without those in which the engines differ, each of which must be there, cut
// to as many as are reported.
func without(t testing.TB, errs, differ contact.Errors) contact.Errors {
	t.Helper()
	for _, e := range differ {
		i := slices.Index(errs, e)
		if i < 0 {
			t.Errorf("%s: the fast engine takes an instant that it cannot write", e.Pointer)
			continue
		}
		errs = slices.Delete(errs, i, i+1)
	}
	const most = 100
	if len(errs) > most {
		errs = append(errs[:most], contact.Error{
			Code: "validation_failed", Rule: contact.RuleTruncated, Meta: contact.ErrorMeta{Limit: most},
		})
	}
	return errs
}

// firstString returns the first member of that name in a body if it is a string. Those after it are
// judged as duplicates alone.
func firstString(body []byte, name string) (text string) {
	for _, m := range members(body) {
		if m.name == name {
			if json.Unmarshal(m.value, &text) != nil {
				return ""
			}
			break
		}
	}
	return text
}

func parseAgrees(t *testing.T, rules contact.Options, body []byte) {
	before := string(body)
	c, err := rules.Parse(body)
	sameErrors(t, "Parse and Check", body, err, rules.Check(body))
	p, patchErr := rules.ParsePatch(body)
	sameErrors(t, "ParsePatch and CheckPatch", body, patchErr, rules.CheckPatch(body))
	stored, storedErr := rules.ParseStored(body)
	if (c == nil) == (err == nil) || (p == nil) == (patchErr == nil) || (stored == nil) == (storedErr == nil) {
		t.Errorf("%s: a result and an error, or neither", body)
	}
	if string(body) != before {
		t.Errorf("%s: the body has changed", before)
	}
	if err == nil {
		if storedErr != nil || patchErr != nil {
			t.Errorf("%s: Parse takes it; ParseStored: %v; ParsePatch: %v", body, storedErr, patchErr)
		} else if known := *stored; c.UnknownMembers != "" {
			t.Errorf("%s: Parse keeps what is unknown", body)
		} else if known.UnknownMembers = ""; !reflect.DeepEqual(c, &known) {
			t.Errorf("%s: Parse and ParseStored differ", body)
		}
	}
	if patchErr == nil {
		text := p.AppendJSON(nil)
		again, err := rules.ParsePatch(text)
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Errorf("%s: as a patch written as %s, which is another: %v", body, text, err)
		}
	}
	if storedErr == nil {
		text := stored.AppendJSON(nil)
		again, err := rules.ParseStored(text)
		if err != nil || !reflect.DeepEqual(stored, again) {
			t.Errorf("%s: written as %s, which is another: %v", body, text, err)
		} else if rewritten := again.AppendJSON(nil); !bytes.Equal(text, rewritten) {
			t.Errorf("%s: written as %s, then as %s", body, text, rewritten)
		}
	}
	if err == nil {
		text := c.AppendJSON(nil)
		if again, err := rules.Parse(text); err != nil || !reflect.DeepEqual(c, again) {
			t.Errorf("%s: written as %s, which is another: %v", body, text, err)
		}
		if marshaled, err := json.Marshal(c); err != nil || unescapeHTML(marshaled) != unescapeHTML(text) {
			t.Errorf("%s: AppendJSON writes %s, json.Marshal %s (%v)", body, text, marshaled, err)
		}
	}
}

func sameErrors(t *testing.T, what string, body []byte, a, b error) {
	t.Helper()
	if !slices.Equal(errorsOf(t, a), errorsOf(t, b)) {
		t.Errorf("%s of %s:\n%v\n%v", what, body, a, b)
	}
}

// fieldsAgree holds CheckField to CheckPatch, for each field of a body alone and for all together.
func fieldsAgree(t *testing.T, body []byte) {
	judged := map[contact.Field]contact.Errors{}
	alone := true // all members are fields, and none comes twice
	for _, m := range members(body) {
		field, known := contact.FieldByName(m.name)
		if _, repeated := judged[field]; !known || repeated {
			alone = false
			continue
		}
		judged[field] = errorsOf(t, contact.Options{}.CheckField(field, m.value))
		before := `{"` + m.name + `":`
		patch := errorsOf(t, contact.CheckPatch([]byte(before+string(m.value)+`}`)))
		if len(patch) > 0 && patch[0].Code == "malformed_json" {
			patch[0].Meta.Offset -= len(before)
		}
		if !slices.Equal(judged[field], patch) {
			t.Errorf("%s%s}: CheckField: %v; CheckPatch: %v", before, m.value, judged[field], patch)
		}
	}
	whole := errorsOf(t, contact.CheckPatch(body))
	if !alone || len(whole) > 100 || len(whole) > 0 && (whole[0].Code != "validation_failed" || len(judged) == 0) {
		return
	}
	var together contact.Errors
	for field := range contact.AllFields.All() {
		together = append(together, judged[field]...)
	}
	if !slices.Equal(together, whole) {
		t.Errorf("%s: CheckPatch: %v; CheckField of each field: %v", body, whole, together)
	}
}
