package contact

import (
	"iter"
	"math/bits"
	"strings"

	"github.com/partner-contacts/contact/internal/scan"
)

// A FieldSet is a set of fields: what a patch touches, or what a merge changed. Combine sets with
// |, & and &^.
type FieldSet uint64

// FieldsOf returns the set of the given fields.
func FieldsOf(fields ...Field) FieldSet {
	var s FieldSet
	for _, f := range fields {
		s |= 1 << f
	}
	return s & AllFields
}

// ParseFieldSet reads a set as String writes it, such as "name_first,timezone": JSON names
// separated by commas, in any order, each at most once; the empty text is the empty set. It is the
// form of a field mask (AIP-134), and "*" is all fields, as there. The error is an Errors with one
// entry, of rule unknown or duplicate, for each name that is not in order, up to 100 and then one
// of rule truncated. Its pointer is the one that a member of this name would have.
func ParseFieldSet(s string) (FieldSet, error) {
	if s == "*" {
		return AllFields, nil
	}
	var set FieldSet
	var errs Errors
	most := Options{}.maxErrors()
	for name, more := "", s != ""; more && len(errs) <= most; {
		name, s, more = strings.Cut(s, ",")
		f, ok := FieldByName(name)
		switch {
		case !ok:
			e := NewError(RuleUnknown, "")
			e.setPointer(scan.CutPointer(namePointer(name)))
			e.Meta.Suggestion = suggestField(name)
			errs = append(errs, e)
		case set.Has(f):
			errs = append(errs, NewError(RuleDuplicate, f.pointer()))
		}
		if ok {
			set |= 1 << f
		}
	}
	if errs != nil {
		return 0, cut(errs, most)
	}
	return set, nil
}

// namePointer returns the pointer (RFC 6901) that a member of that name would have.
func namePointer(name string) string {
	dst := []byte{'/'}
	for i := range len(name) {
		switch c := name[i]; c {
		case '~':
			dst = append(dst, '~', '0')
		case '/':
			dst = append(dst, '~', '1')
		default:
			dst = append(dst, c)
		}
	}
	return string(dst)
}

// Has reports whether f is in the set.
func (s FieldSet) Has(f Field) bool { return f < fieldCount && s>>f&1 != 0 }

// Len returns the number of fields in the set.
func (s FieldSet) Len() int { return bits.OnesCount64(uint64(s & AllFields)) }

// first returns the first field of a set that is not empty.
func (s FieldSet) first() Field { return Field(bits.TrailingZeros64(uint64(s))) }

// All yields the fields of the set in order.
func (s FieldSet) All() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for f := range fieldCount {
			if s.Has(f) && !yield(f) {
				return
			}
		}
	}
}

// String returns the JSON names of the fields in order, separated by commas.
func (s FieldSet) String() string {
	var b []byte
	for f := range s.All() {
		if b != nil {
			b = append(b, ',')
		}
		b = append(b, f.String()...)
	}
	return string(b)
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
