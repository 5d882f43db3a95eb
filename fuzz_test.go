package contact_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/reference"
	"github.com/partner-contacts/contact/internal/tree"
	"github.com/partner-contacts/contact/schema"
)

// seed adds the sample documents, and bytes that make the generator begin in each of its ways.
func seed(f *testing.F) {
	for _, name := range []string{"contact.json", "patch.json", "invalid-patch.json"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, data := range [][]byte{nil, {1, 2, 3}, {2, 1, 0, 1}, {3, 20, 4, 7}} {
		f.Add(data)
	}
	for change := range byte(24) {
		f.Add([]byte{3, 19, change, 7, 30, change, 9, 33, change, 4})
	}
}

// FuzzDifferential holds the fast engine to the reference engine: the same verdict, rules, pointers and offsets.
func FuzzDifferential(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		compareEngines(t, data)
		compareEngines(t, contacttest.FromBytes(data).Body())
	})
}

// FuzzParse holds the functions that judge a body to one another, and what they return to its text.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, body := range [][]byte{data, contacttest.FromBytes(data).Body()} {
			for _, rules := range []contact.Options{{}, {IgnoreUnknown: true}, {RequireComplete: true}, {MaxErrors: 2, MaxDepth: 3}, {MaxErrors: -1, MaxDepth: -1, MaxBytes: -1}} {
				parseAgrees(t, rules, body)
			}
			fieldsAgree(t, body)
		}
	})
}

// marker stands in everything that FuzzNoLeak sends, and in no text of ours.
const marker = "86753098675309"

// FuzzNoLeak sends a marker as any value, header or parameter. It must not come back in any error, the same input must
// give the same output, and every envelope must be of its schema.
func FuzzNoLeak(f *testing.F) {
	seed(f)
	existing, err := contact.Parse(contacttest.FromBytes(nil).Body())
	if err != nil {
		f.Fatal(err)
	}
	strict := contact.Options{CheckMeta: schema.MetaChecker(teamSchema(f))}
	f.Fuzz(func(t *testing.T, data []byte) {
		body := contacttest.FromBytes(data).WithMarker(marker)
		calls := map[string]func() error{
			"Check":         func() error { return contact.Check(body) },
			"Check Meta":    func() error { return strict.Check(body) },
			"Parse":         func() error { _, err := contact.Parse(body); return err },
			"Parse Meta":    func() error { _, err := strict.Parse(body); return err },
			"ParseStored":   func() error { _, err := contact.ParseStored(body); return err },
			"CheckPatch":    func() error { return contact.CheckPatch(body) },
			"ParsePatch":    func() error { _, err := contact.ParsePatch(body); return err },
			"Complete":      func() error { return contact.Options{RequireComplete: true}.CheckPatch(body) },
			"IgnoreUnknown": func() error { return contact.Options{IgnoreUnknown: true}.CheckPatch(body) },
			"limits":        func() error { return contact.Options{MaxErrors: 3, MaxDepth: 4, MaxBytes: 2000}.Check(body) },
			"reference":     func() error { return reference.Check(body) },
			"reference of a patch": func() error {
				return reference.CheckPatch(body)
			},
			"ParseUpdate": func() error {
				_, err := contact.ParseUpdate(contact.UpdateRequest{
					PathID: marker, Scopes: []string{marker, contacthttp.ScopeUpdate}, ContentType: "application/json; a=" + marker,
					IdempotencyKey: marker, Body: body,
				})
				return err
			},
			"ParseUpdate of a type": func() error {
				_, err := contact.ParseUpdate(contact.UpdateRequest{Scopes: []string{contacthttp.ScopeUpdate}, ContentType: marker, Body: body})
				return err
			},
			"ParseUpdate of a scope": func() error {
				_, err := contact.ParseUpdate(contact.UpdateRequest{Scopes: []string{marker}, Body: body})
				return err
			},
			"Merge": func() error {
				p, err := contact.ParsePatch(body)
				if err != nil {
					return err
				}
				_, _, err = strict.Merge(existing, p, time.Time{})
				return err
			},
			"Diff": func() error {
				c, err := contact.ParseStored(body)
				if err != nil {
					return err
				}
				if _, err := contact.Diff(existing, c); err != nil {
					return err
				}
				_, _, err = contact.Merge3(c, existing, c, nil)
				return err
			},
			"UnmarshalJSON of a contact": func() error { return new(contact.Contact).UnmarshalJSON(body) },
			"UnmarshalJSON of a patch":   func() error { return new(contact.Patch).UnmarshalJSON(body) },
			"UnmarshalJSON of an object": func() error { return new(contact.Object).UnmarshalJSON(body) },
			"ParseID":                    func() error { _, err := contact.ParseID(string(body)); return err },
			"ParseDate":                  func() error { _, err := contact.ParseDate(string(body)); return err },
			"ParseTimestamp":             func() error { _, err := contact.ParseTimestamp(string(body)); return err },
		}
		for _, m := range members(body) {
			if field, ok := contact.FieldByName(m.name); ok {
				calls["CheckField "+m.name] = func() error { return contact.Options{}.CheckField(field, m.value) }
			}
		}
		for _, err := range namedErrors(contact.Field(len(body)%contact.AllFields.Len()), body) {
			require.NotContains(t, err.Error(), marker, "a log would hold a name that the client chose")
		}
		checked := map[string]bool{} // most calls find the same
		for name, call := range calls {
			err := call()
			text := errorText(err)
			if again := errorText(call()); text != again {
				t.Errorf("%s of %s: first %s, then %s", name, body, text, again)
			}
			if checked[text] {
				continue
			}
			checked[text] = true
			if strings.Contains(text, marker) {
				t.Errorf("%s of %s: the error holds what was sent: %s", name, body, text)
			}
			if errs, ok := err.(contact.Errors); ok {
				checkEnvelope(t, errs)
			}
		}
	})
}

// bodyWith prints a document with the text as its meta_public, if the text can be one.
func bodyWith(g *maker, doc tree.Object, text string) []byte {
	if len(text) > 4<<10 || (contact.Options{}).CheckField(contact.FieldMetaPublic, []byte(text)) != nil {
		return g.document(doc)
	}
	doc = doc.With("meta_public", tree.Absent)
	body := `{"meta_public":` + text
	if len(doc) > 0 {
		body += ","
	}
	return append([]byte(body), g.document(doc)[1:]...)
}

func steered(data []byte) *maker { return &maker{contacttest.FromBytes(data)} }

var metaSeeds = []string{
	``, `{}`, `{"a":1}`, `{"a":{"b":1}}`, `{"a":null}`, `{"a":{"b":null}}`, `{"a":{}}`, `{"a":[null,{"b":null}]}`, `{"a/b":1,"x~y":2}`,
	`{"\u0061":"\ud83d\ude00","b":"\/"}`, ` { "a" : [ 1 , 1.0 , 1e400 ] } `, `{"a":{"b":{"c":{"d":1}}},"b":[{"c":1,"d":2}]}`,
	`{"k0":0,"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10,"k11":11,"k12":12,"k13":13,"k14":14,"k15":15,"k16":16}`,
}

func FuzzMerge(f *testing.F) {
	for i, target := range metaSeeds {
		for j, patch := range metaSeeds {
			f.Add([]byte{byte(i), byte(j), 3, 1, 4, 1, 5, 9, 2, 6}, target, patch)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, target, patch string) {
		g := steered(data)
		doc := g.contact()
		now := g.time()
		patchDoc := g.patch(doc)
		checkMerge(t, bodyWith(g, doc, target), bodyWith(g, patchDoc, patch), now)
	})
}

func FuzzDiff(f *testing.F) {
	for i, from := range metaSeeds {
		for j, to := range metaSeeds {
			f.Add([]byte{byte(i), byte(j), 3, 1, 4, 1, 5, 9, 2, 6}, from, to)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, from, to string) {
		g := steered(data)
		doc := g.contact()
		edited := g.edit(doc)
		checkDiff(t, bodyWith(g, doc, from), bodyWith(g, edited, to))
	})
}

func FuzzMerge3(f *testing.F) {
	for i, base := range metaSeeds {
		for j, ours := range metaSeeds {
			f.Add([]byte{byte(i), byte(j), 3, 1, 4, 1, 5, 9, 2, 6}, base, ours, metaSeeds[(i+j+1)%len(metaSeeds)])
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, base, ours, theirs string) {
		g := steered(data)
		doc := g.contact()
		a, b := g.edit(doc), g.edit(doc)
		checkMerge3(t, bodyWith(g, doc, base), bodyWith(g, a, ours), bodyWith(g, b, theirs))
	})
}

func FuzzValues(f *testing.F) {
	for _, s := range valueSeeds {
		f.Add(s)
	}
	f.Fuzz(checkValues)
}

// namedErrors returns what the library says of a body with the marker as the name of members, on the
// outside and inside of the value of f.
func namedErrors(f contact.Field, body []byte) (errs []error) {
	inside := `{"` + marker + `":1,"` + marker + `":2}`
	named := []byte(`{"` + f.String() + `":` + inside + `,"` + marker + `":` + inside + `,` + string(body[min(1, len(body)):]))
	for _, judge := range []func([]byte) error{
		contact.Check, contact.CheckPatch, checkStored, reference.CheckPatch,
		func(body []byte) error {
			_, _, err := contact.AppendMerge(nil, body, []byte("{}"), time.Time{})
			return err
		},
		func(body []byte) error { return contact.Options{}.CheckField(f, []byte("["+inside+"]")) },
	} {
		if err := judge(named); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// TestNamesInErrors is FuzzNoLeak's check of names for each field.
func TestNamesInErrors(t *testing.T) {
	for f := range contact.AllFields.All() {
		errs := namedErrors(f, []byte(`{"x":[]}`))
		require.Greater(t, len(errs), 3, f)
		for _, err := range errs {
			require.NotContains(t, err.Error(), marker)
			require.NotContains(t, err.Error(), "at byte", "this is about names")
		}
	}
}
