//go:build !contact_small

package contact

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/partner-contacts/contact/internal/limits"

	"github.com/partner-contacts/contact/internal/scan"
)

// A PatchBuilder makes a [Patch] in Go, field by field. It writes only the fields that are named,
// so no consent flag is written by accident. [PatchBuilder.Patch] returns the errors of all calls.
// For one field the last call counts, though [ErrField] and [ErrTime] of earlier ones stay, except
// for meta_public, where each call continues the one before, as [Patch.Then] does.
type PatchBuilder struct {
	values *builderValues
}

type builderValues struct {
	texts  [fieldCount][]byte // the JSON value of each field that has one
	errs   [fieldCount]Errors
	faults []error // the program's
}

// all returns the values of the builder, whose zero value is ready to use.
func (b *PatchBuilder) all() *builderValues {
	if b.values == nil {
		b.values = new(builderValues)
	}
	return b.values
}

// NewPatch returns a builder of a patch that changes nothing yet.
func NewPatch() *PatchBuilder { return new(PatchBuilder) }

// unlimited are the options for patches made in Go; the receiving service checks the limits.
var unlimited = Options{MaxBytes: -1, MaxDepth: -1}

// set validates and records the JSON value of a field.
func (b *PatchBuilder) set(f Field, value []byte) *PatchBuilder {
	errs, _ := unlimited.CheckField(f, value).(Errors)
	errs.pointTo(f)
	if f == FieldMetaPublic && errs == nil {
		text, _ := Object(value).compact() // composeMeta takes compact texts
		value = []byte(text)
	}
	return b.record(f, value, errs)
}

// pointTo makes errors that are about the text of a value point to its field.
func (es Errors) pointTo(f Field) {
	for i := range es {
		if e := &es[i]; e.Pointer == "" {
			e.Pointer = f.pointer()
		}
	}
}

// record stores errs for a field, or its JSON value if errs is nil.
func (b *PatchBuilder) record(f Field, value []byte, errs Errors) *PatchBuilder {
	if f != FieldMetaPublic {
		b.all().texts[f], b.all().errs[f] = value, errs
		return b
	}
	if before := b.all().texts[f]; before != nil && errs == nil {
		value, errs = composeMeta(string(before), string(value))
	}
	if errs == nil {
		b.all().texts[f] = value
	}
	b.all().errs[f] = append(b.all().errs[f], errs...)
	return b
}

// addFault records a fault of the program.
func (b *PatchBuilder) addFault(fault error) *PatchBuilder {
	b.all().faults = append(b.all().faults, fault)
	return b
}

// Set sets a field to a value. The value of meta_public is merged. Set accepts these types, by the
// kind of the field:
//
//	id                       ID, string
//	date                     Date, string
//	timestamp                time.Time, string
//	string, timezone, enum   string
//	constant                 string
//	boolean                  bool
//	object                   Object
//	ids                      []ID
//	strings                  []string
//
// The first type is the one that [Contact.Get] returns. A string is the content of the JSON string,
// validated as [ParsePatch] validates it. A pointer to a value is as good as the value. nil and a
// nil pointer clear the field, as Clear does. So Set accepts each field of a [Contact], and the
// values that [Patch.Get] returns.
func (b *PatchBuilder) Set(f Field, value any) *PatchBuilder {
	switch {
	case b == nil:
		return nil
	case f >= fieldCount:
		return b.addFault(fmt.Errorf("%w: %d", errNoField, f))
	case value == nil:
		return b.Clear(f)
	}
	if !stringFields.Has(f) && firstBytes[f.Kind()] == '"' {
		switch text, ok, null := as[string](value); {
		case ok:
			return b.set(f, scan.AppendString(nil, text, false))
		case null:
			return b.Clear(f)
		}
	}
	var c Contact
	ok, null := c.set(f, value)
	switch {
	case null:
		return b.Clear(f)
	case !ok:
		return b.addFault(fmt.Errorf("%w: %v takes %s, not %T", errGoType, f, goTypes[f.Kind()], value))
	case c.unset(f):
		return b.addFault(checkTime(f, c.timestamp(f)))
	}
	if errs, broken := c.checkEncodable(1 << f).(Errors); broken {
		return b.record(f, nil, errs)
	}
	return b.set(f, c.appendValue(nil, f))
}

// goTypes are the types that Set accepts for each kind.
var goTypes = [...]string{
	KindID:        "contact.ID or string",
	KindConstant:  "string",
	KindString:    "string",
	KindDate:      "contact.Date or string",
	KindTimezone:  "string",
	KindTimestamp: "time.Time or string",
	KindBoolean:   "bool",
	KindObject:    "contact.Object",
	KindIDs:       "[]contact.ID",
	KindStrings:   "[]string",
	KindEnum:      "string",
}

// set sets a field if the value is of its Go type, or a pointer to that. It reports whether it is,
// and whether it is a nil pointer.
func (c *Contact) set(f Field, value any) (ok, null bool) {
	switch f.Kind() {
	case KindID:
		*c.idAt(f), ok, null = as[ID](value)
	case KindString, KindTimezone, KindEnum:
		*c.stringAt(f) = new(string)
		**c.stringAt(f), ok, null = as[string](value)
	case KindDate:
		*c.dateAt(f) = new(Date)
		**c.dateAt(f), ok, null = as[Date](value)
	case KindTimestamp:
		t := new(time.Time)
		if *t, ok, null = as[time.Time](value); RequiredFields.Has(f) {
			*c.timeAt(f) = *t
		} else {
			*c.optionalTimeAt(f) = t
		}
	case KindBoolean:
		*c.boolAt(f), ok, null = as[bool](value)
	case KindObject:
		*c.objectAt(f), ok, null = as[Object](value)
	case KindIDs:
		*c.idsAt(f), ok, null = as[[]ID](value)
	case KindStrings:
		*c.stringsAt(f), ok, null = as[[]string](value)
	}
	return ok, null
}

// as returns the value as a T if it is one or a pointer to one. null reports a nil pointer to a T.
func as[T any](value any) (v T, ok, null bool) {
	switch value := value.(type) {
	case T:
		return value, true, false
	case *T:
		if value == nil {
			return v, false, true
		}
		return *value, true, false
	}
	return v, false, false
}

// SetText sets a field from text, such as the cell of a table. A string field takes the text
// unchanged. For other kinds white space around the text is ignored. A flag is true or false in any
// case, as spreadsheets write them. meta_public and the arrays are JSON. An error in that JSON is
// of rule syntax at the field, with an offset into the trimmed text. An empty text is a value like
// any other: the caller decides whether an empty cell leaves a field alone or clears it.
func (b *PatchBuilder) SetText(f Field, text string) *PatchBuilder {
	if b == nil {
		return nil
	}
	trimmed := strings.TrimSpace(text)
	switch f.Kind() {
	case KindString, kindUnknown:
		return b.Set(f, text)
	case KindBoolean:
		flag := strings.ToLower(trimmed)
		if flag != "true" && flag != "false" {
			e := NewError(RuleType, f.pointer())
			e.Detail = messageFlag.text()
			return b.record(f, nil, Errors{e})
		}
		return b.set(f, []byte(flag))
	case KindObject, KindIDs, KindStrings:
		return b.set(f, []byte(trimmed))
	}
	return b.set(f, scan.AppendString(nil, trimmed, false))
}

// Clear sets an optional field to null.
func (b *PatchBuilder) Clear(f Field) *PatchBuilder {
	switch {
	case b == nil:
		return nil
	case f >= fieldCount:
		return b.addFault(fmt.Errorf("%w: %d", errNoField, f))
	}
	return b.set(f, []byte(null))
}

// Patch returns the patch. If a call broke the API, the error wraps [ErrField], or [ErrTime] for
// the zero time. Otherwise it is an [Errors] with every fault, as [ParsePatch] returns for the same
// body. A nil builder is [ErrNil].
func (b *PatchBuilder) Patch() (*Patch, error) {
	if b == nil {
		return nil, ErrNil
	}
	if b.all().faults != nil {
		return nil, errors.Join(b.all().faults...)
	}
	var errs Errors
	for _, e := range b.all().errs {
		errs = append(errs, e...)
	}
	if errs != nil {
		return nil, cut(errs, limits.MaxErrors)
	}
	body := []byte{'{'}
	for f, text := range b.all().texts {
		if text == nil {
			continue
		}
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(scan.AppendString(body, Field(f).String(), false), ':')
		body = append(body, text...)
	}
	return unlimited.ParsePatch(append(body, '}'))
}
