package contact_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/contracttest"
	"github.com/partner-contacts/contact/internal/golden"
	"github.com/partner-contacts/contact/internal/limits"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/partner-contacts/contact/internal/vectors"
)

// A place is a file that has to name each rule, code or option, in the form of a regular expression with NAME for the name.
type place struct {
	files, form string
	any         bool // one of the files is enough
}

// named fails the test for each file of a place that does not have the name. A pattern that matches
// nothing is a fault but in the folders of other modules, which a copy of this one does not have.
func (p place) named(t *testing.T, what, name string) {
	t.Helper()
	files, err := filepath.Glob(p.files)
	require.NoError(t, err)
	folder, _, _ := strings.Cut(p.files, "/")
	if _, err := os.Stat(folder); err == nil {
		require.NotEmpty(t, files, p.files)
	}
	pattern := regexp.MustCompile(strings.ReplaceAll(p.form, "NAME", regexp.QuoteMeta(name)))
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if pattern.Match(text) {
			found++
		} else if !p.any {
			assert.Fail(t, "not named", "%s %s is missing in %s", what, name, file)
		}
	}
	if p.any && len(files) > 0 {
		assert.NotZero(t, found, "%s %s is missing in %s", what, name, p.files)
	}
}

// TestRulePlaces: where rules and codes are listed by hand, each is.
func TestRulePlaces(t *testing.T) {
	for _, rule := range contact.AllRules() {
		for _, p := range []place{
			{"docs/semantics.md", "\n\\| `[a-z_]+` \\|.*`NAME`", false},
			{"wasm/src/messages/[de][ens].ts", "\n    NAME:", false},
			{"wasm/src/messages/fr.ts", "\n    NAME:", false},
		} {
			p.named(t, "rule", string(rule))
		}
	}
	for _, code := range contact.AllCodes() {
		place{"docs/semantics.md", "\n\\| `NAME` \\|", false}.named(t, "code", string(code))
		place{"schema/openapi.json", `"NAME",`, false}.named(t, "code", string(code)) // beside those of a service
	}
	// A rule that a patch can break has patches that do.
	breaks := func(rule contact.Rule) bool {
		for f := range contact.AllFields.All() {
			if contacttest.FromBytes(nil).InvalidPatch(contacttest.Sample(), rule, f) != nil {
				return true
			}
		}
		return false
	}
	for _, rule := range contact.AllRules() {
		switch rule {
		case contact.RuleMismatch, contact.RuleMeta, contact.RuleTruncated, contact.RuleScope, contact.RuleMediaType,
			contact.RuleIdempotencyKey, contact.RulePrecondition: // of a request, of a team, or of many errors
		default:
			assert.True(t, breaks(rule), "rule %s is missing in contacttest/values.go or gen.go", rule)
		}
	}
}

// TestOptionPlaces: an option is known to the vectors, the browser package, the command and the docs.
func TestOptionPlaces(t *testing.T) {
	word := regexp.MustCompile(`[A-Z][a-z]*`)
	for _, option := range reflect.VisibleFields(reflect.TypeFor[contact.Options]()) {
		if option.Type.Kind() == reflect.Func {
			continue // a program's own
		}
		place{"docs/semantics.md", "NAME", false}.named(t, "option", option.Name)
		vector, ok := reflect.TypeFor[vectors.Options]().FieldByName(option.Name)
		if assert.True(t, ok, "option %s is missing in internal/vectors/vectors.go", option.Name) {
			assert.Equal(t, option.Type, vector.Type, option.Name)
		}
		place{"internal/contracttest/vectors_test.go", "NAME: ", false}.named(t, "option", option.Name)
		place{"wasm/main.go", `"NAME"`, false}.named(t, "option", strings.ToLower(option.Name[:1])+option.Name[1:])
		place{"wasm/memory_*.go", "NAME: ", false}.named(t, "option", option.Name)
		place{"wasm/src/engine.ts", "\n  NAME\\?: ", false}.named(t, "option", strings.ToLower(option.Name[:1])+option.Name[1:])
		if option.Name != "AnyIdempotencyKey" { // the command reads no requests
			place{"cmd/contact/*.go", `o\.NAME`, true}.named(t, "option", option.Name)
		}
		snake := strings.ToLower(strings.Join(word.FindAllString(option.Name, -1), "_"))
		place{"testdata/README.md", "`NAME`", false}.named(t, "option", snake)
	}
}

// TestMessages compares the rules with their titles, details and statuses, and the keys of their texts, with testdata/messages.txt.
func TestMessages(t *testing.T) {
	var text strings.Builder
	titles := make(map[contact.Rule]string)
	for key, e := range contact.Messages() {
		fmt.Fprintf(&text, "%s %d %s: %s: %s\n", e.Code, contact.Errors{e}.Status(), key, e.Title(), e.Detail)
		if e.Code != "body_too_large" {
			require.Equal(t, cmp.Or(titles[e.Rule], e.Title()), e.Title(), "two titles of one rule")
			titles[e.Rule] = e.Title()
		}
	}
	golden.Check(t, "testdata/messages.txt", text.String())
	for _, rule := range contact.AllRules() {
		require.NotEmpty(t, titles[rule])
		require.Equal(t, titles[rule], contact.Error{Rule: rule}.Title())
	}
	require.Equal(t, "Invalid value", contact.Error{Rule: "a team's own"}.Title())
	require.Equal(t, "Body too large", contact.Error{Rule: contact.RuleSize, Code: "body_too_large"}.Title())
}

// TestRuleTexts proves that every rule finds its own texts.
func TestRuleTexts(t *testing.T) {
	require.Equal(t, contact.AllRules(), contact.RulesWithTexts())
	require.Equal(t, "Invalid value", contact.Error{Rule: "x"}.Title())
}

// TestKeys has an input for every key that errors have besides their rule. The list is part of the
// contract: translations are looked up by it.
func TestKeys(t *testing.T) {
	limited := contact.Options{MaxBytes: 50, MaxDepth: 3, MaxErrors: 1, MaxMeta: 5}
	meta := func(text string) *contact.Contact {
		c := contracttest.Minimal(t)
		c.MetaPublic = contact.Object(text)
		return c
	}
	diff := func(from, to *contact.Contact) error {
		_, err := contact.Diff(from, to)
		return err
	}
	patchOf := func(c contact.Contact, f contact.Field) error {
		_, err := contact.PatchOf(&c, contact.FieldsOf(f))
		return err
	}
	merge := func(o contact.Options, body string) error {
		p, err := contact.ParsePatch([]byte(body))
		require.NoError(t, err)
		_, _, err = o.Merge(contracttest.Minimal(t), p, time.Time{})
		return err
	}
	version := contracttest.Minimal(t).UpdatedAt.Truncate(time.Millisecond).Format(time.RFC3339Nano)
	then := func() error {
		_, err := contact.NewPatch().Set(contact.FieldMetaPublic, contact.Object(`{"a":1}`)).Set(contact.FieldMetaPublic, contact.Object(`{"a":{}}`)).Patch()
		return err
	}
	setText := func(f contact.Field, text string) error {
		_, err := contact.NewPatch().SetText(f, text).Patch()
		return err
	}
	broken := "\xff"
	errs := map[string]error{
		"type.id":              contact.CheckPatch([]byte(`{"active_journey_ids":[1]}`)),
		"type.constant":        contact.CheckPatch([]byte(`{"type":1}`)),
		"type.string":          contact.CheckPatch([]byte(`{"city":1}`)),
		"type.date":            contact.CheckPatch([]byte(`{"birthdate":1}`)),
		"type.timezone":        contact.CheckPatch([]byte(`{"timezone":1}`)),
		"type.boolean":         contact.CheckPatch([]byte(`{"sms_opted_in":1}`)),
		"type.object":          contact.CheckPatch([]byte(`{"meta_public":1}`)),
		"type.timestamp":       contact.CheckPatch([]byte(`{"last_seen_at":1}`)),
		"type.ids":             contact.CheckPatch([]byte(`{"active_journey_ids":1}`)),
		"type.strings":         contact.CheckPatch([]byte(`{"completed_objective_keys":1}`)),
		"type.text":            setText(contact.FieldSMSOptedIn, "no"),
		"type.utf8":            patchOf(contact.Contact{City: &broken}, contact.FieldCity),
		"syntax.none":          contact.Options{}.CheckField(contact.FieldCity, nil),
		"null.optional":        contact.Options{RequireComplete: true}.CheckField(contact.FieldCity, []byte(`null`)),
		"meta.null":            diff(meta(""), meta(`{"a":null}`)),
		"precondition.tags":    contact.ParseCondition("x", "", "").Check(time.Time{}),
		"precondition.exists":  contact.ParseCondition("", "*", "").Check(time.Time{}),
		"precondition.altered": contact.ParseCondition(`W/"0001-01-01T00:00:00Z"`, "", "").Check(time.Time{}),
		"media_type.coding": func() error {
			_, err := contact.ParseUpdate(contact.UpdateRequest{
				Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json", ContentEncoding: "gzip",
			})
			return err
		}(),
		"key.any": func() error {
			_, err := contact.Options{AnyIdempotencyKey: true}.ParseUpdate(contact.UpdateRequest{
				PathID: "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", Scopes: []string{contacthttp.ScopeUpdate},
				ContentType: "application/json", IdempotencyKey: "ü", Body: []byte("{}"),
			})
			return err
		}(),
		"size.body":        limited.CheckPatch([]byte(strings.Repeat(" ", 51))),
		"size":             merge(limited, `{"meta_public":{"a":1234}}`),
		"size.document":    merge(contact.Options{MaxDocument: 6}, `{"city":"Oslo"}`),
		"stale.precision":  merge(contact.Options{}, `{"updated_at":"`+version+`"}`),
		"timestamp.last":   lastVersion(t),
		"meta.replace":     then(),
		"depth":            limited.CheckPatch([]byte(`{"meta_public":{"a":[[`)),
		"truncated":        limited.CheckPatch([]byte(`{"a":1,"b":1}`)),
		"syntax.empty":     contact.CheckPatch([]byte(``)),
		"syntax.bom":       contact.CheckPatch([]byte("\ufeff{}")),
		"syntax.end":       contact.CheckPatch([]byte(`{"city":"`)),
		"syntax.trailing":  contact.CheckPatch([]byte(`{}x`)),
		"syntax.value":     contact.CheckPatch([]byte(`{"city":}`)),
		"syntax.name":      contact.CheckPatch([]byte(`{1`)),
		"syntax.colon":     contact.CheckPatch([]byte(`{"city" 1}`)),
		"syntax.comma":     contact.CheckPatch([]byte(`{"city":"a" "b"}`)),
		"syntax.number":    contact.CheckPatch([]byte(`{"city":01}`)),
		"syntax.control":   contact.CheckPatch([]byte("{\"city\":\"\n\"}")),
		"syntax.escape":    contact.CheckPatch([]byte(`{"city":"\x"}`)),
		"syntax.surrogate": contact.CheckPatch([]byte(`{"city":"\ud800"}`)),
		"syntax.utf8":      contact.CheckPatch([]byte("{\"city\":\"\xff\"}")),
	}
	for f := range contact.AllFields.All() {
		if f.Values() != nil {
			errs["enum."+f.String()] = contact.Options{}.CheckField(f, []byte(`"no such"`))
		}
	}
	limit := map[string]int{"size.body": 50, "size": 5, "size.document": 6, "depth": 3, "truncated": 1}
	details := make(map[string]string)
	for _, key := range slices.Sorted(maps.Keys(errs)) {
		found, ok := errs[key].(contact.Errors)
		require.True(t, ok, "%s: %v", key, errs[key])
		e := found[len(found)-1]
		rule, _, _ := strings.Cut(key, ".")
		require.Equal(t, rule, string(e.Rule), key)
		require.Equal(t, key, e.MessageKey())
		require.Equal(t, limit[key], e.Meta.Limit, key)
		require.NotContains(t, details, e.Detail, "%s: two keys for one text", key)
		details[e.Detail] = key
	}
	defaults := map[string]int{
		"size": limits.MaxMeta, "size.body": limits.MaxBytes, "size.document": limits.MaxDocument,
		"depth": limits.MaxDepth, "truncated": limits.MaxErrors,
	}
	// The list for translators has these and the rules that have a text of their own, each as it comes.
	var keys []string
	for key, english := range contact.Messages() {
		keys = append(keys, key)
		require.Equal(t, key, english.MessageKey())
		require.NotEmpty(t, english.Title())
		require.NotEmpty(t, english.Detail, key)
		e := contact.NewError(contact.Rule(key), "")
		if found, ok := errs[key].(contact.Errors); ok {
			e = found[len(found)-1]
			require.Equal(t, defaults[key], english.Meta.Limit, key)
		} else {
			require.NotContains(t, key, ".", "no input has this key")
		}
		require.Equal(t, e.Code, english.Code, key)
		require.Equal(t, e.Title(), english.Title(), key)
		if key != "size.body" { // it has the limit in it
			require.Equal(t, e.Detail, english.Detail, key)
		}
	}
	for key := range errs {
		t.Run(row.Name(key), func(t *testing.T) {
			require.Contains(t, keys, key)
		})
	}
	for _, rule := range contact.AllRules() {
		if e := contact.NewError(rule, ""); e.Detail != "" {
			require.Contains(t, keys, string(rule))
		}
	}
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(keys))), len(keys))
	for range contact.Messages() {
		break
	}
	silent := contact.Options{CheckMeta: func(contact.Object) contact.Errors { return contact.Errors{{Rule: contact.RuleType, Pointer: "/a"}} }}
	_, _, err := silent.Merge(contracttest.SampleContact(t), contracttest.MustParsePatch(t, []byte(`{"meta_public":{"a":1}}`)), time.Time{})
	require.Equal(t, "meta", err.(contact.Errors)[0].MessageKey(), "a check that says nothing says what meta does")
	require.Equal(t, "date", contact.Error{Rule: contact.RuleDate}.MessageKey(), "a text that is not there says nothing else")
	// A field is told the limit that its body would be.
	require.Equal(t, limited.CheckPatch([]byte(`{"meta_public":{"a":[[`)).(contact.Errors)[0].Meta.Limit,
		limited.CheckField(contact.FieldMetaPublic, []byte(`{"a":[[`)).(contact.Errors)[0].Meta.Limit)
}

// TestTableAndContact proves that typed access finds each field of the table in the struct, in the
// order of the table, and that the struct has no others.
func TestTableAndContact(t *testing.T) {
	full := contracttest.FullContact(t)
	i := 0
	for f := range contact.AllFields.All() {
		if f.Kind() == contact.KindConstant {
			continue
		}
		value, ok := full.Get(f)
		require.True(t, ok, f)
		text, err := json.Marshal(value)
		require.NoError(t, err)
		var c, want contact.Contact
		require.NoError(t, json.Unmarshal(text, c.Ptr(f)), f)
		got, ok := c.Get(f)
		require.True(t, ok, f)
		assert.Equal(t, value, got, f)
		v := reflect.ValueOf(&want).Elem()
		assert.Equal(t, contracttest.GoName(f.String()), v.Type().Field(i).Name, "in the same order, too")
		v.Field(i).Set(reflect.ValueOf(full).Elem().Field(i))
		assert.NotEqual(t, contact.Contact{}, want, f)
		assert.Equal(t, want, c, "no other field changes")
		i++
	}
	v := reflect.TypeFor[contact.Contact]()
	assert.Equal(t, v.NumField(), i+1, "fields of Contact that are not in the table")
	assert.Equal(t, "UnknownMembers", v.Field(i).Name)
}

// lastVersion returns the errors for a stored version that none can follow.
func lastVersion(t *testing.T) contact.Errors {
	c := contracttest.SampleContact(t)
	c.UpdatedAt = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
	_, _, err := contact.Merge(c, contracttest.MustParsePatch(t, []byte(`{"city":null}`)), time.Now())
	var fault *contact.StoreError
	require.ErrorAs(t, err, &fault)
	return fault.Errors()
}

// TestErrorsSchema proves that errors.schema.json lists the rules that there are, and no other, and that an error of each
// makes an envelope of it.
func TestErrorsSchema(t *testing.T) {
	s := contracttest.Envelope().Properties["errors"].Items2020.Ref
	var rules []contact.Rule
	for _, rule := range s.Properties["meta"].Ref.Properties["rule"].Enum.Values {
		rules = append(rules, contact.Rule(rule.(string)))
	}
	assert.Equal(t, contact.AllRules(), rules, "schema/errors.schema.json: run go generate")
	var codes []contact.Code
	for _, code := range s.Properties["code"].Enum.Values {
		codes = append(codes, contact.Code(code.(string)))
	}
	assert.ElementsMatch(t, contact.AllCodes(), codes, "schema/errors.schema.json: run go generate")
	for _, rule := range contact.AllRules() {
		contracttest.CheckEnvelope(t, contact.Errors{{Code: "validation_failed", Rule: rule, Detail: "Text."}})
	}
}
