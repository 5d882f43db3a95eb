package contact_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/internal/limits"
)

// TestKeys has an input for every key that errors have besides their rule. The list is part of the
// contract: translations are looked up by it.
func TestKeys(t *testing.T) {
	limited := contact.Options{MaxBytes: 50, MaxDepth: 3, MaxErrors: 1, MaxMeta: 5}
	meta := func(text string) *contact.Contact {
		c := minimal(t)
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
		_, _, err = o.Merge(minimal(t), p, time.Time{})
		return err
	}
	version := minimal(t).UpdatedAt.Truncate(time.Millisecond).Format(time.RFC3339Nano)
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
		"type.id":           contact.CheckPatch([]byte(`{"active_journey_ids":[1]}`)),
		"type.constant":     contact.CheckPatch([]byte(`{"type":1}`)),
		"type.string":       contact.CheckPatch([]byte(`{"city":1}`)),
		"type.date":         contact.CheckPatch([]byte(`{"birthdate":1}`)),
		"type.timezone":     contact.CheckPatch([]byte(`{"timezone":1}`)),
		"type.boolean":      contact.CheckPatch([]byte(`{"sms_opted_in":1}`)),
		"type.object":       contact.CheckPatch([]byte(`{"meta_public":1}`)),
		"type.timestamp":    contact.CheckPatch([]byte(`{"last_seen_at":1}`)),
		"type.ids":          contact.CheckPatch([]byte(`{"active_journey_ids":1}`)),
		"type.strings":      contact.CheckPatch([]byte(`{"completed_objective_keys":1}`)),
		"type.text":         setText(contact.FieldSMSOptedIn, "no"),
		"type.utf8":         patchOf(contact.Contact{City: &broken}, contact.FieldCity),
		"syntax.none":       contact.Options{}.CheckField(contact.FieldCity, nil),
		"null.optional":     contact.Options{RequireComplete: true}.CheckField(contact.FieldCity, []byte(`null`)),
		"meta.null":         diff(meta(""), meta(`{"a":null}`)),
		"precondition.tags": contact.ParseCondition("x", "", "").Check(time.Time{}),
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
		require.Contains(t, keys, key)
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
	_, _, err := silent.Merge(okafor(), mustParsePatch(t, []byte(`{"meta_public":{"a":1}}`)), time.Time{})
	require.Equal(t, "meta", err.(contact.Errors)[0].MessageKey(), "a check that says nothing says what meta does")
	require.Equal(t, "date", contact.Error{Rule: contact.RuleDate}.MessageKey(), "a text that is not there says nothing else")
	// A field is told the limit that its body would be.
	require.Equal(t, limited.CheckPatch([]byte(`{"meta_public":{"a":[[`)).(contact.Errors)[0].Meta.Limit,
		limited.CheckField(contact.FieldMetaPublic, []byte(`{"a":[[`)).(contact.Errors)[0].Meta.Limit)
}
