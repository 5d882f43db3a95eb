package contracttest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
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
