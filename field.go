package contact

import (
	"slices"
)

// The order matters: each program reads the files that those before it have written.
//
//go:generate go run ./internal/fieldgen
//go:generate go run ./internal/browsergen
//go:generate go run ./schema/internal/bundle

// A Field is one of the fields of a contact, numbered in the order in which the reference page
// lists them and a contact is written.
type Field uint8

// A fieldInfo is the row of a field; its kind determines everything else.
type fieldInfo struct {
	name string
	kind Kind
}

// What an update may do to a field follows from the sets it is in.
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

	// ConsentFields say what a contact has agreed to receive. A patch that does not name one of
	// them never writes it.
	ConsentFields = consentFields
)

// noSuchField is what typed access says of a field of another type: a fault of the library's own.
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
