package contracttest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
)

// These tests notice changes of the code that the other tests did not: .ci/tools/mutate made them.

// TestFieldAfterTheLast: the number after the last field's is no field.
func TestFieldAfterTheLast(t *testing.T) {
	after := contact.Field(contact.AllFields.Len())
	for name, b := range map[string]*contact.PatchBuilder{
		"Set":     contact.NewPatch().Set(after, "x"),
		"SetText": contact.NewPatch().SetText(after, "x"),
		"Clear":   contact.NewPatch().Clear(after),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.Patch()
			require.ErrorIs(t, err, contact.ErrField)
		})
	}
}

// TestChangesOfOneContact: a field that neither side has is no change, whichever side is nil.
func TestChangesOfOneContact(t *testing.T) {
	c := must(contact.Parse(fullBody(t)))
	c.City, c.Birthdate = nil, nil
	want := contact.AllFields.Len() - 2
	added, removed := changesOf(nil, c), changesOf(c, nil)
	require.Len(t, added, want)
	require.Len(t, removed, want)
	for i := range added {
		require.Equal(t, "add", added[i].Op)
		require.NotEmpty(t, added[i].After)
		require.Equal(t, "remove", removed[i].Op)
		require.Equal(t, added[i].After, removed[i].Before)
	}
}

// TestRedactedWithoutPointer: the zero Change can be redacted.
func TestRedactedWithoutPointer(t *testing.T) {
	require.Equal(t, contact.Change{Field: contact.FieldCity}, contact.Change{Field: contact.FieldCity}.Redacted())
}

// TestMediaTypeBytes: the bit that tells the case of a letter also tells control characters from punctuation.
func TestMediaTypeBytes(t *testing.T) {
	for contentType, accepted := range map[string]bool{
		"APPLICATION/JSON":                true,
		"Application/Merge-Patch+JSON":    true,
		"application\x0fjson":             false,
		"application/merge\rpatch+json":   false,
		"application/merge-patch\x0bjson": false,
		"application/jso":                 false,
		"application/jsonx":               false,
	} {
		t.Run(row.Name(contentType), func(t *testing.T) {
			r := request()
			r.ContentType = contentType
			_, err := contact.ParseUpdate(r)
			if accepted {
				require.NoError(t, err)
				return
			}
			require.Equal(t, contact.RuleMediaType, err.(contact.Errors)[0].Rule)
		})
	}
}

// TestNoCondition: without header fields there is no condition, and nothing that JSON would lose.
func TestNoCondition(t *testing.T) {
	require.Equal(t, contact.Condition{}, contact.ParseCondition("", "", ""))
	require.Equal(t, contact.Condition{}, contact.ParseCondition("", "", "yesterday"))
	text, err := json.Marshal(contact.ParseCondition("", "", ""))
	require.NoError(t, err)
	require.Equal(t, "{}", string(text))
}

// TestEntityTags: where a list can be read, an If-None-Match that does not have the version is met; where it cannot, it
// is not (RFC 9110 §8.8.3: any visible character but the quote, and those from U+0080).
func TestEntityTags(t *testing.T) {
	for list, readable := range map[string]bool{
		`""`:               true,
		`W/""`:             true,
		`"!"`:              true,
		`"~"`:              true,
		"\"\u0080\"":       true,
		`"a" , "b"`:        true,
		`x"`:               false,
		`xx"a"`:            false,
		`W"a"`:             false,
		"\"\x7f\"":         false,
		"\"\x1f\"":         false,
		`"a" "b"`:          false,
		`"a", x, "b"`:      false,
		`"a", W/`:          false,
		`"a", "unfinished`: false,
		`"`:                false,
		`" , "a"`:          false,
	} {
		t.Run(row.Name(list), func(t *testing.T) {
			err := contact.ParseCondition("", list, "").Check(aVersion)
			if readable {
				require.NoError(t, err)
				return
			}
			errs := err.(contact.Errors)
			require.Equal(t, "precondition.tags", errs[0].MessageKey())
		})
	}
}

// TestLeapSecondInDate: a second 60 is read as the second after it, as in a timestamp.
func TestLeapSecondInDate(t *testing.T) {
	version := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, date := range []string{"Sat, 31 Dec 2016 23:59:60 GMT", "Saturday, 31-Dec-16 23:59:60 GMT", "Sat Dec 31 23:59:60 2016"} {
		t.Run(row.Name(date), func(t *testing.T) {
			c := contact.ParseCondition("", "", date)
			require.NoError(t, c.Check(version))
			require.Error(t, c.Check(version.Add(time.Nanosecond)))
		})
	}
}

// TestDocumentLimitCounts: a document over MaxDocument that grows is refused, whatever makes it large. Merge estimates
// the size before it writes the document; AppendMerge has written it.
func TestDocumentLimitCounts(t *testing.T) {
	control, plain := strings.Repeat("\x01", 2000), strings.Repeat("x", 9000) // a document has six bytes for \x01
	for name, fill := range map[string]func(c *contact.Contact){
		"a string":            func(c *contact.Contact) { c.State = &control },
		"strings of an array": func(c *contact.Contact) { c.CompletedObjectiveKeys = []string{control} },
		"a plain array":       func(c *contact.Contact) { c.CompletedObjectiveKeys = []string{plain} },
		"meta_public":         func(c *contact.Contact) { c.MetaPublic = contact.Object(`{"a":"` + plain + `"}`) },
		"unknown members":     func(c *contact.Contact) { c.UnknownMembers = contact.Object(`{"later":"` + plain + `"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			existing := Minimal(t)
			fill(existing)
			o, patch := contact.Options{MaxDocument: 8000}, []byte(`{"city":"Oslo"}`)
			_, _, err := o.Merge(existing, MustParsePatch(t, patch), noon)
			require.Equal(t, []string{"size "}, faults(t, err))
			_, _, err = o.AppendMerge(nil, existing.AppendJSON(nil), patch, noon)
			require.Equal(t, []string{"size "}, faults(t, err))
		})
	}
}
