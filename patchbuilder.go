//go:build !contact_small

package contact

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/partner-contacts/contact/internal/limits"

	"github.com/partner-contacts/contact/internal/scan"
)

// A PatchBuilder makes a [Patch] in Go, field by field. It writes only the fields that are named,
// so no consent flag is written by accident. [PatchBuilder.Patch] returns the errors of all calls.
// For one field the last call counts, except for meta_public, where each call continues the one
// before, as [Patch.Then] does.
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
	for i := range errs {
		if e := &errs[i]; e.Pointer == "" { // of the text
			e.Pointer = f.pointer()
		}
	}
	if f == FieldMetaPublic && errs == nil {
		text, _ := Object(value).compact() // composeMeta takes compact texts
		value = []byte(text)
	}
	return b.record(f, value, errs)
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

// Set sets a field to a value of the Go type that [Contact.Get] returns for it. A value for
// meta_public is merged.
func (b *PatchBuilder) Set(f Field, value any) *PatchBuilder {
	if f >= fieldCount {
		return b.addFault(fmt.Errorf("%w: %d", errNoField, f))
	}
	if text, ok := value.(string); ok && f.Kind() == KindConstant {
		return b.set(f, scan.AppendString(nil, text, false))
	}
	if at, ok := value.(time.Time); ok && at.IsZero() && f.Kind() == KindTimestamp {
		return b.addFault(errZeroTime)
	}
	var c Contact
	if !c.set(f, value) {
		return b.addFault(fmt.Errorf("%w: %v takes %v, not %T", errGoType, f, goType(f), value))
	}
	if errs, broken := c.checkEncodable(1 << f).(Errors); broken {
		return b.record(f, nil, errs)
	}
	return b.set(f, c.appendValue(nil, f))
}

// goType returns the type of f's values.
func goType(f Field) reflect.Type {
	if f.Kind() == KindConstant {
		return reflect.TypeFor[string]()
	}
	t := reflect.TypeOf(new(Contact).Ptr(f)).Elem()
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// set sets a field if the value is of its Go type, and reports whether it is.
func (c *Contact) set(f Field, value any) bool {
	switch p := c.Ptr(f).(type) {
	case *ID:
		return assign(p, value)
	case **string:
		*p = new(string)
		return assign(*p, value)
	case **Date:
		*p = new(Date)
		return assign(*p, value)
	case *time.Time:
		return assign(p, value)
	case **time.Time:
		*p = new(time.Time)
		return assign(*p, value)
	case *bool:
		return assign(p, value)
	case *Object:
		return assign(p, value)
	case *[]ID:
		return assign(p, value)
	case *[]string:
		return assign(p, value)
	}
	return false
}

func assign[T any](p *T, value any) (ok bool) {
	*p, ok = value.(T)
	return ok
}

// SetText sets a field from text, such as the cell of a table. A string field takes the text
// unchanged. For other kinds white space around the text is ignored. A flag is true or false in any
// case, as spreadsheets write them. meta_public and the arrays are JSON. An error in that JSON is
// of rule syntax at the field, with an offset into the trimmed text. An empty text is a value like
// any other: the caller decides whether an empty cell leaves a field alone or clears it.
func (b *PatchBuilder) SetText(f Field, text string) *PatchBuilder {
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
	if f >= fieldCount {
		return b.addFault(fmt.Errorf("%w: %d", errNoField, f))
	}
	return b.set(f, []byte(null))
}

// Patch returns the patch. If a call broke the API, the error wraps [ErrField] or [ErrTime].
// Otherwise it is an [Errors] with every fault, as [ParsePatch] returns for the same body.
func (b *PatchBuilder) Patch() (*Patch, error) {
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
