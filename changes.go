//go:build !wasm

package contact

import (
	"iter"
	"log/slog"

	"github.com/partner-contacts/contact/internal/mergepatch"
	"github.com/partner-contacts/contact/internal/scan"
)

// A Change is one place in which two states of a contact differ.
type Change struct {
	Field         Field
	Pointer       string // a JSON Pointer (RFC 6901) to the field, or to the member of meta_public
	Before, After string // the JSON text on each side; "" where there is none
}

// Changes yields what differs between two states of a contact: for an audit log, or for an event.
// It goes by field, in meta_public to the member, and holds the same for equal as [Merge], whose
// changed are the fields of it. A contact that is nil has nothing: one of the two is for a
// contact that is made or deleted.
func Changes(before, after *Contact) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for f := range fieldCount {
			if before != nil && after != nil && before.equal(after, f) {
				continue
			}
			from, to := before.textOf(f), after.textOf(f)
			if f == FieldMetaPublic && isObject(from) && isObject(to) {
				if !mergepatch.Changes(from, to, func(way []string, from, to string) bool {
					return yield(Change{f, wholePointer(way), from, to})
				}) {
					return
				}
				continue
			}
			if from == to && (before == nil || after == nil) {
				continue // neither has it
			}
			if !yield(Change{f, f.pointer(), from, to}) {
				return
			}
		}
	}
}

// textOf returns the JSON text of f, "" if there is none.
func (c *Contact) textOf(f Field) string {
	if c == nil {
		return ""
	}
	if f == FieldMetaPublic {
		if text, ok := c.MetaPublic.compact(); ok {
			return text
		}
		return string(c.MetaPublic)
	}
	return c.text(f)
}

func isObject(text string) bool { return text != "" && text[0] == '{' }

// wholePointer returns the pointer to what the names lead to in meta_public. It is not cut: what
// is audited is the program's own.
func wholePointer(way []string) string {
	dst := []byte(FieldMetaPublic.pointer())
	for _, name := range way {
		dst = scan.AppendToken(append(dst, '/'), name, len(name))
	}
	return string(dst)
}

// Redacted returns the change without its values and, of the pointer, with the part alone that no
// client chose: what may be kept where personal data may not.
func (c Change) Redacted() Change {
	at := Error{Pointer: c.Pointer}
	return Change{Field: c.Field, Pointer: string(at.appendKnown(nil))}
}

// LogValue implements slog.LogValuer: what is left of the change when it is [Change.Redacted].
func (c Change) LogValue() slog.Value { return slog.StringValue(c.Redacted().Pointer) }
