// Package tree holds JSON values as trees that keep the order of members and the text of numbers,
// which package encoding/json discards. It is slow and obvious, and shares no code with the library
// that it helps to test.
package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// A Value is nil, a bool, a string, a json.Number, an []any or an Object.
type Value = any

// An Object is a JSON object, its members in order.
type Object []Member

// A Member is one member of an Object.
type Member struct {
	Name  string
	Value Value
}

type absent struct{}

// Absent is the value of a member that an Object does not have.
var Absent Value = absent{}

// Index returns the index of a member, or -1.
func (o Object) Index(name string) int {
	return slices.IndexFunc(o, func(m Member) bool { return m.Name == name })
}

// Get returns the value of a member, or Absent.
func (o Object) Get(name string) Value {
	if i := o.Index(name); i >= 0 {
		return o[i].Value
	}
	return Absent
}

// With returns a copy of o with a member set, at the end if it is new, or
// removed if the value is Absent.
func (o Object) With(name string, value Value) Object {
	o = slices.Clone(o)
	i := o.Index(name)
	switch {
	case value == Absent && i >= 0:
		return slices.Delete(o, i, i+1)
	case value == Absent:
		return o
	case i >= 0:
		o[i].Value = value
		return o
	}
	return append(o, Member{name, value})
}

// Decode reads a JSON text. It keeps members with the same name.
func Decode(text []byte) (Value, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := next(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("tree: something follows the value")
	}
	return v, nil
}

// DecodeObject reads a JSON text that must be an object.
func DecodeObject(text []byte) (Object, error) {
	v, err := Decode(text)
	if err != nil {
		return nil, err
	}
	o, ok := v.(Object)
	if !ok {
		return nil, errors.New("tree: not an object")
	}
	return o, nil
}

func next(d *json.Decoder) (Value, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := Object{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := next(d)
			if err != nil {
				return nil, err
			}
			o = append(o, Member{name.(string), value})
		}
		_, err := d.Token()
		return o, err
	case json.Delim('['):
		a := []any{}
		for d.More() {
			value, err := next(d)
			if err != nil {
				return nil, err
			}
			a = append(a, value)
		}
		_, err := d.Token()
		return a, err
	}
	return token, nil
}

// Same reports whether two values are equal. The order of members does not matter; numbers are
// compared by their text.
func Same(a, b Value) bool {
	switch a := a.(type) {
	case Object:
		b, ok := b.(Object)
		return ok && len(a) == len(b) &&
			!slices.ContainsFunc(a, func(m Member) bool { return !Same(m.Value, b.Get(m.Name)) })
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, Same)
	}
	switch b.(type) {
	case Object, []any:
		return false
	}
	return a == b
}

// AppendText appends a value as a JSON text without white space and with only the escapes that
// RFC 8259 §7 requires.
func AppendText(dst []byte, v Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		if v {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case json.Number:
		return append(dst, v...)
	case string:
		return append(append(append(dst, '"'), escape.Replace(v)...), '"')
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendText(dst, e)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		for i, m := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(AppendText(dst, m.Name), ':')
			dst = AppendText(dst, m.Value)
		}
		return append(dst, '}')
	}
	panic("tree: not a value") // a fault of the test that made it
}

var escape = func() *strings.Replacer {
	pairs := []string{
		`"`, `\"`, `\`, `\\`, "\b", `\b`, "\f", `\f`, "\n", `\n`, "\r", `\r`, "\t", `\t`,
	}
	for c := range byte(' ') {
		if !slices.Contains(pairs, string(c)) {
			pairs = append(pairs, string(c), `\u00`+string("0123456789abcdef"[c>>4])+
				string("0123456789abcdef"[c&15]))
		}
	}
	return strings.NewReplacer(pairs...)
}()
