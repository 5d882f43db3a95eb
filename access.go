//go:build !contact_small

package contact

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// Get returns the value of a field as the kind has it: an [ID], a string, a [Date], a time.Time,
// a bool, an [Object], a []ID or a []string; that of type is "contact". ok is false if the
// contact does not have the field. A slice is the contact's own: do not change it.
func (c *Contact) Get(f Field) (value any, ok bool) {
	if f >= fieldCount || !c.has(f) {
		return nil, false
	}
	switch fields[f].kind {
	case KindID:
		return *c.idAt(f), true
	case KindConstant:
		return typeConstant, true
	case KindString, KindTimezone, KindEnum:
		return **c.stringAt(f), true
	case KindDate:
		return **c.dateAt(f), true
	case KindTimestamp:
		return c.timestamp(f), true
	case KindBoolean:
		return *c.boolAt(f), true
	case KindObject:
		return *c.objectAt(f), true
	case KindIDs:
		return *c.idsAt(f), true
	}
	return *c.stringsAt(f), true
}

// Ptr returns a pointer to the Go field of f, such as **string for an optional string: what
// database/sql scans a column into. It is nil for type, which has no Go field.
func (c *Contact) Ptr(f Field) any {
	switch f.Kind() {
	case KindID:
		return c.idAt(f)
	case KindString, KindTimezone, KindEnum:
		return c.stringAt(f)
	case KindDate:
		return c.dateAt(f)
	case KindTimestamp:
		if RequiredFields.Has(f) {
			return c.timeAt(f)
		}
		return c.optionalTimeAt(f)
	case KindBoolean:
		return c.boolAt(f)
	case KindObject:
		return c.objectAt(f)
	case KindIDs:
		return c.idsAt(f)
	case KindStrings:
		return c.stringsAt(f)
	}
	return nil
}

// Get returns what the patch has for a field, as [Contact.Get] does, or nil where it clears the
// field. ok is false if the patch leaves the field alone. The value of meta_public is a merge
// patch itself.
func (p *Patch) Get(f Field) (value any, ok bool) {
	if !p.fields.Has(f) {
		return nil, false
	}
	if p.cleared.Has(f) {
		return nil, true
	}
	return p.contact.Get(f)
}

// Validate judges a contact that was made in Go as [Parse] judges one from outside, without the
// limits of size and depth, and refuses strings that are not valid UTF-8. Unknown, which nobody
// here can judge, is left out. The error is an [Errors], in the order of the fields.
func (c *Contact) Validate() error {
	if c == nil {
		return ErrNil
	}
	sound := c.present()
	errs, _ := c.checkEncodable(sound).(Errors)
	for _, e := range errs {
		f, _ := e.Field()
		sound &^= 1 << f
	}
	o := Options{MaxBytes: -1, MaxDepth: -1, MaxMeta: -1}
	if errs != nil {
		o.MaxErrors = DefaultMaxErrors + int(fieldCount) // some of which are left out below
	}
	err := o.Check(c.appendFields(nil, sound, 0))
	if errs == nil {
		return err
	}
	rest, _ := err.(Errors)
	for _, e := range rest {
		if e.Rule != RuleRequired && e.Rule != RuleTruncated { // of what was left out
			errs = append(errs, e)
		}
	}
	slices.SortStableFunc(errs, func(a, b Error) int {
		before, _ := a.Field()
		after, _ := b.Field()
		return cmp.Compare(before, after)
	})
	return cut(errs, DefaultMaxErrors)
}

// Field returns the field that the error stands at, or inside which it does. ok is false if it
// stands for the whole body, at a member that is no field, or at none.
func (e Error) Field() (f Field, ok bool) {
	name, _, _ := strings.Cut(strings.TrimPrefix(e.Pointer, "/"), "/")
	return FieldByName(name)
}

var errNoEnvelope = errors.New("contact: not an envelope of errors")

// MarshalText returns the field's JSON name, so that fields stand by their names in JSON and in
// logs. A number that is no field is [ErrField].
func (f Field) MarshalText() ([]byte, error) {
	if f >= fieldCount {
		return nil, ErrField
	}
	return []byte(f.String()), nil
}

// UnmarshalText reads a field's JSON name. The error, if there is no such field, is an [Errors]
// of rule unknown; f is left as it was then.
func (f *Field) UnmarshalText(text []byte) error {
	set, err := ParseFieldSet(string(text))
	if err != nil {
		return err
	}
	if set.Len() != 1 {
		return Errors{NewError(RuleUnknown, "")}
	}
	*f = set.first()
	return nil
}

// MarshalText returns what String does, so that a set stands by its fields' names in JSON and in
// logs and keeps its meaning in a later version. A set with a number that is no field is
// [ErrField].
func (s FieldSet) MarshalText() ([]byte, error) {
	if s&^AllFields != 0 {
		return nil, ErrField
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads a set as [ParseFieldSet] does; s is left as it was on an error.
func (s *FieldSet) UnmarshalText(text []byte) error {
	set, err := ParseFieldSet(string(text))
	if err == nil {
		*s = set
	}
	return err
}
