//go:build !wasm

package contact

import (
	"iter"
	"log/slog"
)

// A Change is one place in which two states of a contact differ.
type Change struct {
	Field         Field
	Pointer       string // a JSON Pointer (RFC 6901) to the field, or to the member of meta_public
	Before, After string // the JSON text on each side; "" where there is none
}

// Changes yields what differs between two states of a contact: for an audit log, or for an event. It
// goes by field, in meta_public to the member, and holds the same for equal as [Merge], whose changed
// are the fields of it. A contact that is nil has nothing: one of the two is for a contact that is
// made or deleted.
func Changes(before, after *Contact) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for f := range fieldCount {
			if before != nil && after != nil && before.equal(after, f) {
				continue
			}
			from, to := before.textOf(f), after.textOf(f)
			if f == FieldMetaPublic && isObject(from) && isObject(to) {
				if !changesIn(f.pointer(), from, to, yield) {
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

// changesIn yields what differs between two objects at a pointer. It reports whether to go on.
func changesIn(pointer, before, after string, yield func(Change) bool) bool {
	was, is := indexOf(before, nil), indexOf(after, nil)
	differ := func(name, from, to string) bool {
		at := appendTokenTo(pointer, name)
		switch {
		case isObject(from) && isObject(to):
			return changesIn(at, from, to, yield)
		case equalValues(from, to):
			return true
		}
		return yield(Change{FieldMetaPublic, at, from, to})
	}
	for _, m := range was.members {
		if !differ(m.name, m.value, is.get(m.name)) {
			return false
		}
	}
	for _, m := range is.members {
		if was.find(m.name) == nil && !differ(m.name, "", m.value) {
			return false
		}
	}
	return true
}

// Redacted returns the change without its values and, of the pointer, with the part alone that no
// client chose: what may be kept where personal data may not.
func (c Change) Redacted() Change {
	return Change{Field: c.Field, Pointer: string(appendKnown(nil, c.Pointer))}
}

// LogValue implements slog.LogValuer: what is left of the change when it is [Change.Redacted].
func (c Change) LogValue() slog.Value { return slog.StringValue(c.Redacted().Pointer) }
