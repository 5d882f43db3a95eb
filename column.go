//go:build !contact_small

package contact

import (
	"database/sql/driver"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/partner-contacts/contact/internal/scan"
)

// Value and Scan are not in the small build: database/sql/driver would add a fifth to it.

var errScan = errors.New("contact: the column holds no value of this type")

// Ptr returns the destination of a column for the field f: an sql.Scanner, which is a
// json.Unmarshaler and an encoding.TextUnmarshaler too. It accepts what [ParseStored] accepts for
// the field, in these Go types:
//
//	id                      string; []byte of the text or of the 16 bytes
//	string, timezone, enum  string, []byte
//	date                    string, []byte; time.Time, of which it takes the day in its location
//	timestamp               time.Time; string or []byte as in RFC 3339
//	boolean                 bool; int64 0 or 1; string or []byte that strconv.ParseBool reads
//	object, ids, strings    string or []byte of JSON
//
// NULL and the JSON null mean that the contact lacks an optional field. For a required field they
// are an error. The zero time, which MySQL's 0000-00-00 becomes, is [ErrTime]; another value that
// the field cannot have is a [StoreError], and another Go type a plain error. On an error the field
// is unchanged. Ptr returns nil for type, which has no column, and for a nil contact.
func (c *Contact) Ptr(f Field) any {
	if k := f.Kind(); c == nil || k == KindConstant || k == kindUnknown {
		return nil
	}
	return &column{c, f}
}

// A column is a field of a contact as a destination.
type column struct {
	contact *Contact
	field   Field
}

// Scan implements sql.Scanner.
func (d *column) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		return d.UnmarshalJSON([]byte(null))
	case string:
		return d.scanText(v)
	case []byte:
		if id := (ID{}); d.field.Kind() == KindID && len(v) == len(id) {
			copy(id[:], v)
			return d.scanText(id.String())
		}
		return d.scanText(string(v))
	case time.Time:
		return d.scanTime(v)
	case bool:
		if d.field.Kind() == KindBoolean {
			return d.UnmarshalJSON(appendBool(nil, v))
		}
	case int64:
		if d.field.Kind() == KindBoolean && (v == 0 || v == 1) {
			return d.UnmarshalJSON(appendBool(nil, v == 1))
		}
	}
	return &fieldError{d.field, errScan}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *column) UnmarshalText(text []byte) error { return d.scanText(string(text)) }

// UnmarshalJSON implements json.Unmarshaler: it reads the value as ParseStored does.
func (d *column) UnmarshalJSON(text []byte) error {
	var v struct {
		contact Contact
		arena
	}
	var p parser
	o := Options{MaxDepth: -1}.forStored()
	p.init(&o, view(text), modeStored)
	p.contact, p.arena, p.keep = &v.contact, &v.arena, 1<<d.field
	if errs, broken := p.member(d.field).(Errors); broken {
		errs.pointTo(d.field)
		return storeError(errs)
	}
	d.contact.cloneInto(new(slab), &v.contact, d.field) // so that a time keeps no more alive than this
	return nil
}

// scanText reads a column of text.
func (d *column) scanText(text string) error {
	switch d.field.Kind() {
	case KindObject, KindIDs, KindStrings:
		return d.UnmarshalJSON([]byte(text))
	case KindBoolean:
		if v, err := strconv.ParseBool(text); err == nil {
			return d.UnmarshalJSON(appendBool(nil, v))
		}
		return &fieldError{d.field, errScan}
	}
	if !utf8.ValidString(text) {
		return &fieldError{d.field, errUTF8}
	}
	return d.UnmarshalJSON(scan.AppendString(nil, text, false))
}

// scanTime reads a column of a time or a date.
func (d *column) scanTime(t time.Time) error {
	switch d.field.Kind() {
	case KindTimestamp:
		if err := checkTime(d.field, t); err != nil {
			return err
		}
		return d.UnmarshalJSON(appendTimestamp(nil, t))
	case KindDate:
		date := dayOf(t) // a day of the years 0000 to 9999, even if the instant has another year in UTC
		if t.IsZero() || !date.valid() {
			return &fieldError{d.field, ErrTime}
		}
		return d.UnmarshalJSON(date.appendJSON(nil))
	}
	return &fieldError{d.field, errScan}
}

// dayOf returns the day of a time in its own location.
func dayOf(t time.Time) Date { return Date{t.Year(), int(t.Month()), t.Day()} }

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
// Errors but an [ErrTime], also for the zero time, or, for a column of another type, a plain one:
// it is the store's fault. d is left as it was then. It implements sql.Scanner.
func (d *Date) Scan(column any) error {
	if d == nil {
		return ErrNil
	}
	var date Date
	switch v := column.(type) {
	case time.Time:
		if !v.IsZero() {
			date = dayOf(v)
		}
	case string:
		date, _ = parseDate(v)
	case []byte:
		date, _ = parseDate(string(v))
	default:
		return errScan
	}
	if !date.valid() {
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
	if o == nil {
		return ErrNil
	}
	var text string
	switch v := column.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return errScan
	}
	compact, ok := Object(text).compact()
	if text == "" || !ok {
		return errObject
	}
	*o = Object(compact)
	return nil
}
