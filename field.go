package contact

import (
	"iter"
	"math/bits"
	"slices"
	"strings"

	"github.com/partner-contacts/contact/internal/scan"
)

// The order matters: each program reads the files that those before it have written.
//
//go:generate go run ./internal/fieldgen
//go:generate go run ./internal/browsergen
//go:generate go run ./schema/internal/bundle

// A Field is one of the fields of a contact, numbered in the order in which the API's reference
// page lists them and a contact is written. docs/semantics.md names that page.
type Field uint8

// A fieldInfo is the row of a field; its kind determines how a value is read and written.
type fieldInfo struct {
	name string
	kind Kind
}

// The sets that decide how an update may change a field.
const (
	// AllFields are the fields of a contact.
	AllFields FieldSet = 1<<fieldCount - 1

	// RequiredFields are the fields that every contact has; null is an error for them.
	RequiredFields = requiredFields

	// IdentityFields never change in an update (AIP-203, IMMUTABLE): a patch may only repeat them.
	IdentityFields = identityFields

	// WritableFields are the fields that a patch may set: all but the identity fields and the
	// version, updated_at. Those of them that are not required may be cleared with null.
	WritableFields = AllFields &^ identityFields &^ (1 << FieldUpdatedAt)

	// ConsentFields are a contact's consents to receive messages. A patch that does not name one of
	// them never writes it.
	ConsentFields = consentFields
)

// noSuchField is the panic of typed access to a field of another type: a fault of the library.
const noSuchField = "contact: no such field of this type"

// String returns the field's JSON name.
func (f Field) String() string {
	if f >= fieldCount {
		return "unknown"
	}
	return fields[f].name
}

// Kind returns the form of the field's value.
func (f Field) Kind() Kind {
	if f >= fieldCount {
		return kindUnknown
	}
	return fields[f].kind
}

// Values returns the strings that the field allows, if its kind is constant or enum. For other
// kinds it returns nil.
func (f Field) Values() []string {
	if k := f.Kind(); k != KindConstant && k != KindEnum {
		return nil
	}
	return slices.Clone(f.enum().values)
}

// MarshalText returns the field's JSON name, for JSON and logs. A number that is no field is
// [ErrField].
func (f Field) MarshalText() ([]byte, error) {
	if f >= fieldCount {
		return nil, ErrField
	}
	return []byte(f.String()), nil
}

// UnmarshalText reads a field's JSON name. The error, if there is no such field, is an [Errors]
// of rule unknown; f is left as it was then.
func (f *Field) UnmarshalText(text []byte) error {
	if f == nil {
		return ErrNil
	}
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

// pointer returns the field's JSON Pointer (RFC 6901) in a contact.
func (f Field) pointer() string { return fieldTexts[f].pointer }

// fieldTexts has each name in the forms in which it is written.
var fieldTexts = func() (texts [fieldCount]struct{ key, pointer string }) {
	for f := range fieldCount {
		texts[f].key = `,"` + fields[f].name + `":`
		texts[f].pointer = "/" + fields[f].name
	}
	return texts
}()

// A FieldSet is a set of fields, such as those that a patch touches or a merge changed. Combine
// sets with |, & and &^.
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
// entry, of rule unknown or duplicate, for each name that is unknown or repeated, up to 100 and
// then one of rule truncated. Its pointer is the one that a member of this name would have.
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

// MarshalText returns the names that String returns, for JSON and logs. They keep their meaning in
// a later version, unlike the number. A set with a number that is no field is [ErrField].
func (s FieldSet) MarshalText() ([]byte, error) {
	if s&^AllFields != 0 {
		return nil, ErrField
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads a set as [ParseFieldSet] does; s is left as it was on an error.
func (s *FieldSet) UnmarshalText(text []byte) error { return replace(s, text, ParseFieldSet) }
