package contact

import (
	"time"

	"github.com/partner-contacts/contact/internal/limits"

	"github.com/partner-contacts/contact/internal/mergepatch"
)

const (
	emptyObject = "{}"
	null        = "null"
)

// A Patch is a validated JSON merge patch of a contact (RFC 7396): each field is absent, null or a
// value. It is immutable. The zero value changes nothing.
type Patch struct {
	contact Contact  // the values; meta_public is a merge patch of its own
	fields  FieldSet // what the patch touches
	cleared FieldSet // what it sets to null
}

// Fields returns the fields that the patch has, those it clears among them.
func (p *Patch) Fields() FieldSet { return p.fields }

// AppendJSON appends the patch's document, its fields in the order of the table. ParsePatch reads
// it back, but for values that Diff did not judge.
func (p *Patch) AppendJSON(dst []byte) []byte {
	return p.contact.appendFields(dst, p.fields, p.cleared)
}

// MarshalJSON returns what AppendJSON appends. It never fails.
func (p Patch) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil), nil }

// UnmarshalJSON reads a patch as ParsePatch does. null leaves p as it is, and so does an error.
func (p *Patch) UnmarshalJSON(text []byte) error {
	if string(text) == null {
		return nil
	}
	v, err := ParsePatch(text)
	if err == nil {
		*p = *v
	}
	return err
}

// PatchOf makes a patch from Go values and a field mask (AIP-134): it sets the given fields to what
// c has, and clears those that c does not have. The MetaPublic of c is taken as a merge patch: it
// is merged with what is stored, it does not replace it. The error is an Errors, as ParsePatch
// would have it of such a body; or, before that, with an entry for each value that JSON cannot
// carry, such as a string that is not valid UTF-8. The limits of size and depth are left to the
// service that the patch is sent to.
func PatchOf(c *Contact, fields FieldSet) (*Patch, error) {
	if c == nil {
		return nil, ErrNil
	}
	var absent FieldSet
	for f := range fields.All() {
		if !c.has(f) {
			absent |= 1 << f
		}
	}
	if err := c.checkEncodable(fields &^ absent); err != nil {
		return nil, err
	}
	return Options{MaxBytes: -1, MaxDepth: -1}.ParsePatch(c.appendFields(nil, fields, absent))
}

// carry returns the errors of those fields whose values JSON cannot carry, or nil.
func (c *Contact) checkEncodable(set FieldSet) error {
	var errs Errors
	for f := range set.All() {
		if !c.encodable(f) {
			errs = append(errs, f.encodeError())
		}
	}
	if errs == nil {
		return nil
	}
	return errs
}

// uncarried returns the error for a value of f that JSON cannot carry.
func (f Field) encodeError() Error {
	k := fields[f].kind
	e := newTypeError(k, f.pointer())
	switch k {
	case KindDate:
		return NewError(RuleDate, f.pointer())
	case KindTimestamp:
		return NewError(RuleTimestamp, f.pointer())
	case KindString, KindTimezone, KindStrings, KindEnum:
		e.Detail = messageUTF8.text()
	}
	return e
}

// At returns the patch for one version of the contact: its updated_at, as it was read. [Merge]
// refuses the patch if the contact has changed since. A version that p has is replaced. The error
// is [ErrNil], or [ErrTime] for the zero time and for what no document can hold.
func (p *Patch) At(version time.Time) (*Patch, error) {
	switch {
	case p == nil:
		return nil, ErrNil
	case version.IsZero():
		return nil, errZeroTime
	case !inRange(version):
		return nil, &fieldError{FieldUpdatedAt, ErrTime}
	}
	at := *p
	at.fields |= 1 << FieldUpdatedAt
	at.contact.UpdatedAt = version.UTC()
	return &at, nil
}

// Then returns the patch that does what p and then q do: [Merge] with it comes to what Merge with
// p and Merge with q of the result come to. The version that it asks for is p's, or q's if p has
// none.
//
// One thing no merge patch can say (RFC 7396 §2): to put an object where p has put something
// else, or nothing. What the stored object there has would have to go, and a merge patch can only
// add to it or remove members that it names. The error is then an [Errors] of rule meta at that
// member. It is of rule immutable where the two name different identities.
func (p *Patch) Then(q *Patch) (*Patch, error) {
	if p == nil || q == nil {
		return nil, ErrNil
	}
	v := new(struct {
		patch Patch
		slab
	})
	both := &v.patch
	both.fields = p.fields | q.fields
	both.cleared = p.cleared&^q.fields | q.cleared
	for f := range (p.fields &^ p.cleared).All() {
		if !q.fields.Has(f) || f == FieldUpdatedAt || IdentityFields.Has(f) {
			both.contact.cloneInto(&v.slab, &p.contact, f)
		}
	}
	var errs Errors
	for f := range q.fields.All() {
		switch twice := p.fields.Has(f); {
		case twice && IdentityFields.Has(f):
			if !p.contact.equal(&q.contact, f) {
				errs = append(errs, NewError(RuleImmutable, f.pointer()))
			}
		case twice && f == FieldUpdatedAt:
		case twice && f == FieldMetaPublic:
			meta, err := composeMeta(string(p.contact.MetaPublic), string(q.contact.MetaPublic))
			both.contact.MetaPublic = Object(meta)
			errs = append(errs, err...)
		default:
			if !q.cleared.Has(f) {
				both.contact.cloneInto(&v.slab, &q.contact, f)
			}
		}
	}
	if errs != nil {
		return nil, cut(errs, limits.MaxErrors)
	}
	return both, nil
}

// composeMeta returns the merge patch of meta_public that does what two do one after the other.
func composeMeta(first, then string) ([]byte, Errors) {
	var errs Errors
	meta := mergepatch.Compose(nil, first, then, func(path []string) {
		if len(errs) <= limits.MaxErrors {
			e := NewError(RuleMeta, "")
			e.setPointer(pointerTo(path))
			e.Detail = messageReplace.text()
			errs = append(errs, e)
		}
	})
	return meta, errs
}
