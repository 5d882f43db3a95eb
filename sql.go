//go:build !contact_small

package contact

import (
	"database/sql/driver"
	"errors"
	"time"
)

// This file stands apart because database/sql/driver would add a fifth to a WASM build, which has
// no database.

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

// scan reads a column's text. What is wrong with it is the store's fault: no Errors.
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
