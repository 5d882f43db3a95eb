package contact

import (
	"github.com/partner-contacts/contact/internal/mergepatch"
	"github.com/partner-contacts/contact/internal/scan"
)

// An Object is the text of a JSON object, kept as it was sent but for white space outside strings:
// its members stay in order and its numbers digit for digit. The zero value stands for {}. It is a
// string, so that contacts can share it.
type Object string

// MarshalJSON returns the text without white space outside strings, or an error if it is not a JSON
// object as strict as Parse demands.
func (o Object) MarshalJSON() ([]byte, error) {
	text, ok := o.compact()
	if !ok {
		return nil, errObject
	}
	return []byte(text), nil
}

// UnmarshalJSON keeps a copy of a JSON object; null leaves o as it is, and so does an error, which
// is the one that CheckField has for such a meta_public.
func (o *Object) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	if err := (Options{}).CheckField(FieldMetaPublic, text); err != nil {
		return err
	}
	compact, _ := Object(text).compact()
	*o = Object(compact)
	return nil
}

// equal reports whether two objects mean the same. One that is broken equals nothing but its own
// text.
func (o Object) equal(other Object) bool {
	a, okA := o.compact()
	b, okB := other.compact()
	return okA && okB && mergepatch.Equal(a, b) || o == other
}

// compact returns the object's text without white space, and whether it is an object that strict
// JSON allows.
func (o Object) compact() (string, bool) {
	if o == "" {
		return "{}", true
	}
	if len(o) > scan.MaxText {
		return "", false
	}
	var s scan.Scanner
	s.Init(string(o), maxNesting, 1)
	if s.Peek() != '{' {
		return "", false
	}
	s.Skip()
	s.Finish()
	if !s.OK() || len(s.Duplicates) > 0 {
		return "", false
	}
	if s.Spaces > 0 {
		return view(scan.AppendCompact(make([]byte, 0, len(o)-s.Spaces), string(o))), true
	}
	return string(o), true
}
