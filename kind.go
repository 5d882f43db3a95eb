package contact

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/partner-contacts/contact/internal/scan"
)

// A Kind is the JSON form of a field and its Go type in [Contact].
type Kind uint8

// The kinds of fields.
const (
	KindID        Kind = iota // ID
	KindConstant              // no Go field: always "contact"
	KindString                // *string
	KindDate                  // *Date
	KindTimezone              // *string
	KindTimestamp             // time.Time, or *time.Time in an optional field
	KindBoolean               // bool
	KindObject                // Object
	KindIDs                   // []ID
	KindStrings               // []string
	KindEnum                  // *string: one of the strings that Field.Values returns

	kindUnknown // of a Field that does not exist
)

var kindNames = [...]string{
	"id", "constant", "string", "date", "timezone", "timestamp", "boolean", "object", "ids", "strings",
	"enum", "unknown",
}

// String returns the kind's name: "id", "constant", "string", "date", "timezone", "timestamp",
// "boolean", "object", "ids", "strings" or "enum", as in the browser package. The schema has
// a definition of this name under $defs, but for enum, of which there is one for each enum.
func (k Kind) String() string { return kindNames[min(k, kindUnknown)] }

// firstBytes is how a value of each kind begins in JSON; a boolean may also be false.
var firstBytes = [...]byte{
	KindID: '"', KindConstant: '"', KindString: '"', KindDate: '"', KindTimezone: '"',
	KindTimestamp: '"', KindBoolean: 't', KindObject: '{', KindIDs: '[', KindStrings: '[',
	KindEnum: '"',
}

// begins reports whether a value of the kind can begin with c in JSON.
func (k Kind) begins(c byte) bool { return c == firstBytes[k] || c == 'f' && k == KindBoolean }

// Each operation on a value is one switch over the kinds. A new kind goes into
// each of them, and into fieldgen, which writes the functions that find a field in a Contact.

// typeConstant is the one value of the field type.
const typeConstant = "contact"

// An enumInfo lists the strings that a field allows, with the detail of the error for any other.
type enumInfo struct {
	field  Field
	values []string
	detail string
}

// enum returns the row of a field of the kind constant or enum.
func (f Field) enum() *enumInfo {
	return &enums[slices.IndexFunc(enums[:], func(e enumInfo) bool { return e.field == f })]
}

// has reports whether the contact has a value for f.
func (c *Contact) has(f Field) bool {
	if RequiredFields.Has(f) {
		return true
	}
	switch fields[f].kind {
	case KindDate:
		return *c.dateAt(f) != nil
	case KindTimestamp:
		return *c.optionalTimeAt(f) != nil
	default:
		return *c.stringAt(f) != nil
	}
}

// timestamp returns the value of f, which the contact has.
func (c *Contact) timestamp(f Field) time.Time {
	if RequiredFields.Has(f) {
		return *c.timeAt(f)
	}
	return **c.optionalTimeAt(f)
}

// unset reports whether the value of f, which the contact has, is a time that nobody has set.
func (c *Contact) unset(f Field) bool {
	return fields[f].kind == KindTimestamp && c.timestamp(f).IsZero()
}

// appendMember appends the member of f to those in dst, unless the contact lacks the field.
func (c *Contact) appendMember(dst []byte, f Field) []byte {
	if stringFields.Has(f) {
		// Half of the fields, and most of the optional ones.
		if s := *c.stringAt(f); s != nil {
			dst = scan.AppendString(appendKey(dst, f), *s, false)
		}
		return dst
	}
	if !scan.Small && fields[f].kind == KindBoolean {
		return appendBool(appendKey(dst, f), *c.boolAt(f))
	}
	if !c.has(f) {
		return dst
	}
	return c.appendValue(appendKey(dst, f), f)
}

// appendValue appends the JSON value of f, which the contact has.
func (c *Contact) appendValue(dst []byte, f Field) []byte {
	switch fields[f].kind {
	case KindID:
		return append(appendID(append(dst, '"'), *c.idAt(f)), '"')
	case KindConstant:
		return append(append(append(dst, '"'), typeConstant...), '"')
	case KindString, KindTimezone, KindEnum:
		return scan.AppendString(dst, **c.stringAt(f), false)
	case KindDate:
		return (*c.dateAt(f)).appendJSON(dst)
	case KindBoolean:
		return appendBool(dst, *c.boolAt(f))
	case KindObject:
		return append(dst, cmp.Or(*c.objectAt(f), "{}")...)
	case KindTimestamp:
		return appendTimestamp(dst, c.timestamp(f))
	case KindStrings:
		return appendArray(dst, *c.stringsAt(f), func(dst []byte, s string) []byte {
			return scan.AppendString(dst, s, false)
		})
	default: // KindIDs
		return appendArray(dst, *c.idsAt(f), func(dst []byte, id ID) []byte {
			return append(appendID(append(dst, '"'), id), '"')
		})
	}
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

// appendArray appends a JSON array of values, each as write does.
func appendArray[T any](dst []byte, values []T, write func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = write(dst, v)
	}
	return append(dst, ']')
}

// text returns the JSON text of f, or "" if the contact lacks the field.
func (c *Contact) text(f Field) string {
	if !c.has(f) {
		return ""
	}
	return string(c.appendValue(nil, f))
}

// size returns how many bytes the member of f, which the contact has, takes in a document at most
// if no string in it needs an escape.
func (c *Contact) size(f Field) int {
	const other = len(`"2006-01-02T15:04:05.000000000Z"`) + len(ID{})
	n := len(fieldTexts[f].key) + len(`""`)
	switch fields[f].kind {
	case KindString, KindTimezone, KindEnum:
		return n + len(**c.stringAt(f))
	case KindObject:
		return n + len(*c.objectAt(f))
	case KindIDs:
		return n + other*len(*c.idsAt(f))
	case KindStrings:
		for _, s := range *c.stringsAt(f) {
			n += len(`"",`) + len(s)
		}
		return n
	}
	return n + other
}

// encodable reports whether JSON can represent the value of f, which the contact has.
func (c *Contact) encodable(f Field) bool {
	switch fields[f].kind {
	case KindString, KindTimezone, KindEnum:
		return utf8.ValidString(**c.stringAt(f))
	case KindDate:
		return (*c.dateAt(f)).valid()
	case KindTimestamp:
		return inRange(c.timestamp(f))
	case KindObject:
		_, ok := c.objectAt(f).compact()
		return ok
	case KindStrings:
		return !slices.ContainsFunc(*c.stringsAt(f), func(s string) bool { return !utf8.ValidString(s) })
	}
	return true
}

// equal reports whether c and other have the same value of f, or both none. An Object that is
// broken equals nothing but its own text.
func (c *Contact) equal(other *Contact, f Field) bool {
	switch fields[f].kind {
	case KindID:
		return *c.idAt(f) == *other.idAt(f)
	case KindString, KindTimezone, KindEnum:
		return same(*c.stringAt(f), *other.stringAt(f))
	case KindDate:
		return same(*c.dateAt(f), *other.dateAt(f))
	case KindBoolean:
		return *c.boolAt(f) == *other.boolAt(f)
	case KindObject:
		return c.objectAt(f).equal(*other.objectAt(f))
	case KindTimestamp:
		has := c.has(f)
		return has == other.has(f) && (!has || c.timestamp(f).Equal(other.timestamp(f)))
	case KindIDs:
		return slices.Equal(*c.idsAt(f), *other.idsAt(f))
	case KindStrings:
		return slices.Equal(*c.stringsAt(f), *other.stringsAt(f))
	}
	return true // the constant
}

// same reports whether two values are the same, or both not there.
func same[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// cloneInto sets f of c to a copy of the value in other, allocated from a. The copy retains no
// other memory of other, except the text of a long string.
func (c *Contact) cloneInto(a *slab, other *Contact, f Field) {
	switch fields[f].kind {
	case KindID:
		*c.idAt(f) = *other.idAt(f)
	case KindString, KindTimezone, KindEnum:
		*c.stringAt(f) = a.cloneString(*other.stringAt(f))
	case KindDate:
		*c.dateAt(f) = a.cloneDate(*other.dateAt(f))
	case KindBoolean:
		*c.boolAt(f) = *other.boolAt(f)
	case KindObject:
		*c.objectAt(f) = Object(strings.Clone(string(*other.objectAt(f))))
	case KindTimestamp:
		if RequiredFields.Has(f) {
			*c.timeAt(f) = *other.timeAt(f)
			return
		}
		*c.optionalTimeAt(f) = a.cloneTime(*other.optionalTimeAt(f))
	case KindIDs:
		*c.idsAt(f) = slices.Clip(slices.Clone(*other.idsAt(f)))
	case KindStrings:
		*c.stringsAt(f) = cloneStrings(*other.stringsAt(f))
	}
}

// cloneStrings returns a copy of texts, with all that is in them in one block.
func cloneStrings(texts []string) []string {
	if texts == nil {
		return nil
	}
	n := 0
	for _, s := range texts {
		n += len(s)
	}
	block := make([]byte, 0, n)
	clone := make([]string, len(texts))
	for i, s := range texts {
		block = append(block, s...)
		clone[i] = view(block[len(block)-len(s):])
	}
	return clone
}
