package contracttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/tree"
)

// sameAsSteps holds AppendMerge to the functions that it combines, called one after another: byte for byte for a
// document that AppendJSON wrote, by the contact that ParseStored reads for any other. For all the rest it
// holds it to its own promises.
func sameAsSteps(t *testing.T, r contact.Options, document, body []byte, now time.Time) {
	t.Helper()
	const before = "dst"
	documentBefore, bodyBefore := string(document), string(body)
	got, changed, err := r.AppendMerge([]byte(before), document, body, now)
	require.Equal(t, documentBefore, string(document), "the document after the merge")
	require.Equal(t, bodyBefore, string(body), "the body after the merge")
	require.True(t, strings.HasPrefix(string(got), before))
	if err != nil {
		require.Equal(t, before, string(got))
		require.Zero(t, changed)
	}

	p, patchErr := r.ParsePatch(body)
	if patchErr != nil {
		require.Equal(t, patchErr, err, "%s\n%s", document, body)
		return
	}
	stored, storeErr := r.ParseStored(document)
	if storeErr != nil {
		var fault *contact.StoreError
		if errors.As(err, &fault) && r.MaxErrors == 0 {
			// A reader accepts the last version, although no update can follow it.
			faults := slices.DeleteFunc(fault.Errors(), func(e contact.Error) bool { return e.MessageKey() == "timestamp.last" })
			require.Subset(t, storeErr.(*contact.StoreError).Errors(), faults, "no fault that a reader has not")
		}
		if err == nil {
			keepsTheRest(t, document, got[len(before):], p, changed)
		}
		return
	}
	merged, wantChanged, wantErr := r.Merge(stored, p, now)
	require.Equal(t, wantErr, err, "%s\n%s", document, body)
	require.Equal(t, wantChanged.String(), changed.String(), "%s\n%s", document, body)
	if err != nil {
		return
	}
	got = got[len(before):]
	keepsTheRest(t, document, got, p, changed)
	want := string(merged.AppendJSON(nil))
	if string(stored.AppendJSON(nil)) == string(document) {
		require.Equal(t, want, string(got), "%s\n%s", document, body)
		return
	}
	again, err := contact.ParseStored(got)
	require.NoError(t, err, "%s", got)
	require.Equal(t, want, string(again.AppendJSON(nil)), "%s\n%s", document, body)
}

// keepsTheRest checks that nothing has become of the members that a patch does not have, but for the version: not their
// text, not their order, not the white space around them.
func keepsTheRest(t *testing.T, document, merged []byte, p *contact.Patch, changed contact.FieldSet) {
	t.Helper()
	require.True(t, json.Valid(merged), "%s", merged)
	require.Zero(t, changed&^p.Fields()&^contact.FieldsOf(contact.FieldUpdatedAt))
	if changed == 0 {
		require.Equal(t, string(document), string(merged))
	}
	const space = " \t\r\n"
	body, rest := strings.Trim(string(document), space), strings.Trim(string(merged), space)
	require.Equal(t, strings.Split(string(document), body), strings.Split(string(merged), rest), "the white space around it")
	require.Equal(t, untouched(t, document, changed), untouched(t, merged, changed), "%s\n%s", document, merged)
}

// untouched returns the members of a document that a merge did not change, verbatim.
func untouched(t *testing.T, document []byte, changed contact.FieldSet) (members []string) {
	d := json.NewDecoder(bytes.NewReader(document))
	_, err := d.Token()
	require.NoError(t, err)
	for d.More() {
		name, err := d.Token()
		require.NoError(t, err)
		var value json.RawMessage
		require.NoError(t, d.Decode(&value))
		if f, known := contact.FieldByName(name.(string)); !known || !changed.Has(f) {
			members = append(members, name.(string)+":"+string(value))
		}
	}
	return members
}

// storedDocument writes a contact as some store may have it: its own document, or one with other spellings and white
// space, nulls and fields in another order.
func storedDocument(t *testing.T, g *maker, doc tree.Object) []byte {
	switch g.n(3) {
	case 0:
		return mustParse(t, g.document(doc)).AppendJSON(nil)
	case 1:
		var members []string
		for _, m := range doc {
			value := g.print(m.Value)
			if g.n(2) == 0 {
				text, err := json.Marshal(m.Value)
				require.NoError(t, err)
				value = string(text)
			}
			members = append(members, manners[g.n(len(manners))](m.Name, value))
		}
		for f := contact.FieldID; f <= lastField; f++ {
			if doc.Get(f.String()) == tree.Absent && g.n(2) == 0 {
				members = append(members, manners[g.n(len(manners))](f.String(), "null"))
			}
		}
		return []byte("{" + strings.Join(members, ",") + "}")
	}
	return g.document(doc)
}

func checkAppendMerge(t *testing.T, g *maker, now time.Time) {
	doc := g.contact()
	document, body := storedDocument(t, g, doc), g.document(g.patch(doc))
	r := contact.Options{AllowStale: g.n(2) == 0, IgnoreUnknown: g.n(4) == 0, RequireComplete: g.n(8) == 0}
	sameAsSteps(t, r, document, body, now)
	sameAsSteps(t, r, document, document, now)
	sameAsSteps(t, r, document, []byte("{}"), now)
	sameAsSteps(t, r, document, g.document(g.contact()), now)
	f := g.field()
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
