package contact

import (
	"slices"
	"strings"
	"time"

	"github.com/partner-contacts/contact/internal/mergepatch"
	"github.com/partner-contacts/contact/internal/scan"
)

// A Contact is the resource: one Go field for each of its fields but type, which is always
// "contact". A nil pointer is a field that the contact does not have. Treat contacts as immutable,
// or work on a Clone: results of Parse and Merge may share memory with other contacts and patches.
//
// Do not embed a Contact in a struct. Go would give the struct the methods of the contact:
// MarshalJSON would write and UnmarshalJSON read the contact alone, and Format, LogValue and
// Validate would not see the other fields either. No error tells of it. Name the field instead:
//
//	type Customer struct {
//		Contact  contact.Contact `json:"contact"`
//		Nickname string          `json:"nickname"`
//	}
//
// The example Embedded writes both into one JSON object. The same holds for every type of this
// package that has such methods, such as [Date] and [Patch].
type Contact struct {
	ID     ID `json:"id"`
	TeamID ID `json:"team_id"`

	UniqueID    *string `json:"unique_id,omitempty"`
	NameFirst   *string `json:"name_first,omitempty"`
	NameLast    *string `json:"name_last,omitempty"`
	NameTitle   *string `json:"name_title,omitempty"`
	NameSuffix  *string `json:"name_suffix,omitempty"`
	Email       *string `json:"email,omitempty"` // any string: the reference page gives it no format
	PhoneHome   *string `json:"phone_home,omitempty"`
	PhoneMobile *string `json:"phone_mobile,omitempty"`
	PhoneWork   *string `json:"phone_work,omitempty"`
	Address     *string `json:"address,omitempty"`
	Address2    *string `json:"address2,omitempty"`
	City        *string `json:"city,omitempty"`
	State       *string `json:"state,omitempty"`
	PostCode    *string `json:"post_code,omitempty"`
	County      *string `json:"county,omitempty"`
	Country     *string `json:"country,omitempty"`
	Birthdate   *Date   `json:"birthdate,omitempty"`
	Timezone    *string `json:"timezone,omitempty"` // a name of tzdb, as it was sent

	SMSVerified       bool `json:"sms_verified"`
	SMSOptedIn        bool `json:"sms_opted_in"`
	SMSAuthorized     bool `json:"sms_authorized"`
	SMSUnsubscribed   bool `json:"sms_unsubscribed"`
	EmailVerified     bool `json:"email_verified"`
	EmailOptedIn      bool `json:"email_opted_in"`
	EmailAuthorized   bool `json:"email_authorized"`
	EmailUnsubscribed bool `json:"email_unsubscribed"`

	MetaPublic Object `json:"meta_public"`

	InsertedAt time.Time  `json:"inserted_at"`
	UpdatedAt  time.Time  `json:"updated_at"` // the version of the contact; see Merge
	LastSeenAt *time.Time `json:"last_seen_at,omitempty"`

	ActiveJourneyIDs       []ID     `json:"active_journey_ids"`
	CompletedObjectiveKeys []string `json:"completed_objective_keys"`
	// UnknownMembers holds the members of a stored contact that this version of the library does
	// not know, in their order: a service of the next version wrote them, and this one must not
	// drop them. From outside they are errors.
	UnknownMembers Object `json:"-"`
}

// AppendJSON appends the contact's document: the fields in the order of the Field constants,
// without those that are absent, ids in lower case, timestamps in UTC, and after them those of
// UnknownMembers. A nil MetaPublic is {} and a nil slice []. For a contact that a reader returned,
// or Merge for such a one, it is valid and canonical: ParseStored reads it back as an equal
// contact. In a contact made in Go an Object is written verbatim, invalid UTF-8 as U+FFFD, and a
// date or timestamp that does not exist as null. MarshalJSON refuses these. A nil contact is null.
// AppendJSON allocates only to grow dst.
func (c *Contact) AppendJSON(dst []byte) []byte {
	if c == nil {
		return append(dst, null...)
	}
	dst = c.appendFields(dst, AllFields, 0)
	unknown := string(c.UnknownMembers)
	if len(unknown) > len(emptyObject) && unknown[:2] != `{"` { // not as a reader keeps it
		unknown, _ = c.UnknownMembers.compact()
	}
	if len(unknown) > len(emptyObject) {
		dst[len(dst)-1] = ','
		dst = append(dst, unknown[1:]...)
	}
	return dst
}

// appendFields appends an object with the given fields of c, those in null being null.
func (c *Contact) appendFields(dst []byte, set, null FieldSet) []byte {
	const usual = 32 // bytes of a member, for a guess that saves growing dst time and again
	dst = slices.Grow(dst,
		usual*(set.Len()+len(c.ActiveJourneyIDs))+len(c.MetaPublic)+len(c.UnknownMembers))
	start := len(dst)
	for rest := set & AllFields; rest != 0; rest &= rest - 1 {
		f := rest.first()
		if null.Has(f) {
			dst = append(appendKey(dst, f), "null"...)
		} else {
			dst = c.appendMember(dst, f)
		}
	}
	if len(dst) == start {
		dst = append(dst, ',')
	}
	dst[start] = '{'
	return append(dst, '}')
}

// MarshalJSON returns the document that AppendJSON appends. If JSON cannot represent a value, the
// error names the field. It is an [ErrText] for a string that is not valid UTF-8, and for a
// MetaPublic or UnknownMembers that is not a JSON object or has a member named like a field. It is
// an [ErrTime] for a date that does not exist, or a timestamp outside the years 0000 to 9999 in
// UTC. Ids and timezones are not validated.
func (c Contact) MarshalJSON() ([]byte, error) {
	for f := range fieldCount {
		if c.has(f) && !c.encodable(f) {
			return nil, &fieldError{f, fields[f].kind.unrepresentable()}
		}
	}
	unknown, ok := c.UnknownMembers.compact()
	if !ok || namesField(unknown) {
		return nil, &fieldError{fieldCount, errObject}
	}
	meta, _ := c.MetaPublic.compact()
	c.MetaPublic, c.UnknownMembers = Object(meta), Object(unknown)
	return c.AppendJSON(nil), nil
}

// namesField reports whether a member of a compact object has the name of a field.
func namesField(object string) bool {
	for rest := object[1:]; ; {
		name, _, after, ok := scan.Cut(rest)
		if !ok {
			return false
		}
		if _, known := FieldByName(scan.Unquote(name)); known {
			return true
		}
		rest = after
	}
}

// UnmarshalJSON reads a stored contact as ParseStored does. null leaves c as it is, and so does an
// error.
func (c *Contact) UnmarshalJSON(text []byte) error {
	switch {
	case string(text) == null:
		return nil
	case c == nil:
		return ErrNil
	}
	v, err := ParseStored(text)
	if err == nil {
		*c = *v
	}
	return err
}

// Clone returns a copy of c that shares no memory with it that either could change. It is nil if c
// is.
func (c *Contact) Clone() *Contact {
	if c == nil {
		return nil
	}
	v := new(struct {
		contact Contact
		slab
	})
	for f := range fieldCount {
		v.contact.cloneInto(&v.slab, c, f)
	}
	v.contact.UnknownMembers = Object(strings.Clone(string(c.UnknownMembers)))
	return &v.contact
}

// An Object is the text of a JSON object, kept as it was sent but for white space outside strings:
// its members stay in order and its numbers digit for digit. The zero value means {}. It is a
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

// UnmarshalJSON stores a copy of a JSON object without white space. null leaves o unchanged, and so
// does an error, which is the one that [Options.CheckField] returns for such a meta_public.
func (o *Object) UnmarshalJSON(text []byte) error {
	switch {
	case string(text) == null:
		return nil
	case o == nil:
		return ErrNil
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
