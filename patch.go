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
	fields  FieldSet // the fields that the patch touches
	cleared FieldSet // those that it sets to null
}

// Fields returns the fields that the patch has, those it clears among them. A nil patch has none.
func (p *Patch) Fields() FieldSet {
	if p == nil {
		return 0
	}
	return p.fields
}

// AppendJSON appends the patch's document, with its fields in the order of the Field constants.
// ParsePatch reads it back, except for values from [Diff], which does not validate them. A nil
// patch is null.
func (p *Patch) AppendJSON(dst []byte) []byte {
	if p == nil {
		return append(dst, null...)
	}
	return p.contact.appendFields(dst, p.fields, p.cleared)
}

// MarshalJSON returns the document that AppendJSON appends. It never fails.
func (p Patch) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil), nil }

// UnmarshalJSON reads a patch as [ParsePatch] does. On null or an error p is unchanged.
func (p *Patch) UnmarshalJSON(text []byte) error {
	switch {
	case string(text) == null:
		return nil
	case p == nil:
		return ErrNil
	}
	v, err := ParsePatch(text)
	if err == nil {
		*p = *v
	}
	return err
}

// PatchOf makes a patch from Go values and a field mask (AIP-134). It sets the given fields to the
// values in c, and clears those that c does not have. The MetaPublic of c is a merge patch: it is
// merged with the stored object and does not replace it.
//
// If JSON cannot represent a value, such as a string that is not valid UTF-8, the error is an
// [Errors] with an entry for each such value. Otherwise it is the error of [ParsePatch] for the
// same body. The limits of size and depth do not apply; the receiving service checks them. A nil c
// is [ErrNil]. The zero time in one of the fields is [ErrTime]: nobody has set it.
func PatchOf(c *Contact, fields FieldSet) (*Patch, error) {
	if c == nil {
		return nil, ErrNil
	}
	var absent FieldSet
	for f := range fields.All() {
		switch {
		case !c.has(f):
			absent |= 1 << f
		case c.unset(f):
			return nil, checkTime(f, c.timestamp(f))
		}
	}
	if err := c.checkEncodable(fields &^ absent); err != nil {
		return nil, err
	}
	return Options{MaxBytes: -1, MaxDepth: -1}.ParsePatch(c.appendFields(nil, fields, absent))
}

// checkEncodable returns an error for each field in set whose value JSON cannot represent, or nil.
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

// encodeError returns the error for a value of f that JSON cannot represent.
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

// At returns a copy of p that applies to one version of the contact only: its updated_at, as it was
// read. [Merge] refuses the copy if the contact has changed since. A version that p already has is
// replaced. The error is [ErrNil], or [ErrTime] for the zero time and for a year outside 0000 to
// 9999.
func (p *Patch) At(version time.Time) (*Patch, error) {
	if p == nil {
		return nil, ErrNil
	}
	if err := checkTime(FieldUpdatedAt, version); err != nil {
		return nil, err
	}
	at := *p
	at.fields |= 1 << FieldUpdatedAt
	at.contact.UpdatedAt = version.UTC()
	return &at, nil
}

// Then returns one patch with the effect of p followed by q. [Merge] with it has the same result as
// Merge with p and then with q. Its version is that of p, or that of q if p has none.
//
// A merge patch cannot replace a member by an object (RFC 7396 §2): it only adds to a stored
// object, or removes members that it names. If q puts an object where p has a null or another
// value, the error is an [Errors] of rule meta at that member. If p and q name different
// identities, it is of rule immutable.
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

// composeMeta returns the merge patch of meta_public with the effect of first followed by then.
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
