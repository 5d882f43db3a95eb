//go:build !wasm

package contact

import (
	"fmt"
	"io"
	"log/slog"
)

// What fmt and log/slog write of a contact or a patch holds ids and names of fields alone: a
// contact is personal data, and what is logged by accident is kept for years. Both look into
// fields that are exported only, so keep a Contact in no unexported field of a value that you
// print.

// present returns the fields that the contact has.
func (c *Contact) present() FieldSet {
	var set FieldSet
	for f := range fieldCount {
		if c.has(f) {
			set |= 1 << f
		}
	}
	return set
}

// String returns the contact's id. See [Contact.AppendJSON] for the whole of it.
func (c Contact) String() string { return "contact " + c.ID.String() }

// Format writes what String returns, whatever the verb is: no %v, %+v or %#v prints a person.
func (c Contact) Format(s fmt.State, _ rune) { io.WriteString(s, c.String()) }

// LogValue implements slog.LogValuer: the ids, and the names of the fields that the contact has.
func (c Contact) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", c.ID.String()),
		slog.String("team_id", c.TeamID.String()),
		slog.String("fields", c.present().String()),
	)
}

// String returns the names of the fields that the patch touches and of those that it clears. See
// [Patch.AppendJSON] for the whole of it.
func (p Patch) String() string {
	text := "patch of " + p.fields.String()
	if p.cleared != 0 {
		text += ", clearing " + p.cleared.String()
	}
	return text
}

// Format writes what String returns, whatever the verb is.
func (p Patch) Format(s fmt.State, _ rune) { io.WriteString(s, p.String()) }

// LogValue implements slog.LogValuer: the names of the fields that the patch touches and clears.
func (p Patch) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("fields", p.fields.String()),
		slog.String("cleared", p.cleared.String()),
	)
}

// LogValue implements slog.LogValuer: the id, and what [Patch.LogValue] has of the patch. The
// idempotency key is the client's own text, and stays out.
func (u Update) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("id", u.ID.String())}
	if u.Patch != nil {
		attrs = append(attrs, slog.Any("patch", *u.Patch))
	}
	return slog.GroupValue(attrs...)
}

// LogValue implements slog.LogValuer: the rule, and where the fault is, of the pointer the part
// that is made of names of fields and of indexes.
func (e Error) LogValue() slog.Value {
	return slog.GroupValue(slog.String("rule", string(e.Rule)), slog.String("at", e.place()))
}

// LogValue implements slog.LogValuer: the status, and of each error what [Error.LogValue] has, in
// one text.
func (es Errors) LogValue() slog.Value {
	faults := make([]string, len(es))
	for i, e := range es {
		faults[i] = string(e.Rule) + " " + e.place()
	}
	return slog.GroupValue(slog.Int("status", es.Status()), slog.Any("faults", faults))
}

// place says where the fault is, without what a client named.
func (e *Error) place() string {
	switch {
	case e.Parameter != "":
		return "path parameter " + e.Parameter
	case e.Header != "":
		return "header " + e.Header
	case e.Pointer != "":
		return string(e.appendKnown(nil))
	}
	return ""
}
