//go:build !contact_small

package contact

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// fmt and log/slog print only ids, names of fields, rules and counts of the types in this package.
// A contact is personal data, and a log is kept for years. Each type with data of a person has a
// Format, which fmt calls for every verb, and a LogValue.
//
// Two leaks no type can prevent: slog.JSONHandler calls MarshalJSON on anything inside a slice, map
// or struct; fmt prints unexported fields raw. LogValue has a value receiver, so a nil pointer
// panics inside slog, which logs the panic. A string or an [Object] taken out of a contact is a
// value like any other.

// format writes a text as fmt writes a string for the verbs that it has for strings, and as it is
// for all others.
func format(s fmt.State, verb rune, text string) {
	switch {
	case verb == 's', verb == 'q', verb == 'x', verb == 'X', verb == 'v' && !s.Flag('#'):
		fmt.Fprintf(s, fmt.FormatString(s, verb), text)
	default:
		io.WriteString(s, text)
	}
}

// summary returns the contact's id. See [Contact.AppendJSON] for the whole of it.
func (c Contact) summary() string { return "contact " + c.ID.String() }

// Format writes the summary, whatever the verb is: no %v, %+v or %#v prints a person.
func (c Contact) Format(s fmt.State, verb rune) { format(s, verb, c.summary()) }

// LogValue implements slog.LogValuer: the ids, and the names of the fields that the contact has.
func (c Contact) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", c.ID.String()),
		slog.String("team_id", c.TeamID.String()),
		slog.String("fields", c.present().String()),
	)
}

// summary returns the names of the fields that the patch touches and of those that it clears. See
// [Patch.AppendJSON] for the whole of it.
func (p Patch) summary() string {
	text := "patch of " + p.fields.String()
	if p.cleared != 0 {
		text += ", clearing " + p.cleared.String()
	}
	return text
}

// Format writes the summary, whatever the verb is.
func (p Patch) Format(s fmt.State, verb rune) { format(s, verb, p.summary()) }

// LogValue implements slog.LogValuer: the names of the fields that the patch touches and clears.
func (p Patch) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("fields", p.fields.String()),
		slog.String("cleared", p.cleared.String()),
	)
}

// Format writes that it is a builder: its values were not validated yet. For a verb that is wrong
// fmt would follow the pointer to them.
func (b PatchBuilder) Format(s fmt.State, verb rune) { format(s, verb, "patch builder") }

// summary returns the id and the summary of the patch. The idempotency key is the client's own text
// and is left out.
func (u Update) summary() string {
	text := "update of " + u.ID.String()
	if u.Patch != nil {
		text += ": " + u.Patch.summary()
	}
	return text
}

// Format writes the summary, whatever the verb is.
func (u Update) Format(s fmt.State, verb rune) { format(s, verb, u.summary()) }

// LogValue implements slog.LogValuer: the id and the [Patch.LogValue] of the patch.
func (u Update) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("id", u.ID.String())}
	if u.Patch != nil {
		attrs = append(attrs, slog.Any("patch", *u.Patch))
	}
	return slog.GroupValue(attrs...)
}

// summary returns how long the body is: all else is the client's own text, and not judged yet.
func (r UpdateRequest) summary() string {
	return "update request of " + strconv.Itoa(len(r.Body)) + " bytes"
}

// Format writes the summary, whatever the verb is.
func (r UpdateRequest) Format(s fmt.State, verb rune) { format(s, verb, r.summary()) }

// LogValue implements slog.LogValuer: the summary.
func (r UpdateRequest) LogValue() slog.Value { return slog.StringValue(r.summary()) }

// Format writes that it is a condition: the tags are the client's own text. For a verb that is
// wrong fmt would follow the pointer to them.
func (c Condition) Format(s fmt.State, verb rune) { format(s, verb, "condition") }

// summary returns the operation and the redacted pointer.
func (c Change) summary() string { return c.Op + " " + redactPointer(c.Pointer) }

// Format writes the summary, whatever the verb is.
func (c Change) Format(s fmt.State, verb rune) { format(s, verb, c.summary()) }

// LogValue implements slog.LogValuer: the field, the operation and the redacted pointer.
func (c Change) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("field", c.Field.String()),
		slog.String("op", c.Op),
		slog.String("pointer", redactPointer(c.Pointer)),
	)
}

// summary returns where the conflict is, of the pointer the part that no client chose.
func (c Conflict) summary() string { return "conflict at " + redactPointer(c.Pointer) }

// Format writes the summary, whatever the verb is.
func (c Conflict) Format(s fmt.State, verb rune) { format(s, verb, c.summary()) }

// LogValue implements slog.LogValuer: the field, and where in it.
func (c Conflict) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("field", c.Field.String()),
		slog.String("pointer", redactPointer(c.Pointer)),
	)
}

// Format writes the text of Error, whatever the verb is: the pointer may hold names that the client
// chose.
func (e Error) Format(s fmt.State, verb rune) { format(s, verb, e.Error()) }

// Format writes the text of Error, whatever the verb is.
func (es Errors) Format(s fmt.State, verb rune) { format(s, verb, es.Error()) }

// Format writes the text of Error, whatever the verb is.
func (e StoreError) Format(s fmt.State, verb rune) { format(s, verb, e.Error()) }

// LogValue implements slog.LogValuer: the rule, and the pointer, parameter or header where the
// fault is, of the pointer the part that is made of names of fields and of indexes.
func (e Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("rule", string(e.Rule))}
	switch {
	case e.Parameter != "":
		attrs = append(attrs, slog.String("parameter", e.Parameter))
	case e.Header != "":
		attrs = append(attrs, slog.String("header", e.Header))
	case e.Pointer != "":
		attrs = append(attrs, slog.String("pointer", e.location()))
	}
	return slog.GroupValue(attrs...)
}

// LogValue implements slog.LogValuer: the status, and the rule and place of each error.
func (es Errors) LogValue() slog.Value {
	faults := make([]string, len(es))
	for i, e := range es {
		faults[i] = string(e.Rule) + " " + e.location()
	}
	return slog.GroupValue(slog.Int("status", es.Status()), slog.Any("faults", faults))
}

// location returns the place of the fault, without names that a client chose.
func (e *Error) location() string {
	switch {
	case e.Parameter != "":
		return "path parameter " + e.Parameter
	case e.Header != "":
		return "header " + e.Header
	case e.Pointer != "":
		return string(e.appendRedacted(nil))
	}
	return ""
}
