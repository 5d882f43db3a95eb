//go:build !contact_small

package contact

import (
	"encoding/json"
	"iter"

	"github.com/partner-contacts/contact/internal/mergepatch"
	"github.com/partner-contacts/contact/internal/scan"
)

// A Change is one place in which two states of a contact differ.
type Change struct {
	Field   Field  `json:"field"`
	Op      string `json:"op"`      // add, replace or remove, as in JSON Patch (RFC 6902 §4)
	Pointer string `json:"pointer"` // RFC 6901: to the field, or to the member of meta_public

	// The JSON text on each side; "" where there is none. As JSON it is that value itself.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// A rawChange is a Change with raw JSON values.
type rawChange struct {
	Field   Field           `json:"field"`
	Op      string          `json:"op"`
	Pointer string          `json:"pointer"`
	Before  json.RawMessage `json:"before,omitempty"`
	After   json.RawMessage `json:"after,omitempty"`
}

// MarshalJSON returns the members field, op, pointer, and before and after where there is a value.
// A text that is no JSON, out of a contact that was made in Go, becomes a string.
func (c Change) MarshalJSON() ([]byte, error) {
	return json.Marshal(rawChange{c.Field, c.Op, c.Pointer, raw(c.Before), raw(c.After)})
}

func raw(text string) json.RawMessage {
	if text != "" && !json.Valid([]byte(text)) {
		return scan.AppendString(nil, text, false)
	}
	return json.RawMessage(text)
}

// UnmarshalJSON reads the output of MarshalJSON. Values keep their spelling.
func (c *Change) UnmarshalJSON(text []byte) error {
	if c == nil {
		return ErrNil
	}
	var r rawChange
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	*c = Change{r.Field, r.Op, r.Pointer, string(r.Before), string(r.After)}
	return nil
}

func newChange(f Field, pointer, before, after string) Change {
	op := "replace"
	switch {
	case before == "":
		op = "add"
	case after == "":
		op = "remove"
	}
	return Change{f, op, pointer, before, after}
}

// Changes yields the differences between two states of a contact, for an audit log or an event. It
// reports one change per field, and per member inside meta_public. It uses the same equality as
// [Merge]. A member of meta_public whose path is longer than 1,000 bytes is compared as a whole, so
// that the size of all changes stays in proportion to the contacts. UnknownMembers is ignored,
// because no update changes it. A nil contact has no fields: use nil for a contact that is created
// or deleted.
func Changes(before, after *Contact) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for f := range fieldCount {
			if before != nil && after != nil && before.equal(after, f) {
				continue
			}
			from, fromObject := before.textOf(f)
			to, toObject := after.textOf(f)
			if fromObject && toObject {
				if !mergepatch.Changes(from, to, func(path []string, from, to string) bool {
					return yield(newChange(f, fullPointer(path), from, to))
				}) {
					return
				}
				continue
			}
			if from == to && (before == nil || after == nil) {
				continue // absent on both sides
			}
			if !yield(newChange(f, f.pointer(), from, to)) {
				return
			}
		}
	}
}

// textOf returns the JSON text of f, "" if there is none, and whether it is an object.
func (c *Contact) textOf(f Field) (text string, isObject bool) {
	switch {
	case c == nil:
		return "", false
	case f != FieldMetaPublic:
		return c.text(f), false
	}
	if text, ok := c.MetaPublic.compact(); ok {
		return text, true
	}
	return string(c.MetaPublic), false
}

// fullPointer returns the pointer to the member of meta_public at path. It is not truncated: an
// audit log needs all of it.
func fullPointer(path []string) string {
	dst := []byte(FieldMetaPublic.pointer())
	for _, name := range path {
		dst = scan.AppendToken(append(dst, '/'), name, len(name))
	}
	return string(dst)
}

// Redacted returns the change without its values, and with only the part of its pointer that no
// client chose. Use it where personal data must not be kept. Two members of meta_public are then
// indistinguishable. The values of all fields are removed, because consents and times are personal
// data too.
func (c Change) Redacted() Change {
	return Change{Field: c.Field, Op: c.Op, Pointer: redactPointer(c.Pointer)}
}

// redactPointer returns the part of a pointer that no client chose.
func redactPointer(pointer string) string {
	if pointer == "" {
		return ""
	}
	at := Error{Pointer: pointer}
	return string(at.appendRedacted(nil))
}
