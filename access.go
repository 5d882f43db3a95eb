//go:build !contact_small

package contact

import (
	"database/sql/driver"
	"errors"
	"time"
)

// Get returns the value of a field, of the Go type of its kind: an [ID], a string, a [Date],
// a time.Time, a bool, an [Object], a []ID or a []string. The value of type is "contact". ok is
// false if the contact lacks the field. A slice is the contact's own: do not change it.
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

// Ptr returns a pointer to the Go field of f, such as **string for an optional string: the
// destination of a column for database/sql. It is nil for type, which has no Go field.
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

// Get returns the patch's value of a field, of the type that [Contact.Get] returns, or nil if the
// patch clears the field. ok is false if the patch leaves the field alone. The value of meta_public
// is a merge patch itself.
func (p *Patch) Get(f Field) (value any, ok bool) {
	if !p.fields.Has(f) {
		return nil, false
	}
	if p.cleared.Has(f) {
		return nil, true
	}
	return p.contact.Get(f)
}

// Value and Scan are not in the small build: database/sql/driver would add a fifth to it.

var errScan = errors.New("contact: the column holds no value of this type")

// Value returns the date as the text YYYY-MM-DD, or an error if there is no such day. It implements
// driver.Valuer.
func (d Date) Value() (driver.Value, error) {
	text, err := d.MarshalText()
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// Scan reads a date from a column: text as ParseDate reads it, or a time, of which it takes the day
// in its own location. It refuses NULL: scan into a **Date where there may be none. The error is no
// Errors but an [ErrTime] or, for a column of another type, a plain one: it is the store's fault. d
// is left as it was then. It implements sql.Scanner.
func (d *Date) Scan(column any) error {
	switch v := column.(type) {
	case time.Time:
		date := (Date{v.Year(), int(v.Month()), v.Day()})
		if !date.valid() {
			return ErrTime
		}
		*d = date
		return nil
	case string:
		return d.scan(v)
	case []byte:
		return d.scan(string(v))
	}
	return errScan
}

// scan reads a column's text. A fault in it is the store's, so the error is not an Errors.
func (d *Date) scan(text string) error {
	date, ok := parseDate(text)
	if !ok {
		return ErrTime
	}
	*d = date
	return nil
}

// Value returns the object's JSON text, or an error if it is none. It implements driver.Valuer.
func (o Object) Value() (driver.Value, error) {
	text, ok := o.compact()
	if !ok {
		return nil, errObject
	}
	return text, nil
}

// Scan reads a JSON object from a column, as text. It refuses NULL. o is left as it was on an
// error. It implements sql.Scanner.
func (o *Object) Scan(column any) error {
	var text string
	switch v := column.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return errScan
	}
	if text == "" {
		return errObject
	}
	compact, ok := Object(text).compact()
	if !ok {
		return errObject
	}
	*o = Object(compact)
	return nil
}
