package contact

import (
	"slices"
	"time"
)

// Merge applies a patch to a contact and returns the result and the set of fields that differ from
// before.
//
// Fields that the patch does not have stay as they are and are not judged again. A value equal to
// what is there changes nothing. meta_public is merged member by member, recursively; arrays are
// replaced whole. Identity fields may only repeat what is stored. An updated_at in the patch is the
// version that its sender saw: if it is not the stored one, at Options.VersionResolution, somebody
// else's change would be undone, and the patch is refused.
//
// If anything changed and now is not the zero time, updated_at becomes now cut to the resolution.
// If that is not at least one step of the resolution after the stored version it becomes the first
// multiple of it that is, so that versions never repeat. changed has FieldUpdatedAt exactly then.
//
// For a patch that cannot be applied the error is an Errors with every reason, of the rules
// immutable, stale, size, those of Options.CheckMeta, and depth for what the same options would not
// read again, as a patch made in Go can make it. Any other error is the program's or the store's: a
// nil argument, a resolution that does not divide a second, a stored meta_public that is not a JSON
// object and that the patch touches, a date or a time in the result that cannot be written. With an
// error the contact is nil and the set empty. Neither argument is modified; the result may share
// memory with both. A usual patch takes three allocations.
func Merge(existing *Contact, p *Patch, now time.Time) (
	merged *Contact, changed FieldSet, err error,
) {
	return Options{}.Merge(existing, p, now)
}

// Merge is the function Merge by these options.
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
	// What stands in memory that existing is allocated with would keep all of it alive.
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

// storable returns an error if a date or a time of the contact is one that no document can hold. A
// program may have put it there.
func (c *Contact) validTimes() error {
	for rest := timeFields; rest != 0; rest &= rest - 1 {
		if f := rest.first(); c.has(f) && !c.encodable(f) {
			return &fieldError{f, ErrTime}
		}
	}
	return nil
}

// timeFields are the fields that can hold what cannot be written.
var timeFields = fieldsOfKinds(KindDate, KindTimestamp)

// longFields are those besides stringFields whose values have no length of their own.
var longFields = fieldsOfKinds(KindObject, KindIDs, KindStrings)

func fieldsOfKinds(kinds ...Kind) (set FieldSet) {
	for f := range fieldCount {
		if slices.Contains(kinds, fields[f].kind) {
			set |= 1 << f
		}
	}
	return set
}

// tooLarge reports whether the document of c is over the limit and larger than it was before.
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

// An outcome is what a patch makes of a contact: which fields take the value that the patch has,
// and what becomes of the two of which that is not all.
type mergePlan struct {
	changed FieldSet
	meta    Object
	version time.Time
}

// weigh says what becomes of a contact, but for the limit of its document. Meta is its meta_public
// as a compact JSON object, if the patch has it; the fields in broken differ from any value.
func (o *Options) planMerge(
	existing *Contact, meta string, p *Patch, now time.Time, broken FieldSet,
) (m mergePlan, err error) {
	step := o.VersionResolution
	if step == 0 {
		step = time.Microsecond
	}
	if !dividesSecond(step) || o.TimestampResolution != 0 && !dividesSecond(o.TimestampResolution) {
		return m, ErrResolution
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
