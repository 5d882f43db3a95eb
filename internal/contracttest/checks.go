package contracttest

import (
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

// CheckDifferential compares the engine with the reference engine: the same verdict, rules, pointers and offsets.
func CheckDifferential(t *testing.T, data []byte) {
	compareEngines(t, data)
	compareEngines(t, contacttest.FromBytes(data).Body())
}

// CheckBodies compares the functions that validate a body with one another, and their results with its text.
func CheckBodies(t *testing.T, data []byte) {
	for _, body := range [][]byte{data, contacttest.FromBytes(data).Body()} {
		for _, rules := range []contact.Options{{}, {IgnoreUnknown: true}, {RequireComplete: true}, {MaxErrors: 2, MaxDepth: 3}, {MaxErrors: -1, MaxDepth: -1, MaxBytes: -1}} {
			parseAgrees(t, rules, body)
		}
		fieldsAgree(t, body)
	}
}

// marker is in every value that noLeak sends, and in no text of the library.
const marker = "86753098675309"

// NoLeak returns a check that sends a marker as any value, header or parameter. No error may hold it. The same input
// must give the same output, and the schema must accept every envelope.
func NoLeak(tb testing.TB) func(t *testing.T, data []byte) {
	existing := mustParse(tb, contacttest.FromBytes(nil).Body())
	strict := contact.Options{CheckMeta: schema.MetaChecker(teamSchema(tb))}
	return func(t *testing.T, data []byte) {
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
				CheckEnvelope(t, errs)
			}
		}
	}
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

// steered returns a maker that the bytes steer.
func steered(data []byte) *maker { return &maker{contacttest.FromBytes(data)} }

// MetaSeeds are texts of meta_public that fuzzing starts from.
var MetaSeeds = []string{
	``, `{}`, `{"a":1}`, `{"a":{"b":1}}`, `{"a":null}`, `{"a":{"b":null}}`, `{"a":{}}`, `{"a":[null,{"b":null}]}`, `{"a/b":1,"x~y":2}`,
	`{"\u0061":"\ud83d\ude00","b":"\/"}`, ` { "a" : [ 1 , 1.0 , 1e400 ] } `, `{"a":{"b":{"c":{"d":1}}},"b":[{"c":1,"d":2}]}`,
	`{"k0":0,"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10,"k11":11,"k12":12,"k13":13,"k14":14,"k15":15,"k16":16}`,
}

// CheckSteeredMerge checks a merge of two texts of meta_public, in a contact and a patch that the bytes steer.
func CheckSteeredMerge(t *testing.T, data []byte, target, patch string) {
	g := steered(data)
	doc := g.contact()
	now := g.time()
	patchDoc := g.patch(doc)
	checkMerge(t, bodyWith(g, doc, target), bodyWith(g, patchDoc, patch), now)
}

// CheckSteeredDiff checks the difference of two texts of meta_public, in contacts that the bytes steer.
func CheckSteeredDiff(t *testing.T, data []byte, from, to string) {
	g := steered(data)
	doc := g.contact()
	edited := g.edit(doc)
	checkDiff(t, bodyWith(g, doc, from), bodyWith(g, edited, to))
}

// CheckSteeredMerge3 checks a three-way merge of texts of meta_public, in contacts that the bytes steer.
func CheckSteeredMerge3(t *testing.T, data []byte, base, ours, theirs string) {
	g := steered(data)
	doc := g.contact()
	a, b := g.edit(doc), g.edit(doc)
	checkMerge3(t, bodyWith(g, doc, base), bodyWith(g, a, ours), bodyWith(g, b, theirs))
}

// namedErrors returns the errors of a body with the marker as the name of members, on the
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

// CheckSteeredAppendMerge compares AppendMerge with its steps, for any two texts and for ones that the bytes steer.
func CheckSteeredAppendMerge(t *testing.T, data, document, body []byte) {
	g := steered(data)
	now := g.time()
	sameAsSteps(t, contact.Options{}, document, body, now)
	sameAsSteps(t, contact.Options{AllowStale: true}, storedDocument(t, g, g.contact()), body, now)
	checkAppendMerge(t, g, now)
}
