package contact

import (
	"iter"
	"math/bits"
	"strings"
	"unsafe"

	"github.com/partner-contacts/contact/internal/scan"
)

// A Field is one of the 35 fields of a contact, numbered in the order in which the reference page lists them and a
// contact is written.
type Field uint8

// The fields of a contact.
const (
	FieldID Field = iota
	FieldType
	FieldTeamID
	FieldUniqueID
	FieldNameFirst
	FieldNameLast
	FieldNameTitle
	FieldNameSuffix
	FieldEmail
	FieldPhoneHome
	FieldPhoneMobile
	FieldPhoneWork
	FieldAddress
	FieldAddress2
	FieldCity
	FieldState
	FieldPostCode
	FieldCounty
	FieldCountry
	FieldBirthdate
	FieldTimezone
	FieldSMSVerified
	FieldSMSOptedIn
	FieldSMSAuthorized
	FieldSMSUnsubscribed
	FieldEmailVerified
	FieldEmailOptedIn
	FieldEmailAuthorized
	FieldEmailUnsubscribed
	FieldMetaPublic
	FieldInsertedAt
	FieldUpdatedAt
	FieldLastSeenAt
	FieldActiveJourneyIDs
	FieldCompletedObjectiveKeys

	fieldCount
)

// A row is all that the library knows of a field.
type row struct {
	key  string // as it stands in a document: ,"name_first":
	kind Kind
	at   uintptr // where it lives in a Contact
}

// fields is the one table that parsing, writing, merging and comparing run off, together with the sets below. A test
// holds it against the JSON Schema, and against the Go types by reflection.
var fields = [fieldCount]row{
	FieldID:                     {`,"id":`, KindID, unsafe.Offsetof(Contact{}.ID)},
	FieldType:                   {`,"type":`, KindConstant, 0},
	FieldTeamID:                 {`,"team_id":`, KindID, unsafe.Offsetof(Contact{}.TeamID)},
	FieldUniqueID:               {`,"unique_id":`, KindString, unsafe.Offsetof(Contact{}.UniqueID)},
	FieldNameFirst:              {`,"name_first":`, KindString, unsafe.Offsetof(Contact{}.NameFirst)},
	FieldNameLast:               {`,"name_last":`, KindString, unsafe.Offsetof(Contact{}.NameLast)},
	FieldNameTitle:              {`,"name_title":`, KindString, unsafe.Offsetof(Contact{}.NameTitle)},
	FieldNameSuffix:             {`,"name_suffix":`, KindString, unsafe.Offsetof(Contact{}.NameSuffix)},
	FieldEmail:                  {`,"email":`, KindString, unsafe.Offsetof(Contact{}.Email)},
	FieldPhoneHome:              {`,"phone_home":`, KindString, unsafe.Offsetof(Contact{}.PhoneHome)},
	FieldPhoneMobile:            {`,"phone_mobile":`, KindString, unsafe.Offsetof(Contact{}.PhoneMobile)},
	FieldPhoneWork:              {`,"phone_work":`, KindString, unsafe.Offsetof(Contact{}.PhoneWork)},
	FieldAddress:                {`,"address":`, KindString, unsafe.Offsetof(Contact{}.Address)},
	FieldAddress2:               {`,"address2":`, KindString, unsafe.Offsetof(Contact{}.Address2)},
	FieldCity:                   {`,"city":`, KindString, unsafe.Offsetof(Contact{}.City)},
	FieldState:                  {`,"state":`, KindString, unsafe.Offsetof(Contact{}.State)},
	FieldPostCode:               {`,"post_code":`, KindString, unsafe.Offsetof(Contact{}.PostCode)},
	FieldCounty:                 {`,"county":`, KindString, unsafe.Offsetof(Contact{}.County)},
	FieldCountry:                {`,"country":`, KindString, unsafe.Offsetof(Contact{}.Country)},
	FieldBirthdate:              {`,"birthdate":`, KindDate, unsafe.Offsetof(Contact{}.Birthdate)},
	FieldTimezone:               {`,"timezone":`, KindTimezone, unsafe.Offsetof(Contact{}.Timezone)},
	FieldSMSVerified:            {`,"sms_verified":`, KindBoolean, unsafe.Offsetof(Contact{}.SMSVerified)},
	FieldSMSOptedIn:             {`,"sms_opted_in":`, KindBoolean, unsafe.Offsetof(Contact{}.SMSOptedIn)},
	FieldSMSAuthorized:          {`,"sms_authorized":`, KindBoolean, unsafe.Offsetof(Contact{}.SMSAuthorized)},
	FieldSMSUnsubscribed:        {`,"sms_unsubscribed":`, KindBoolean, unsafe.Offsetof(Contact{}.SMSUnsubscribed)},
	FieldEmailVerified:          {`,"email_verified":`, KindBoolean, unsafe.Offsetof(Contact{}.EmailVerified)},
	FieldEmailOptedIn:           {`,"email_opted_in":`, KindBoolean, unsafe.Offsetof(Contact{}.EmailOptedIn)},
	FieldEmailAuthorized:        {`,"email_authorized":`, KindBoolean, unsafe.Offsetof(Contact{}.EmailAuthorized)},
	FieldEmailUnsubscribed:      {`,"email_unsubscribed":`, KindBoolean, unsafe.Offsetof(Contact{}.EmailUnsubscribed)},
	FieldMetaPublic:             {`,"meta_public":`, KindObject, unsafe.Offsetof(Contact{}.MetaPublic)},
	FieldInsertedAt:             {`,"inserted_at":`, KindTimestamp, unsafe.Offsetof(Contact{}.InsertedAt)},
	FieldUpdatedAt:              {`,"updated_at":`, KindTimestamp, unsafe.Offsetof(Contact{}.UpdatedAt)},
	FieldLastSeenAt:             {`,"last_seen_at":`, KindTimestamp, unsafe.Offsetof(Contact{}.LastSeenAt)},
	FieldActiveJourneyIDs:       {`,"active_journey_ids":`, KindIDs, unsafe.Offsetof(Contact{}.ActiveJourneyIDs)},
	FieldCompletedObjectiveKeys: {`,"completed_objective_keys":`, KindStrings, unsafe.Offsetof(Contact{}.CompletedObjectiveKeys)},
}

// AllFields are the 35 fields of a contact.
const AllFields FieldSet = 1<<fieldCount - 1

// What an update may do to a field follows from the sets it is in.
const (
	// RequiredFields are the 16 fields that every contact has; null is an error for them.
	RequiredFields FieldSet = 1<<FieldID | 1<<FieldType | 1<<FieldTeamID |
		1<<FieldSMSVerified | 1<<FieldSMSOptedIn | 1<<FieldSMSAuthorized | 1<<FieldSMSUnsubscribed |
		1<<FieldEmailVerified | 1<<FieldEmailOptedIn | 1<<FieldEmailAuthorized | 1<<FieldEmailUnsubscribed |
		1<<FieldMetaPublic | 1<<FieldInsertedAt | 1<<FieldUpdatedAt |
		1<<FieldActiveJourneyIDs | 1<<FieldCompletedObjectiveKeys

	// IdentityFields never change in an update (AIP-203, IMMUTABLE): a patch may only repeat them.
	IdentityFields FieldSet = 1<<FieldID | 1<<FieldType | 1<<FieldTeamID | 1<<FieldInsertedAt

	// WritableFields are the fields that a patch may set: all but the identity fields and the version, updated_at.
	// Those of them that are not required may be cleared with null.
	WritableFields FieldSet = AllFields &^ IdentityFields &^ (1 << FieldUpdatedAt)

	// ConsentFields say what a contact has agreed to receive. A patch that does not name one of them never writes it.
	ConsentFields FieldSet = 1<<FieldSMSOptedIn | 1<<FieldSMSAuthorized | 1<<FieldSMSUnsubscribed |
		1<<FieldEmailOptedIn | 1<<FieldEmailAuthorized | 1<<FieldEmailUnsubscribed
)

// FieldByName returns the field with this JSON name, byte for byte. It allocates nothing.
func FieldByName(name string) (Field, bool) {
	f := fieldIndex[fieldHash(name)]
	if f.String() == name {
		return f, true
	}
	return 0, false
}

// fieldIndex finds a field by the hash of its name; a test proves that no two fields share a place.
var fieldIndex = func() (index [64]Field) {
	for f := range fieldCount {
		index[fieldHash(f.String())] = f
	}
	return index
}()

// fieldHash mixes the length with the first, middle and last byte, which together tell all fields apart. The factors
// were found by trying.
func fieldHash(name string) uint8 {
	n := len(name)
	if n == 0 {
		return 0
	}
	return (18*uint8(n) + 78*name[0] + 91*name[n/2] + 83*name[n-1]) & 63
}

// String returns the field's JSON name.
func (f Field) String() string {
	if f >= fieldCount {
		return "unknown"
	}
	key := fields[f].key
	return key[2 : len(key)-2]
}

// Kind returns the form of the field's value.
func (f Field) Kind() Kind {
	if f >= fieldCount {
		return kindUnknown
	}
	return fields[f].kind
}

// pointer returns the field's JSON Pointer in a contact.
func (f Field) pointer() string { return fieldPointers[f] }

var fieldPointers = func() (pointers [fieldCount]string) {
	for f := range fieldCount {
		pointers[f] = "/" + f.String()
	}
	return pointers
}()

// keys is what usual needs of a field, in one place.
var keys = func() (keys [fieldCount]struct {
	scan.Key
	kind Kind
}) {
	for f := range fieldCount {
		keys[f].Key, keys[f].kind = scan.NewKey(f.String()), fields[f].kind
	}
	return keys
}()

// at returns the place of field f in c. T is the Go type that goes with the field's kind.
func at[T any](c *Contact, f Field) *T { return (*T)(unsafe.Add(unsafe.Pointer(c), fields[f].at)) }

// A FieldSet is a set of fields: what a patch touches, or what a merge changed. Combine sets with |, & and &^.
type FieldSet uint64

// FieldsOf returns the set of the given fields.
func FieldsOf(fields ...Field) FieldSet {
	var s FieldSet
	for _, f := range fields {
		s |= 1 << f
	}
	return s & AllFields
}

// ParseFieldSet reads a set as String writes it, such as "name_first,timezone": JSON names separated by commas, in any
// order, each at most once; the empty text is the empty set. It is the form of a field mask (AIP-134). The error is an
// Errors with one entry, of rule unknown or duplicate, for each name that is not in order, up to 100 and then one of rule
// truncated.
func ParseFieldSet(s string) (FieldSet, error) {
	var set FieldSet
	var errs Errors
	most := Options{}.maxErrors()
	for name, more := "", s != ""; more && len(errs) <= most; {
		name, s, more = strings.Cut(s, ",")
		f, ok := FieldByName(name)
		switch {
		case !ok:
			e := NewError(RuleUnknown, "")
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
