package contact

import (
	"slices"
	"time"
)

// Merge applies a patch to a contact. It returns the result and the set of fields that differ from
// before.
//
// Fields that the patch does not have stay as they are and are not validated again. A value equal
// to the stored one changes nothing. meta_public is merged member by member, recursively (RFC
// 7396); arrays are replaced whole. Identity fields may only repeat the stored value. An updated_at
// in the patch is the version that its sender has read. If it differs from the stored one at
// Options.VersionResolution, the patch is refused: it would undo the change of another client.
//
// If any field changed and now is not the zero time, updated_at becomes now, truncated to the
// resolution. If now is less than one resolution after the stored version, updated_at becomes the
// next multiple of it, so that versions never repeat. changed includes FieldUpdatedAt if and only
// if it was stamped.
//
// If the patch cannot be applied, the error is an [Errors] with every reason: the rules immutable,
// stale and size, and those of Options.CheckMeta. Rule depth is for a patch made in Go, if its
// result could not be read again under the same options. Any other error is a fault of the program
// or the store:
//
//   - [ErrNil] for a nil argument,
//   - [ErrText] for a stored meta_public that is not a JSON object, if the patch has meta_public,
//   - [ErrTime] for a date or a time in the result that cannot be written, or a now after the year
//     9999,
//   - [StoreError] for a stored version at the end of the year 9999, which no version can follow.
//
// A resolution in Options that does not divide a second is an error, too.
//
// With an error the contact is nil and the set is empty. The arguments are not modified; the result
// may share memory with both. A typical merge makes three allocations.
func Merge(existing *Contact, p *Patch, now time.Time) (
	merged *Contact, changed FieldSet, err error,
) {
	return Options{}.Merge(existing, p, now)
}

// Merge is the function [Merge] with these options.
func (o Options) Merge(existing *Contact, p *Patch, now time.Time) (
	merged *Contact, changed FieldSet, err error,
) {
	if existing == nil || p == nil {
		return nil, 0, ErrNil
	}
	meta, ok := "", true
	if p.fields.Has(FieldMetaPublic) {
		if meta, ok = existing.MetaPublic.compact(); !ok {
			return nil, 0, &fieldError{FieldMetaPublic, errObject}
		}
	}
	m, err := o.planMerge(existing, meta, p, now, 0)
	if err != nil {
		return nil, 0, err
	}
	v := new(struct {
		contact Contact
		slab
	})
	c := &v.contact
	*c = *existing
	const apart FieldSet = 1<<FieldMetaPublic | 1<<FieldUpdatedAt
	for rest := m.changed &^ apart; rest != 0; rest &= rest - 1 {
		c.cloneInto(&v.slab, &p.contact, rest.first())
	}
	// The dates and times of existing are allocated together with it: a pointer would retain all of
	// it.
	for rest := timeFields &^ RequiredFields &^ m.changed; rest != 0; rest &= rest - 1 {
		c.cloneInto(&v.slab, existing, rest.first())
	}
	c.MetaPublic, c.UpdatedAt = m.meta, m.version
	if m.changed != 0 {
		if err := c.validTimes(); err != nil {
			return nil, 0, err
		}
		if o.tooLarge(c, existing) {
			return nil, 0, Errors{newDocumentError(o.maxDocument())}
		}
	}
	return c, m.changed, nil
}

// validTimes returns an error if no document can hold a date or a time of the contact. A program
// may have set such a value.
func (c *Contact) validTimes() error {
	for rest := timeFields; rest != 0; rest &= rest - 1 {
		if f := rest.first(); c.has(f) && !c.encodable(f) {
			return &fieldError{f, ErrTime}
		}
	}
	return nil
}

// timeFields are the dates and timestamps.
var timeFields = fieldsOfKinds(KindDate, KindTimestamp)

// longFields are the fields besides stringFields whose values vary in length.
var longFields = fieldsOfKinds(KindObject, KindIDs, KindStrings)

func fieldsOfKinds(kinds ...Kind) (set FieldSet) {
	for f := range fieldCount {
		if slices.Contains(kinds, fields[f].kind) {
			set |= 1 << f
		}
	}
	return set
}

// tooLarge reports whether the document of c is over MaxDocument and larger than before.
func (o *Options) tooLarge(c, before *Contact) bool {
	const (
		escaped = 6    // bytes that one byte of a string can take
		rest    = 4096 // bytes enough for all that is not counted
	)
	most, bound := o.maxDocument(), rest+len(c.UnknownMembers)
	for set := stringFields; set != 0; set &= set - 1 {
		if text := *c.stringAt(set.first()); text != nil {
			bound += escaped * len(*text)
		}
	}
	for set := longFields; set != 0; set &= set - 1 {
		bound += escaped * c.size(set.first())
	}
	if bound <= most {
		return false
	}
	n := len(c.AppendJSON(nil))
	return n > most && n > len(before.AppendJSON(nil))
}

// A mergePlan is the result of a patch: the fields that take the value of the patch, and the two
// fields whose new values are computed.
type mergePlan struct {
	changed FieldSet
	meta    Object
	version time.Time
}

// planMerge computes the result of a patch; it does not check MaxDocument. meta is the stored
// meta_public as a compact JSON object; it is used only if the patch has that field. broken are the
// fields whose stored value is unreadable: a patch of one counts as a change.
func (o *Options) planMerge(
	existing *Contact, meta string, p *Patch, now time.Time, broken FieldSet,
) (m mergePlan, err error) {
	step := o.VersionResolution
	if step == 0 {
		step = time.Microsecond
	}
	if !dividesSecond(step) || o.TimestampResolution != 0 && !dividesSecond(o.TimestampResolution) {
		return m, errResolution
	}
	m.meta, m.version = existing.MetaPublic, existing.UpdatedAt
	var errs Errors
	for rest := p.fields; rest != 0; rest &= rest - 1 {
		switch f := rest.first(); {
		case IdentityFields.Has(f):
			if broken.Has(f) || !existing.equal(&p.contact, f) {
				errs = append(errs, NewError(RuleImmutable, f.pointer()))
			}
		case f == FieldUpdatedAt:
			if seen := p.contact.UpdatedAt; !o.AllowStale && !sameVersion(m.version, seen, step) {
				e := NewError(RuleStale, f.pointer())
				if lostPrecision(m.version, seen) {
					e.Detail = messageLostPrecision.text()
				}
				errs = append(errs, e)
			}
		case f == FieldMetaPublic:
			merged, differs, faults := o.mergeMeta(meta, string(p.contact.MetaPublic))
			errs = append(errs, faults...)
			if differs || broken.Has(f) {
				m.meta = merged
				m.changed |= 1 << f
			}
		case broken.Has(f) || !existing.equal(&p.contact, f):
			m.changed |= 1 << f
		}
	}
	if errs != nil {
		return m, cut(errs, o.maxErrors())
	}
	if m.changed != 0 && !now.IsZero() {
		m.changed |= 1 << FieldUpdatedAt
		m.version, err = nextVersion(m.version, now, step)
	}
	return m, err
}
