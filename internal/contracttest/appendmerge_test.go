package contracttest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/partner-contacts/contact/internal/tree"
)

func TestAppendMerge(t *testing.T) {
	random(t, func(t *testing.T, g *maker) { checkAppendMerge(t, g, g.time()) })
}

// TestAppendMergeCopies: what is stored in another form than AppendJSON's stays in it until a patch changes it.
func TestAppendMergeCopies(t *testing.T) {
	for old, stored := range map[string]string{
		`"team_id":"0b9d`:               `"team_id":"0B9d`,
		`"id":"7c2e1f8a-4b5d`:           `"id":"7c2e\u0031f8a-4b5d`,
		`["3f2a1b0c-`:                   `["3f2a1b0C-`,
		`b0c9"]`:                        `b0c9" ]`,
		`"2024-03-09T16:20:11.482913Z"`: `"2024-03-09T16:20:11.4829130Z"`,
		`"2026-05-17T08:02:45.120004Z"`: `"2026-05-17T08:02:45.120004z"`,
		`"city":"Chicago"`:              `"city":"Chic\u0061go"`,
		`["welcome"]`:                   `["w\u0065lcome"]`,
		`{"score":12.50,`:               `{ "score":12.50,`,
		`"sms_verified":true`:           `"sms_verified" : true`,
		`,"birthdate"`:                  "\r\n , \"birthdate\"",
		`,"email_verified"`:             `,"x":{"y" :[1]},"email_verified"`,
		`"city"`:                        `"phone_work":null,"city"`,
	} {
		t.Run(row.Name(old), func(t *testing.T) {
			document := strings.Replace(ShortDocument, old, stored, 1)
			require.NotEqual(t, ShortDocument, document)
			for _, same := range []string{`{}`, `{"name_first":"María"}`, ShortDocument} {
				got, changed, err := contact.AppendMerge(nil, []byte(" "+document+"\n"), []byte(same), noon)
				require.NoError(t, err)
				require.Zero(t, changed)
				require.Equal(t, " "+document+"\n", string(got))
			}
			sameAsSteps(t, contact.Options{}, []byte(document), []byte(`{"state":"IL"}`), time.Time{})
			got, changed, err := contact.AppendMerge(nil, []byte(document), []byte(`{"state":"IL"}`), time.Time{})
			require.NoError(t, err)
			require.Equal(t, "state", changed.String())
			require.Equal(t, document, strings.Replace(string(got), `,"state":"IL"`, "", 1))
		})
	}
}

// TestAppendMergePlaces: where members go, and what becomes of those around them.
func TestAppendMergePlaces(t *testing.T) {
	const at, later = `"updated_at":"2026-05-17T08:02:45Z"`, `"updated_at":"2026-06-01T12:00:00Z"`
	for _, c := range []struct{ document, body, merged, changed string }{
		{`{` + at + `}`, `{}`, `{` + at + `}`, ``},
		{` {` + at + `} `, `{}`, ` {` + at + `} `, ``},
		{`{` + at + `}`, `{"city":null}`, `{` + at + `}`, ``},
		{"\n \t{" + at + "}\r\n", `{"city":"x"}`, "\n \t{" + `"city":"x",` + later + "}\r\n", `city,updated_at`},
		{" {" + at + ` , "city":"x"} `, `{"city":null}`, " {" + later + ` } `, `city,updated_at`},
		{`{"id":5,` + at + `}`, `{"unique_id":"x"}`, `{"id":5,"unique_id":"x",` + later + `}`, `unique_id,updated_at`},
		{`{"city":"x","name_first":"y",` + at + `}`, `{"name_first":null,"county":"z"}`, `{"city":"x","county":"z",` + later + `}`, `name_first,county,updated_at`},
		{`{` + at + `}`, `{"city":"x"}`, `{"city":"x",` + later + `}`, `city,updated_at`},
		{`{ ` + at + ` }`, `{"city":"x","last_seen_at":"2026-01-01T00:00:00Z"}`, `{"city":"x", ` + later + ` ,"last_seen_at":"2026-01-01T00:00:00Z"}`, `city,updated_at,last_seen_at`},
		{`{"city":"x",` + at + `}`, `{"city":null}`, `{` + later + `}`, `city,updated_at`},
		{"{\n\"city\" : \"x\" ,\n" + at + "\n}", `{"city":null}`, "{\n" + later + "\n}", `city,updated_at`},
		{"{\n\"city\" : \"x\" ,\n" + at + "\n}", `{"city":"\u0079"}`, "{\n\"city\" : \"y\" ,\n" + later + "\n}", `city,updated_at`},
		{`{` + at + `,"city":"x"}`, `{"city":null,"state":"IL","address2":"2"}`, `{"address2":"2",` + later + `,"state":"IL"}`, `address2,city,state,updated_at`},
		{`{"city":"x",` + at + `,"address":"a"}`, `{"state":"s","address2":"b","city":null}`, `{"state":"s",` + later + `,"address":"a","address2":"b"}`, `address2,city,state,updated_at`},
		{`{"x":1,` + at + `}`, `{"city":"x"}`, `{"city":"x","x":1,` + later + `}`, `city,updated_at`},
		{`{"x":1,"city":"x","y":2,` + at + `,"z":3}`, `{"city":null,"state":"IL"}`, `{"x":1,"state":"IL","y":2,` + later + `,"z":3}`, `city,state,updated_at`},
		{`{"c\u0069ty":"x","city2":1,` + at + `}`, `{"city":"y"}`, `{"c\u0069ty":"y","city2":1,` + later + `}`, `city,updated_at`},
		{`{"city":null,` + at + `}`, `{"city":null}`, `{"city":null,` + at + `}`, ``},
		{`{"city":null,` + at + `}`, `{"city":"x"}`, `{"city":"x",` + later + `}`, `city,updated_at`},
		// Values that cannot be read.
		{`{"birthdate":"",` + at + `}`, `{"city":"x"}`, `{"city":"x","birthdate":"",` + later + `}`, `city,updated_at`},
		{`{"birthdate":"",` + at + `}`, `{"birthdate":null}`, `{` + later + `}`, `birthdate,updated_at`},
		{`{"birthdate":"",` + at + `}`, `{"birthdate":"2000-02-29"}`, `{"birthdate":"2000-02-29",` + later + `}`, `birthdate,updated_at`},
		{`{"city":[{"a":1}],"sms_verified":null,"sms_opted_in":0,"active_journey_ids":["",1,null],"completed_objective_keys":null,` + at + `}`,
			`{"city":"x","sms_verified":false,"sms_opted_in":false,"sms_authorized":false,"active_journey_ids":[],"completed_objective_keys":[]}`,
			`{"city":"x","sms_verified":false,"sms_opted_in":false,"sms_authorized":false,"active_journey_ids":[],"completed_objective_keys":[],` + later + `}`,
			`city,sms_verified,sms_opted_in,sms_authorized,updated_at,active_journey_ids,completed_objective_keys`},
		{`{"meta_public":null,` + at + `}`, `{"meta_public":{"a":1,"b":null}}`, `{"meta_public":{"a":1},` + later + `}`, `meta_public,updated_at`},
		{`{"meta_public":null,` + at + `}`, `{"meta_public":{}}`, `{"meta_public":{},` + later + `}`, `meta_public,updated_at`},
		{`{` + at + `}`, `{"meta_public":{"a":1}}`, `{"meta_public":{"a":1},` + later + `}`, `meta_public,updated_at`},
		{`{"meta_public":[],` + at + `}`, `{"city":"x"}`, `{"city":"x","meta_public":[],` + later + `}`, `city,updated_at`},
		{`{"id":5,"type":"lead",` + at + `}`, `{"city":"x"}`, `{"id":5,"type":"lead","city":"x",` + later + `}`, `city,updated_at`},
	} {
		t.Run(row.Name(c.document), func(t *testing.T) {
			got, changed, err := contact.AppendMerge(nil, []byte(c.document), []byte(c.body), noon)
			require.NoError(t, err, "%s %s", c.document, c.body)
			require.Equal(t, c.merged, string(got), "%s %s", c.document, c.body)
			require.Equal(t, c.changed, changed.String(), "%s %s", c.document, c.body)
			sameAsSteps(t, contact.Options{}, []byte(c.document), []byte(c.body), noon)
		})
	}
}

// TestAppendMergeNullMeta: a stored meta_public of null, or none, is merged like {} by the model and by Merge, and it counts
// as different: the patch repairs the document.
func TestAppendMergeNullMeta(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		patch := g.value(contact.FieldMetaPublic)
		body := g.document(tree.Object{{Name: "meta_public", Value: patch}})
		stored := Minimal(t)
		stored.MetaPublic = ""
		merged, changed, err := contact.Merge(stored, MustParsePatch(t, body), noon)
		require.NoError(t, err)
		want := refMerge(tree.Object{}, patch)
		require.True(t, tree.Same(want, decode(t, must(merged.MetaPublic.MarshalJSON()))))
		require.Equal(t, len(want.(tree.Object)) > 0, changed.Has(contact.FieldMetaPublic), "for Merge \"\" is {}")
		document := decodeObject(t, stored.AppendJSON(nil))
		for _, broken := range []tree.Object{document.With("meta_public", nil), document.With("meta_public", tree.Absent)} {
			got, changed, err := contact.AppendMerge(nil, g.document(broken), body, noon)
			require.NoError(t, err)
			require.Equal(t, "meta_public,updated_at", changed.String())
			require.True(t, tree.Same(want, decodeObject(t, got).Get("meta_public")), "%s", got)
			again, changed, err := contact.AppendMerge(nil, got, body, noon)
			require.NoError(t, err)
			require.Zero(t, changed)
			require.Equal(t, string(got), string(again))
			_, err = contact.ParseStored(got)
			require.NoError(t, err, "it is repaired")
		}
	})
}

// TestAppendMergeStoreErrors: what AppendMerge needs of a document and cannot read is the store's fault.
func TestAppendMergeStoreErrors(t *testing.T) {
	const at = `"updated_at":"2026-05-17T08:02:45Z"`
	for _, c := range []struct{ document, body, faults string }{
		{``, `{}`, `syntax `}, {`{`, `{}`, `syntax `}, {`[]`, `{}`, `type `}, {`null`, `{}`, `type `}, {`{` + at + `}x`, `{}`, `syntax `},
		{`{"city":,` + at + `}`, `{}`, `syntax `}, {`{"a":1 "b":2,` + at + `}`, `{}`, `syntax `}, {`{` + at + `,}`, `{}`, `syntax `}, {`{` + at, `{}`, `syntax `},
		{`{"x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `,` + at + `}`, `{}`, `depth `},
		{`{}`, `{}`, `required /updated_at`}, {`{"updated_at":null}`, `{}`, `null /updated_at`}, {`{"updated_at":1}`, `{"city":"x"}`, `type /updated_at`},
		{`{"updated_at":"x"}`, `{"updated_at":"2026-05-17T08:02:45Z"}`, `timestamp /updated_at`},
		{`{"city":"x","city":"x",` + at + `}`, `{}`, `duplicate /city`}, {`{"x":1,"\u0078":1,` + at + `}`, `{}`, `duplicate /x`},
		{`{"city":{"a":1,"a":2},"x":[{"b":1,"b":1}],` + at + `}`, `{"city":"x"}`, `duplicate /city/a duplicate /x/0/b`},
		{`{"city":1,"city":"x","city":1,` + at + `,"birthdate":"","birthdate":1}`, `{"birthdate":null,"city":null}`, `duplicate /city duplicate /city duplicate /birthdate`},
		{`{"meta_public":{"a":1,"a":2},` + at + `}`, `{"meta_public":{}}`, `duplicate /meta_public/a`},
		{`{"meta_public":[],` + at + `}`, `{"meta_public":{}}`, `type /meta_public`},
		{`{"meta_public":"x","updated_at":""}`, `{"meta_public":{}}`, `type /meta_public timestamp /updated_at`},
	} {
		t.Run(row.Name(c.document), func(t *testing.T) {
			got, changed, err := contact.AppendMerge([]byte("dst"), []byte(c.document), []byte(c.body), noon)
			var fault *contact.StoreError
			require.ErrorAs(t, err, &fault, "%s", c.document)
			require.False(t, errors.As(err, new(contact.Errors)), "the store's fault is nobody else's")
			require.Equal(t, c.faults, strings.Join(faults(t, fault.Errors()), " "), "%s", c.document)
			require.Equal(t, "dst", string(got))
			require.Zero(t, changed)
			sameAsSteps(t, contact.Options{}, []byte(c.document), []byte(c.body), noon)
		})
	}
	// Identity that cannot be read is unlike any other; whatever is wrong with the body comes first.
	_, _, err := contact.AppendMerge(nil, []byte(`{"id":5,`+at+`}`), []byte(`{"id":"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b","type":"contact"}`), noon)
	require.Equal(t, []string{"immutable /id", "immutable /type"}, faults(t, err))
	_, _, err = contact.AppendMerge(nil, []byte(`{`), []byte(`{"id":5}`), noon)
	require.Equal(t, []string{"type /id"}, faults(t, err))
}

// TestAppendMergeBrokenDocument: whatever is wrong with the value of a field blocks nothing but itself.
func TestAppendMergeBrokenDocument(t *testing.T) {
	for f := contact.FieldID; f <= lastField; f++ {
		for _, w := range wrong[f.Kind().String()] {
			for _, document := range []string{
				`{"` + f.String() + `":` + w.text + `,` + ShortDocument[1:],
				strings.Replace(ShortDocument, `{"id"`, `{"`+f.String()+`":`+w.text+`,"was"`, 1),
				`{"city":1,"` + f.String() + `":` + w.text + `,"was` + ShortDocument[2:],
			} {
				sameAsSteps(t, contact.Options{}, []byte(document), []byte(`{}`), time.Time{})
				sameAsSteps(t, contact.Options{}, []byte(document), []byte(`{"`+f.String()+`":null}`), time.Time{})
				sameAsSteps(t, contact.Options{}, []byte(document), []byte(`{"state":"IL"}`), time.Time{})
			}
		}
	}
}

// TestAppendMergeLimits: a document may be of any size, whatever the limit of bodies is: they add up.
func TestAppendMergeLimits(t *testing.T) {
	large := []byte(strings.Replace(ShortDocument, "Chicago", strings.Repeat("x", 1<<20), 1))
	_, changed, err := contact.AppendMerge(nil, large, []byte(`{"state":"IL"}`), time.Time{})
	require.NoError(t, err)
	require.Equal(t, "state", changed.String())
	for _, most := range []int{len(large) - 1, len(large)} {
		t.Run(row.Name(most), func(t *testing.T) {
			r := contact.Options{MaxBytes: most}
			sameAsSteps(t, r, large, []byte(`{"state":"IL"}`), time.Time{})
			_, _, err := r.AppendMerge(nil, large, []byte(`{}`), time.Time{})
			require.NoError(t, err)
			_, _, err = r.AppendMerge(nil, []byte(ShortDocument), []byte(`{"city":"`+strings.Repeat("x", most-11+1)+`"}`), time.Time{})
			require.Equal(t, contact.RuleSize, err.(contact.Errors)[0].Rule)
			_, _, err = r.AppendMerge(nil, []byte(ShortDocument), []byte(`{"city":"`+strings.Repeat("x", most-11)+`"}`), time.Time{})
			require.NoError(t, err)
		})
	}
}

// TestAppendMergeDocumentLimit: the limit for documents is one for growing, and white space before one does not count.
func TestAppendMergeDocumentLimit(t *testing.T) {
	document := strings.Replace(ShortDocument, `"birthdate"`, `"state":"IL","birthdate"`, 1)
	for _, c := range []struct {
		most  int
		state string
		fits  bool
	}{
		{len(document), "IN", true}, {len(document), "ILL", false}, {len(document) + 1, "ILL", true},
		{10, "IN", true}, {10, "I", true}, {10, "ILL", false},
	} {
		t.Run(row.Name(c.state), func(t *testing.T) {
			r := contact.Options{MaxDocument: c.most}
			_, _, err := r.AppendMerge(nil, []byte(strings.Repeat(" ", 100)+document), []byte(`{"state":"`+c.state+`"}`), time.Time{})
			require.Equal(t, c.fits, err == nil, "%+v: %v", c, err)
		})
	}
}

// TestAppendMergeKeepsNothing: a call leaves nothing behind for the next, whatever it was about.
func TestAppendMergeKeepsNothing(t *testing.T) {
	document := []byte(ShortDocument)
	want, changed, err := contact.AppendMerge(nil, document, []byte(`{"state":"IL"}`), time.Time{})
	require.NoError(t, err)
	require.Equal(t, "state", changed.String())
	for _, body := range []string{`{"meta_public":{"a":{"b":[1]}},"city":"Oak Park","last_seen_at":"2026-05-17T08:02:45Z"}`, `{"id":1}`, `{`} {
		t.Run(row.Name(body), func(t *testing.T) {
			contact.AppendMerge(nil, document, []byte(body), time.Now())
			got, _, err := contact.AppendMerge(nil, document, []byte(`{"state":"IL"}`), time.Time{})
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
		})
	}
	require.Panics(t, func() {
		contact.Options{CheckMeta: func(contact.Object) contact.Errors { panic("a rule of somebody's") }}.
			AppendMerge(nil, document, []byte(`{"meta_public":{"a":1}}`), time.Time{})
	})
	got, _, err := contact.AppendMerge(nil, document, []byte(`{"state":"IL"}`), time.Time{})
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

// TestStoredVersion: what ParseStored has of a document, and of one that it refuses, too, as long as the version is
// there.
func TestStoredVersion(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		document := g.document(g.contact())
		version, err := contact.StoredVersion(document)
		require.NoError(t, err)
		require.Equal(t, must(contact.ParseStored(document)).UpdatedAt, version)
	})
	want := time.Date(2026, 5, 17, 8, 2, 45, 0, time.UTC)
	for _, document := range []string{
		`{"updated_at":"2026-05-17T08:02:45Z"}`,
		` {"UPDATED_AT":"x","updated\u005fat":"2026-05-17t10:02:45+02:00","Updated_at":1,"city":7,"meta_public":null} `,
	} {
		t.Run(row.Name(document), func(t *testing.T) {
			version, err := contact.StoredVersion([]byte(document))
			require.NoError(t, err, document)
			require.Equal(t, want, version)
		})
	}
	for _, document := range []string{
		``, `{`, `[]`, `null`, `{}`, `{"updated_at":null}`, `{"updated_at":"2026-05-17"}`, `{"Updated_at":"2026-05-17T08:02:45Z"}`,
		`{"updated_at":"2026-05-17T08:02:45Z","updated_at":"2026-05-17T08:02:45Z"}`, `{"updated_at":"2026-05-17T08:02:45Z"}x`,
	} {
		t.Run(row.Name(document), func(t *testing.T) {
			version, err := contact.StoredVersion([]byte(document))
			var stored *contact.StoreError
			require.ErrorAs(t, err, &stored, document)
			require.Zero(t, version)
		})
	}
}
