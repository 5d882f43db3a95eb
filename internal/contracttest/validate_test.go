package contracttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/reference"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/partner-contacts/contact/internal/vectors"
)

// TestSemantics has a row for every question that the contract decides: the source of the decision, the vectors that
// hold it, and a check of what a vector cannot say.
func TestSemantics(t *testing.T) {
	all, err := vectors.All()
	require.NoError(t, err)
	known := map[string]bool{}
	for _, v := range all {
		known[v.Name] = true
	}
	for _, row := range []struct {
		question, source string
		vectors          []string
		check            func(*testing.T)
	}{
		{"field absent from the patch", "RFC 5789, RFC 7396", []string{
			"merge: change a string", "merge: consent that is absent is not written", "merge: null stays where the patch does not name it",
		}, nil},
		{"required fields absent from the patch", "reference page", []string{
			"validate: empty patch", "validate: patch that must be complete", "validate: complete patch", "validate: complete patch with null", "update: complete body",
		}, nil},
		{"null", "RFC 7396", []string{
			"validate: null clears birthdate", "merge: clear a string", "merge: clear what is not there", "validate: null for id", "validate: null for meta_public",
			"validate: null for active_journey_ids", "merge: patch that would clear a required field",
		}, nil},
		{"the empty string", "a string like any other", []string{
			"validate: empty string in a string field", "validate: empty string in other fields", "merge: empty string is not null", "validate: sms_opted_in is an empty string",
		}, nil},
		{"meta_public", "RFC 7396 §2", []string{
			"merge: RFC 7396 appendix A, case 15", "merge: RFC 7396 appendix A, case 9, as a member", "merge: nulls in an array stay", "merge: removing inside what is no object",
			"merge: removing inside what is not there", "merge: order of members is kept", "merge: large integer kept", "merge: number text that no double holds",
			"merge: white space in the patch", "merge: 1 is not 1.0", "merge: equal string in another spelling", "merge: equal object with members in another order",
		}, nil},
		{"stored contacts", "a store is trusted with names that were valid when it got them", []string{
			"validate: stored timezone that does not exist", "validate: stored null", "validate: stored values in the wrong form", "validate: stored timezone that is no string",
		}, brokenMeta},
		{"{}", "RFC 7396", []string{"validate: empty patch", "merge: empty patch", "update: empty patch"}, nil},
		{"body not an object", "reference page", []string{"validate: body is an array", "validate: body is null", "update: body that is not an object"}, nil},
		{"duplicate member names", "RFC 8259 §4, RFC 7493", []string{
			"validate: field twice", "validate: member of meta_public twice", "validate: field twice, once with escapes", "validate: duplicate in an array in meta_public",
			"validate: duplicate in an unknown member", "validate: duplicate in a value of the wrong type", "validate: unknown member skipped but repeated",
		}, manyDuplicates},
		{"member names", "byte-exact", []string{"validate: name in another case", "validate: name in title case", "validate: name with U+017F for s", "validate: field name written with escapes"}, nil},
		{"unknown field", "reference page", []string{"validate: two letters swapped in a name", "validate: name like no other", "validate: unknown member skipped"}, nil},
		{"malformed JSON", "RFC 8259 §8.1", []string{
			"validate: invalid UTF-8: byte 0xFF", "validate: high surrogate alone", "validate: byte order mark", "validate: bytes after the value", "validate: empty body",
			"validate: not a number: NaN", "validate: comment", "validate: syntax stands alone",
		}, nil},
		{"booleans", "consent is never coerced", []string{"validate: sms_opted_in is the string true", "validate: sms_opted_in is zero", "validate: sms_opted_in is one"}, nil},
		{"ids", "RFC 9562 §4, §5.4", []string{
			"validate: id: upper case", "validate: id: URN", "validate: id: braces", "validate: id: without hyphens", "validate: id: nil", "validate: id: max", "validate: id: version 7",
			"validate: id: variant digit c",
		}, nil},
		{"date", "RFC 3339 full-date", []string{
			"validate: date 1990-02-30", "validate: date 0000-01-01", "validate: date 9999-12-31", "validate: date 1990-01-01T00:00:00Z", "validate: date 1990-1-01",
		}, nil},
		{"timestamp", "RFC 3339 §5.6, §5.7", []string{
			"validate: timestamp 1990-12-31T23:59:60Z", "validate: timestamp 2024-01-02T3:04:05Z", "validate: timestamp 2024-01-02T03:04:05,5Z", "validate: timestamp 2024-01-02T03:04:05+24:00",
			"validate: timestamp 2024-01-02t03:04:05z", "validate: timestamp 2024-01-02T03:04:05-00:00", "validate: timestamp 2024-01-02T03:04:05.1234567899Z",
			"validate: timestamp 2024-01-02 03:04:05Z", "validate: timestamp 2024-01-02T03:04:05+0530", "validate: timestamp 2024-01-02T24:00:00Z",
			"validate: timestamp 9999-12-31T23:59:60Z", "validate: timestamp 0000-01-01T00:00:00+00:01",
		}, nil},
		{"timezone", "tzdb", []string{
			"validate: timezone Europe/Kiev", "validate: timezone UTC", "validate: timezone EST", "validate: timezone Etc/GMT+5", "validate: timezone GMT+0", "validate: timezone +05:00",
			"validate: timezone UTC+5", "validate: timezone PST", "validate: timezone Local", "validate: timezone Factory", "validate: timezone posix/America/Chicago",
			"validate: timezone america/chicago", "validate: timezone with an escaped slash",
		}, nil},
		{"identity fields in a patch", "AIP-203 IMMUTABLE", []string{
			"merge: identity repeated", "merge: identity in another spelling", "merge: another id", "merge: another inserted_at", "update: body id unlike the path id",
			"validate: type is not contact",
		}, nil},
		{"updated_at in a patch", "Kubernetes API concepts", []string{
			"merge: version seen", "merge: version seen below the microsecond", "merge: older version", "merge: newer version", "merge: older version let through",
		}, nil},
		{"updated_at after a merge", "versions never repeat", []string{
			"merge: time cut to the microsecond", "merge: clock behind", "merge: clock at the version", "merge: version with nanoseconds", "merge: no time, no stamp",
			"merge: nothing changed, no stamp",
		}, nil},
		{"no-op", "never rewrite what nobody changed", []string{"merge: the same string", "merge: the same arrays", "merge: the same date and timestamp", "merge: the same consent"}, nil},
		{"arrays", "RFC 7396", []string{"merge: arrays are replaced whole", "merge: an element twice", "merge: arrays emptied", "validate: the same id and key twice"}, nil},
		{"fields the patch does not touch", "never re-judged", []string{"merge: fields the patch does not touch are not judged again"}, nil},
		{"limits", "each a field of Options", []string{
			"validate: nested to the limit", "validate: nested one deeper than the limit", "validate: body longer than its limit", "validate: more errors than the limit",
			"merge: meta_public longer than its limit", "merge: meta_public over its limit may shrink", "merge: more faults than the limit",
		}, checkLimits},
		{"error texts", "contacts are personal data", []string{"validate: pointer that would have 101 characters", "validate: unknown name of 100 characters"}, nil},
		{"which errors, in which order", "as the API's guide does", []string{
			"validate: fields in table order, unknown members last", "validate: inside a field in document order", "validate: contact without its team", "validate: size stands before syntax",
		}, nil},
		{"on error", "nothing half-merged", []string{"merge: all that can be wrong in a merge"}, nil}, // every vector checks it
		{"sharing", "a body may be reused", nil, bodyIsCopied},
	} {
		t.Run(row.question, func(t *testing.T) {
			require.NotEmpty(t, row.source)
			require.True(t, len(row.vectors) > 0 || row.check != nil)
			for _, name := range row.vectors {
				require.True(t, known[name], "no vector of this name: %s", name)
			}
			if row.check != nil {
				row.check(t)
			}
		})
	}
}

// brokenMeta: a stored meta_public that is no object is the server's fault, and only of interest to who touches it.
func brokenMeta(t *testing.T) {
	for _, broken := range []contact.Object{`{`, `[]`, `null`, `{"a":1,"a":2}`, `{"a":"` + "\xff" + `"}`, `{} x`, ` `} {
		existing := Minimal(t)
		existing.MetaPublic = broken
		before := existing.Clone()
		for _, patch := range []string{`{"meta_public":{}}`, `{"meta_public":{"a":1},"id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"}`} {
			merged, changed, err := contact.Merge(existing, MustParsePatch(t, []byte(patch)), time.Now())
			require.Nil(t, merged)
			require.Zero(t, changed)
			require.ErrorIs(t, err, contact.ErrText)
			require.NotErrorAs(t, err, new(contact.Errors))
		}
		merged, changed, err := contact.Merge(existing, MustParsePatch(t, []byte(`{"city":"A"}`)), time.Time{})
		require.NoError(t, err)
		require.Equal(t, contact.FieldsOf(contact.FieldCity), changed)
		require.Equal(t, broken, merged.MetaPublic)
		require.Equal(t, before, existing)
	}
}

// manyDuplicates: names are told apart in objects of every size, whatever they are kept in.
func manyDuplicates(t *testing.T) {
	for _, n := range []int{1, 15, 16, 17, 63, 64, 65, 66, 200} {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf(`"name%d":%d`, i, i))
		}
		for _, i := range []int{0, n / 2, n - 1} {
			all := strings.Join(names, ",")
			name := fmt.Sprintf("name%d", i)
			again := fmt.Sprintf(`"\u006eame%d":null`, i)
			require.NoError(t, contact.CheckPatch([]byte(`{"meta_public":{`+all+`}}`)))
			require.Equal(t, []string{"duplicate /meta_public/" + name}, faults(t, contact.CheckPatch([]byte(`{"meta_public":{`+all+`,`+again+`}}`))))
			require.Equal(t, []string{"duplicate /" + name}, faults(t, contact.Options{IgnoreUnknown: true}.CheckPatch([]byte(`{`+again+`,`+all+`}`))))
		}
		require.NoError(t, contact.Options{IgnoreUnknown: true}.CheckPatch([]byte(`{`+strings.Join(names, ",")+`}`)))
		require.Len(t, contact.Options{MaxErrors: -1}.CheckPatch([]byte(`{`+strings.Join(names, ",")+`}`)), n)
	}
}

// checkLimits: the defaults, and what zero and negative values mean.
func checkLimits(t *testing.T) {
	body := func(size int) []byte {
		return []byte(`{"city":"` + strings.Repeat("a", size-len(`{"city":""}`)) + `"}`)
	}
	for _, c := range []struct {
		rules contact.Options
		size  int
		ok    bool
	}{
		{contact.Options{}, 1 << 20, true}, {contact.Options{}, 1<<20 + 1, false}, {contact.Options{MaxBytes: 1 << 20}, 1<<20 + 1, false},
		{contact.Options{MaxBytes: -1}, 1<<20 + 1, true}, {contact.Options{MaxBytes: 1<<20 + 1}, 1<<20 + 1, true},
	} {
		b := body(c.size)
		_, patchErr := c.rules.ParsePatch(b)
		_, wholeErr := c.rules.Parse(b)
		_, storedErr := c.rules.ParseStored(b)
		for i, err := range []error{
			c.rules.CheckPatch(b), patchErr, c.rules.CheckField(contact.FieldMetaPublic, append(bytes.Repeat([]byte(" "), c.size-2), "{}"...)),
			wholeErr, storedErr, c.rules.Check(b),
		} {
			switch {
			case i == 4: // a stored contact is as large as it is
				require.NotContains(t, faults(t, err), "size ")
			case !c.ok:
				require.Equal(t, []string{"size "}, faults(t, err), "%d", i)
				errs := err.(contact.Errors)
				require.Equal(t, contact.Code("body_too_large"), errs[0].Code)
				require.Equal(t, "Send a body of at most 1048576 bytes.", errs[0].Detail)
				require.Equal(t, "Body too large", errs[0].Title())
				require.Equal(t, 413, errs.Status())
			case i < 3:
				require.NoError(t, err, "%d", i)
			default:
				require.Len(t, faults(t, err), contact.RequiredFields.Len(), "all required fields are missing, no more")
			}
		}
	}

	nested := func(brackets int) []byte {
		return []byte(`{"meta_public":{"a":` + strings.Repeat("[", brackets-2) + strings.Repeat("]", brackets-2) + `}}`)
	}
	for _, c := range []struct{ limit, deepest int }{{0, 64}, {64, 64}, {65, 65}, {3, 3}, {1000, 1000}, {1001, 1000}, {-1, 1000}, {1 << 30, 1000}} {
		r := contact.Options{MaxDepth: c.limit}
		require.NoError(t, r.CheckPatch(nested(c.deepest)), "%d", c.limit)
		p, err := r.ParsePatch(nested(c.deepest))
		require.NoError(t, err)
		require.Equal(t, string(nested(c.deepest)), string(p.AppendJSON(nil)))
		err = r.CheckPatch(nested(c.deepest + 1))
		require.Equal(t, []string{"depth "}, faults(t, err), "%d", c.limit)
		require.Equal(t, len(`{"meta_public":{"a":`)+c.deepest-2, err.(contact.Errors)[0].Meta.Offset)
	}
	require.Equal(t, []string{"depth "}, faults(t, contact.Options{MaxDepth: 1}.CheckPatch([]byte(`{"zzz":[]}`))))
	require.NoError(t, contact.Options{MaxDepth: 1}.CheckPatch([]byte(`{"city":null}`)))

	unknown := func(n int) []byte {
		b := []byte(`{"city":1`)
		for i := range n {
			b = fmt.Appendf(b, `,"zz%d":0`, i)
		}
		return append(b, '}')
	}
	for _, c := range []struct {
		limit, faults, listed int
		cut                   bool
	}{
		{0, 100, 100, false}, {0, 101, 101, true}, {0, 200, 101, true}, {1, 1, 1, false}, {1, 2, 2, true}, {1, 9, 2, true},
		{5, 5, 5, false}, {5, 6, 6, true}, {5, 50, 6, true}, {-1, 101, 101, false}, {-1, 999, 999, false},
	} {
		err := contact.Options{MaxErrors: c.limit}.CheckPatch(unknown(c.faults - 1))
		got := faults(t, err)
		require.Len(t, got, c.listed, "%+v", c)
		require.Equal(t, "type /city", got[0])
		require.Equal(t, c.cut, got[len(got)-1] == "truncated ", "%+v", c)
	}
	// A limit counts what one field holds, too: elements, and duplicates inside one value.
	for _, text := range []string{`[` + strings.Repeat(`"x",`, 149) + `1]`, `[` + strings.Repeat(`1,`, 149) + `1]`, `{"a":1` + strings.Repeat(`,"a":2`, 149) + `}`} {
		got := faults(t, contact.Options{}.CheckField(contact.FieldActiveJourneyIDs, []byte(text)))
		require.Len(t, got, 101)
		require.Equal(t, "truncated ", got[100])
	}

	existing := Minimal(t)
	for _, c := range []struct {
		limit, size int
		ok          bool
	}{{0, 256 << 10, true}, {0, 256<<10 + 1, false}, {-1, 256<<10 + 1, true}, {300 << 10, 300 << 10, true}, {300 << 10, 300<<10 + 1, false}} {
		p := MustParsePatch(t, []byte(`{"meta_public":{"a":"`+strings.Repeat("a", c.size-len(`{"a":""}`))+`"}}`))
		merged, _, err := contact.Options{MaxMeta: c.limit}.Merge(existing, p, time.Time{})
		if c.ok {
			require.NoError(t, err)
			require.Len(t, merged.MetaPublic, c.size)
		} else {
			require.Equal(t, []string{"size /meta_public"}, faults(t, err))
			require.Equal(t, 422, err.(contact.Errors).Status())
		}
	}
}

// bodyIsCopied: what was read does not change with the bytes it was read from.
func bodyIsCopied(t *testing.T) {
	text, err := os.ReadFile("testdata/contact.json")
	require.NoError(t, err)
	compact := new(bytes.Buffer)
	require.NoError(t, json.Compact(compact, text))
	for _, body := range [][]byte{text, compact.Bytes(), bytes.ReplaceAll(text, []byte("or"), []byte(`\u006fr`))} {
		var want, got []string
		for _, reuse := range []bool{false, true} {
			b := bytes.Clone(body)
			bad := append(bytes.Clone(bytes.TrimSuffix(bytes.TrimSpace(body), []byte("}"))), `,"x\u0079z":{"b":1,"b":2},"timezone":""}`...)
			body := bytes.Clone(b)
			c, err := contact.ParseStored(body)
			require.NoError(t, err)
			_, refused := contact.Parse(bad)
			require.Len(t, refused, 3)
			p, err := contact.ParsePatch(b)
			require.NoError(t, err)
			if reuse {
				for _, b := range [][]byte{b, bad, body} {
					for i := range b {
						b[i] = '#'
					}
				}
			}
			// What a caller appends to its slices is nobody else's either.
			_ = append(c.ActiveJourneyIDs, contact.ID{}, contact.ID{}, contact.ID{})
			_ = append(c.CompletedObjectiveKeys, "#", "#", "#")
			out := []string{string(c.AppendJSON(nil)), string(p.AppendJSON(nil)), string(refused.(contact.Errors).AppendJSON(nil))}
			if reuse {
				got = out
			} else {
				want = out
			}
		}
		require.Equal(t, want, got)
		require.NotContains(t, strings.Join(got, ""), "#")
	}
}

// TestMembersInAnyPlace: a reader that expects fields in their usual order must find repeated ones all the same, and
// names in any spelling.
func TestMembersInAnyPlace(t *testing.T) {
	g := newMaker(3)
	member := func(f contact.Field, name string) string { return name + ":" + g.print(g.value(f)) }
	for f := contact.FieldID; f <= lastField; f++ {
		escaped := `"`
		for _, c := range []byte(f.String()) {
			escaped += fmt.Sprintf(`\u%04x`, c)
		}
		escaped += `"`
		plain := `"` + f.String() + `"`
		require.NoError(t, contact.CheckPatch([]byte("{"+member(f, escaped)+"}")), "%s", escaped)
		for between := contact.FieldID; between <= lastField; between++ {
			if between == f {
				continue
			}
			for _, again := range []string{plain, escaped} {
				body := "{" + member(f, plain) + "," + member(between, `"`+between.String()+`"`) + "," + member(f, again) + "}"
				require.Equal(t, []string{"duplicate /" + f.String()}, faults(t, contact.CheckPatch([]byte(body))), "%s", body)
			}
		}
	}
}

// TestDetails: what the vectors do not compare, the sentences that differ within a rule.
func TestDetails(t *testing.T) {
	detail := func(err error) string {
		t.Helper()
		errs, ok := err.(contact.Errors)
		require.True(t, ok)
		require.Len(t, errs, 1)
		return errs[0].Detail
	}
	optional := strings.Replace(minimalText, `{`, `{"city":null,`, 1)
	require.Equal(t, "Send a value or leave the field out: null clears a field only in a patch.", detail(contact.Check([]byte(optional))))
	require.Equal(t, "Send a value: this field is required and cannot be cleared.", detail(contact.CheckPatch([]byte(`{"id":null}`))))
	require.Equal(t, "Send a JSON object.", detail(contact.CheckPatch([]byte(`[]`))))
	require.Equal(t, "Send a JSON object.", detail(contact.CheckPatch([]byte(`{"meta_public":[]}`))))
	for _, text := range []string{"", " "} {
		t.Run(row.Name(text), func(t *testing.T) {
			require.Equal(t, "The value is empty: send a JSON value.", detail(contact.Options{}.CheckField(contact.FieldCity, []byte(text))))
		})
	}
	marked := []byte("\xef\xbb\xbf1")
	require.Equal(t, detail(contact.CheckPatch(marked)), detail(contact.Options{}.CheckField(contact.FieldCity, marked)))
	require.Contains(t, detail(contact.CheckPatch([]byte("\xef\xbb\xbf{}"))), "byte order mark")
	require.Contains(t, detail(contact.CheckPatch(nil)), "empty")
	for f, want := range map[contact.Field]string{
		contact.FieldID: "Send a string that holds a version 4 UUID.", contact.FieldType: `Send the string "contact".`, contact.FieldCity: "Send a string in double quotes.",
		contact.FieldBirthdate: "Send a string that holds a date, written YYYY-MM-DD.", contact.FieldTimezone: "Send a string that holds a timezone's name, such as America/Chicago.",
		contact.FieldSMSOptedIn: "Send true or false, without quotes.", contact.FieldLastSeenAt: "Send a string that holds an RFC 3339 timestamp.",
		contact.FieldActiveJourneyIDs: "Send an array of strings that hold version 4 UUIDs.", contact.FieldCompletedObjectiveKeys: "Send an array of strings.",
	} {
		t.Run(row.Name(f), func(t *testing.T) {
			require.Equal(t, want, detail(contact.Options{}.CheckField(f, []byte(`7`))), "%s", f)
		})
	}
	require.Equal(t, "Send a string that holds a version 4 UUID.", detail(contact.Options{}.CheckField(contact.FieldActiveJourneyIDs, []byte(`[7]`))))
	require.Equal(t, "Send a string in double quotes.", detail(contact.Options{}.CheckField(contact.FieldCompletedObjectiveKeys, []byte(`[7]`))))
}

// TestCommas: a comma before the first member is no JSON, nor is a member without one, after whatever.
func TestCommas(t *testing.T) {
	// A comma before the first member is no JSON.
	for _, body := range []string{`{,"type":"contact"}`, `{, "type":"contact"}`, `{,"team_id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"}`, `{,"id":1}`, `{,}`} {
		t.Run(row.Name(body), func(t *testing.T) {
			require.Equal(t, reference.CheckPatch([]byte(body)).(contact.Errors)[0].Meta, contact.CheckPatch([]byte(body)).(contact.Errors)[0].Meta)
			require.Equal(t, []string{"syntax "}, faults(t, contact.CheckPatch([]byte(body))), body)
			require.Equal(t, []string{"syntax "}, faults(t, contact.Check([]byte(body))), body)
		})
	}

	// Nor are two commas, wherever the first is.
	for f := range contact.AllFields.All() {
		body := []byte(`{"` + f.String() + `":null,,"id":null}`)
		require.Equal(t, []string{"syntax "}, faults(t, contact.CheckPatch(body)), "%s", body)
	}

	// Nor is a member without a comma, after whatever.
	for _, member := range []string{`"x":1`, `"type":"contact"`, `"team_id":1`, `"meta_public":{}`, `"city":"a"`} {
		t.Run(row.Name(member), func(t *testing.T) {
			body := []byte(`{` + member + `"state":"a value of more than thirty characters"}`)
			for _, r := range []contact.Options{{}, {IgnoreUnknown: true}} {
				require.Equal(t, []string{"syntax "}, faults(t, r.CheckPatch(body)), "%s", body)
			}
		})
	}
}

// TestBlocks: what a contact keeps stands side by side, wherever its arrays stand in the body.
func TestBlocks(t *testing.T) {
	for n := range 9 {
		ids := strings.TrimSuffix(strings.Repeat(`"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9",`, n), ",")
		keys := strings.TrimSuffix(strings.Repeat(`"key",`, n), ",")
		body := `{"unique_id":"u","active_journey_ids":[` + ids + `],"completed_objective_keys":[` + keys + `],"name_first":"Ana","city":"Oak Park","state":"IL"}`
		p := MustParsePatch(t, []byte(body))
		require.Equal(t, `{"unique_id":"u","name_first":"Ana","city":"Oak Park","state":"IL","active_journey_ids":[`+ids+`],"completed_objective_keys":[`+keys+`]}`, string(p.AppendJSON(nil)))
	}
}

// TestLongTexts: what is long has memory of its own, in whatever manner it is written.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("long ", 200)
	escaped := strings.Repeat(`\u006cong `, 200)
	for _, text := range []string{long, escaped, `\n` + long, "short", `\u0073hort`} {
		t.Run(row.Name(text), func(t *testing.T) {
			members := `"address":"` + text + `","meta_public":{"a":["` + long + `","` + text + `"]},"completed_objective_keys":["` + text + `","k"]`
			p := MustParsePatch(t, []byte("{"+members+"}"))
			spaced := MustParsePatch(t, []byte("{ "+strings.ReplaceAll(strings.ReplaceAll(members, `":`, `": `), `",`, `" ,`)+"\n}"))
			require.Equal(t, string(p.AppendJSON(nil)), string(spaced.AppendJSON(nil)))
			require.JSONEq(t, "{"+members+"}", string(p.AppendJSON(nil)))
		})
	}
}

// TestManyMetaErrors: what a team's rules find takes its place among the other errors, and no more of it is kept than of those.
func TestManyMetaErrors(t *testing.T) {
	o := contact.Options{CheckMeta: func(contact.Object) contact.Errors {
		return slices.Repeat(contact.Errors{{Pointer: "/a"}}, 150)
	}}
	body := strings.Replace(minimalText, `"meta_public":{},`, "", 1)
	body = `{"completed_objective_keys":[1],"meta_public":{},"city":7,` + strings.Replace(body[1:], `"completed_objective_keys":[]`, `"country":7`, 1)
	found := faults(t, o.Check([]byte(body)))
	require.Equal(t, []string{"type /city", "type /country", "meta /meta_public/a"}, found[:3])
	require.Equal(t, []string{"meta /meta_public/a", "truncated "}, found[99:])
	o.MaxErrors = 200
	found = faults(t, o.Check([]byte(body)))
	require.Len(t, found, 153)
	require.Equal(t, "type /completed_objective_keys/0", found[152])
}
