package contact_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
)

// sameAsSteps holds AppendMerge to what the functions that it stands for do one after another.
func sameAsSteps(t *testing.T, r contact.Options, document, body []byte, now time.Time) {
	t.Helper()
	const before = "dst"
	documentBefore, bodyBefore := string(document), string(body)
	got, changed, err := r.AppendMerge([]byte(before), document, body, now)
	require.Equal(t, documentBefore, string(document), "the document after the merge")
	require.Equal(t, bodyBefore, string(body), "the body after the merge")

	var merged *contact.Contact
	var wantChanged contact.FieldSet
	p, wantErr := r.ParsePatch(body)
	if wantErr == nil {
		stored, storeErr := r.ParseStored(document)
		if storeErr != nil {
			require.ErrorContains(t, err, strings.TrimPrefix(storeErr.Error(), "contact: "))
			require.False(t, errors.As(err, new(contact.Errors)), "the store's fault is nobody else's")
			require.Equal(t, before, string(got))
			require.Zero(t, changed)
			return
		}
		merged, wantChanged, wantErr = r.Merge(stored, p, now)
	}
	require.Equal(t, wantErr, err, "%s\n%s", document, body)
	require.Equal(t, wantChanged.String(), changed.String(), "%s\n%s", document, body)
	want := before
	if err == nil {
		want = string(merged.AppendJSON([]byte(before)))
	}
	require.Equal(t, want, string(got), "%s\n%s", document, body)
}

// storedDocument writes a contact as some store may have it: its own document, or one with other spellings and white
// space, nulls and fields in another order.
func storedDocument(t *testing.T, g *dice, doc object) []byte {
	switch g.n(3) {
	case 0:
		return mustParse(t, g.printDocument(doc)).AppendJSON(nil)
	case 1:
		var members []string
		for _, m := range doc {
			value := g.print(m.value)
			if g.n(2) == 0 {
				text, err := json.Marshal(m.value)
				require.NoError(t, err)
				value = string(text)
			}
			members = append(members, manners[g.n(len(manners))](m.name, value))
		}
		for f := contact.FieldID; f <= lastField; f++ {
			if doc.get(f.String()) == absent && g.n(2) == 0 {
				members = append(members, manners[g.n(len(manners))](f.String(), "null"))
			}
		}
		return []byte("{" + strings.Join(members, ",") + "}")
	}
	return g.printDocument(doc)
}

func checkAppendMerge(t *testing.T, g *dice, now time.Time) {
	doc := g.contact()
	document, body := storedDocument(t, g, doc), g.printDocument(g.patch(doc))
	r := contact.Options{AllowStale: g.n(2) == 0, IgnoreUnknown: g.n(4) == 0, Complete: g.n(8) == 0}
	sameAsSteps(t, r, document, body, now)
	sameAsSteps(t, r, document, document, now)
	sameAsSteps(t, r, document, []byte("{}"), now)
	sameAsSteps(t, r, document, g.printDocument(g.contact()), now)
	f := contact.Field(g.n(int(lastField) + 1))
	w := wrong[f.Kind().String()]
	sameAsSteps(t, r, document, []byte(`{"`+f.String()+`":`+w[g.n(len(w))].text+`}`), now)
	sameAsSteps(t, r, body, body, now)
	unknown := append([]byte(`{"x":1,`), document[1:]...)
	sameAsSteps(t, r, unknown, body, now)
	sameAsSteps(t, contact.Options{MaxBytes: len(body)}, document, body, now)
	sameAsSteps(t, contact.Options{MaxBytes: 1}, document, body, now)
	r.MaxBytes, r.MaxDepth, r.MaxMeta, r.MaxErrors = g.n(3)*len(body), g.n(4), g.n(300), g.n(3)
	sameAsSteps(t, r, document, body, now)
}

func TestAppendMerge(t *testing.T) {
	random(t, func(t *testing.T, g *dice) { checkAppendMerge(t, g, someTime(g)) })
}

func FuzzAppendMerge(f *testing.F) {
	for i, text := range metaSeeds {
		f.Add([]byte{byte(i), 2, 7, 1, 8, 2, 8}, []byte(okaforDocument), []byte(`{"city":"\u0041","meta_public":`+text+`}`))
	}
	f.Add([]byte{1}, []byte(`{"city":,"state":"","id":"","city":"0000000000000000000000000000"}`), []byte(`{}`))
	f.Add([]byte{1}, []byte(strings.ReplaceAll(okaforDocument, "Chicago", `Chic\u0061go`)), []byte(`{"city":"Chicago"}`))
	f.Fuzz(func(t *testing.T, data, document, body []byte) {
		g := steered(data)
		now := someTime(g)
		sameAsSteps(t, contact.Options{}, document, body, now)
		sameAsSteps(t, contact.Options{AllowStale: true}, storedDocument(t, g, g.contact()), body, now)
		checkAppendMerge(t, g, now)
	})
}

const okaforDocument = `{"id":"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b","type":"contact","team_id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e",` +
	`"name_first":"María","city":"Chicago","birthdate":"1990-02-28","timezone":"America/Chicago","sms_verified":true,"sms_opted_in":true,` +
	`"sms_authorized":true,"sms_unsubscribed":false,"email_verified":true,"email_opted_in":false,"email_authorized":true,` +
	`"email_unsubscribed":false,"meta_public":{"score":12.50,"prefs":{"language":"es"}},"inserted_at":"2024-03-09T16:20:11.482913Z",` +
	`"updated_at":"2026-05-17T08:02:45.120004Z","active_journey_ids":["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"],"completed_objective_keys":["welcome"]}`

// TestAppendMergeRewrites: what is stored in another form than AppendJSON's is written anew, value by value.
func TestAppendMergeRewrites(t *testing.T) {
	for old, stored := range map[string]string{
		`"team_id":"0b9d`:               `"team_id":"0B9d`,
		`"id":"7c2e1f8a-4b5d`:           `"id":"7c2e\u0031f8a-4b5d`,
		`["3f2a1b0c-`:                   `["3f2a1b0C-`,
		`b0c9"]`:                        `b0c9" ]`,
		`"2024-03-09T16:20:11.482913Z"`: `"2024-03-09T16:20:11.4829130Z"`,
		`"inserted_at":"2024-03-09T16:20:11.482913Z`: `"inserted_at":"2024-03-09t16:20:11.482913Z`,
		`"2026-05-17T08:02:45.120004Z"`:              `"2026-05-17T08:02:45.120004z"`,
		`"city":"Chicago"`:                           `"city":"Chic\u0061go"`,
		`["welcome"]`:                                `["w\u0065lcome"]`,
		`{"score":12.50,`:                            `{ "score":12.50,`,
		`"sms_verified":true`:                        `"sms_verified": true`,
		`"email_verified":true`:                      `"email_verified":  true`,
		`"type":"contact"`:                           `"type":"cont\u0061ct"`,
		`"birthdate":"1990-02-28"`:                   `"birthdate":"1990-02-2\u0038"`,
		`"city"`:                                     `"phone_work":null,"city"`,
	} {
		rewritten(t, strings.Replace(okaforDocument, old, stored, 1))
	}
	// Each digit of each id in upper case.
	ids := `["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","abcdefab-cdef-4abc-abcd-efabcdefabcd","abcdefab-cdef-4abc-abcd-efabcdefabcd","abcdefab-cdef-4abc-abcd-efabcdefabcd"]`
	canonical := strings.NewReplacer("7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", "abcdefab-cdef-4abc-abcd-efabcdefabcd", `["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"]`, ids).Replace(okaforDocument)
	digits := 0
	for i := range canonical {
		document := []byte(canonical)
		document[i] = strings.ToUpper(canonical[i : i+1])[0]
		if c, err := contact.ParseStored(document); err == nil && document[i] != canonical[i] && string(c.AppendJSON(nil)) == canonical {
			digits++
			sameAsSteps(t, contact.Options{}, document, []byte(`{}`), time.Time{})
		}
	}
	require.Greater(t, digits, 120)
	// A leap second, years of four zeros, fractions with too many digits.
	for _, at := range []string{"2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z", "2026-05-17T08:02:45.1234567891Z", "2026-05-17T08:02:45.000000001Z", "2026-05-17T08:02:45.0Z", "2026-05-17T08:02:45+00:00"} {
		document := strings.Replace(okaforDocument, "2024-03-09T16:20:11.482913Z", at, 1)
		sameAsSteps(t, contact.Options{}, []byte(document), []byte(`{"state":"IL"}`), time.Now())
	}
}

// rewritten checks that a document, which is not in AppendJSON's form, becomes okaforDocument.
func rewritten(t *testing.T, document string) {
	require.NotEqual(t, okaforDocument, document)
	sameAsSteps(t, contact.Options{}, []byte(document), []byte(`{}`), time.Time{})
	sameAsSteps(t, contact.Options{}, []byte(document), []byte(`{"state":"IL"}`), time.Now())
	got, _, err := contact.AppendMerge(nil, []byte(document), []byte(`{}`), time.Time{})
	require.NoError(t, err)
	require.Equal(t, okaforDocument, string(got))
}

// TestAppendMergeBrokenDocument: whatever is wrong with the document, the error is plain and nothing else happens.
func TestAppendMergeBrokenDocument(t *testing.T) {
	for _, document := range []string{
		`{"city":,"state":"","id":"","city":"0000000000000000000000000000"}`,
		`{"city":,"x":0,"inserted_at":"","x":"0000000000000000000000000000"}`,
	} {
		sameAsSteps(t, contact.Options{}, []byte(document), []byte(`{}`), time.Time{})
	}
	for f := contact.FieldID; f <= lastField; f++ {
		for _, w := range wrong[f.Kind().String()] {
			for _, document := range []string{
				`{"` + f.String() + `":` + w.text + `,` + okaforDocument[1:],
				`{"city":1,"` + f.String() + `":` + w.text + `,` + okaforDocument[1:],
			} {
				sameAsSteps(t, contact.Options{}, []byte(document), []byte(`{}`), time.Time{})
				sameAsSteps(t, contact.Options{}, []byte(document), []byte(`{"`+f.String()+`":null}`), time.Time{})
			}
		}
	}
}

// TestAppendMergeLimits: a document may be of any size, unless the rules have a limit for it.
func TestAppendMergeLimits(t *testing.T) {
	large := []byte(strings.Replace(okaforDocument, "Chicago", strings.Repeat("x", 1<<20), 1))
	_, changed, err := contact.AppendMerge(nil, large, []byte(`{"state":"IL"}`), time.Time{})
	require.NoError(t, err)
	require.Equal(t, "state", changed.String())
	for _, most := range []int{len(large) - 1, len(large)} {
		r := contact.Options{MaxBytes: most}
		sameAsSteps(t, r, large, []byte(`{"state":"IL"}`), time.Time{})
		_, _, err := r.AppendMerge(nil, large, []byte(`{}`), time.Time{})
		require.Equal(t, most == len(large), err == nil)
		_, _, err = r.AppendMerge(nil, []byte(okaforDocument), []byte(`{"city":"`+strings.Repeat("x", most-11+1)+`"}`), time.Time{})
		require.Equal(t, contact.RuleSize, err.(contact.Errors)[0].Rule)
		_, _, err = r.AppendMerge(nil, []byte(okaforDocument), []byte(`{"city":"`+strings.Repeat("x", most-11)+`"}`), time.Time{})
		require.NoError(t, err)
	}
}

// TestAppendMergeKeepsNothing: a call leaves nothing behind for the next, whatever it was about.
func TestAppendMergeKeepsNothing(t *testing.T) {
	document := []byte(okaforDocument)
	want, changed, err := contact.AppendMerge(nil, document, []byte(`{"state":"IL"}`), time.Time{})
	require.NoError(t, err)
	require.Equal(t, "state", changed.String())
	for _, body := range []string{`{"meta_public":{"a":{"b":[1]}},"city":"Oak Park","last_seen_at":"2026-05-17T08:02:45Z"}`, `{"id":1}`, `{`} {
		contact.AppendMerge(nil, document, []byte(body), time.Now())
		got, _, err := contact.AppendMerge(nil, document, []byte(`{"state":"IL"}`), time.Time{})
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
	require.Panics(t, func() {
		contact.Options{CheckMeta: func(contact.Object) contact.Errors { panic("a rule of somebody's") }}.
			AppendMerge(nil, document, []byte(`{"meta_public":{"a":1}}`), time.Time{})
	})
	got, _, err := contact.AppendMerge(nil, document, []byte(`{"state":"IL"}`), time.Time{})
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}
