package contact

import (
	"slices"
	"time"

	"github.com/partner-contacts/contact/internal/mergepatch"
	"github.com/partner-contacts/contact/internal/scan"
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

// Cleared returns the fields that are null in the patch.
func (p *Patch) Cleared() FieldSet { return p.cleared }

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
		e.Detail = detailUTF8
	}
	return e
}

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
			return nil, 0, &fieldError{FieldMetaPublic, ErrObject}
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
					e.Detail = detailCutVersion
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

// mergeMeta returns the merged meta_public, whether it changed, and what is wrong with it.
func (o *Options) mergeMeta(old, patch string) (merged Object, changed bool, errs Errors) {
	text, changed := mergepatch.Merge(make([]byte, 0, len(old)+len(patch)), old, patch)
	if !changed {
		return Object(old), false, nil
	}
	// The limit is there to stop growth: what is over it already may still shrink.
	if len(text) > o.maxMeta() && len(text) > len(old) {
		return "", false, Errors{newLimitError(RuleSize, FieldMetaPublic.pointer(), o.maxMeta())}
	}
	if o.deepens(old, patch, view(text)) {
		return "", false, Errors{newLimitError(RuleDepth, FieldMetaPublic.pointer(), o.maxDepth())}
	}
	if cap(text)-len(text) > len(text)/2+128 {
		text = slices.Clone(text) // what the patch has removed is not to be kept
	}
	merged = Object(view(text))
	return merged, true, metaErrors(o.CheckMeta, merged)
}

// metaErrors returns what a team's own rules find wrong with an object, in the form of our errors.
func metaErrors(judge func(Object) Errors, o Object) Errors {
	if judge == nil {
		return nil
	}
	errs := slices.Clone(judge(o))
	for i := range errs {
		e := &errs[i]
		if e.Rule == "" {
			e.Rule = RuleMeta
		}
		if e.Code == "" {
			e.Code = e.Rule.info().code
		}
		if e.Detail == "" { // the texts of other rules are about fields
			e.Detail = RuleMeta.info().detail
		}
		if e.Pointer != "" && e.Pointer[0] != '/' {
			e.Pointer = "" // it points nowhere: blame the object
		}
		e.setPointer(scan.CutPointer(FieldMetaPublic.pointer() + e.Pointer))
	}
	return errs
}

// dividesSecond reports whether a second is a multiple of the step.
func dividesSecond(step time.Duration) bool { return step > 0 && time.Second%step == 0 }

// sameVersion reports whether two instants are the same when they are cut to a step that divides a
// second.
func sameVersion(a, b time.Time, step time.Duration) bool {
	return a.Unix() == b.Unix() && a.Nanosecond()/int(step) == b.Nanosecond()/int(step)
}

// isCut reports whether seen is a version whose sender cut off what is below the millisecond, or
// the microsecond.
//
//go:noinline
func lostPrecision(version, seen time.Time) bool {
	ns := seen.Nanosecond()
	return ns%int(time.Millisecond) == 0 && sameVersion(version, seen, time.Millisecond) ||
		ns%int(time.Microsecond) == 0 && sameVersion(version, seen, time.Microsecond)
}

// cutTo returns t in UTC, cut to a step that divides a second.
func truncateTime(t time.Time, step time.Duration) time.Time {
	return time.Unix(t.Unix(), int64(t.Nanosecond())/int64(step)*int64(step)).UTC()
}

// nextVersion returns the version after before.
func nextVersion(before, now time.Time, step time.Duration) (time.Time, error) {
	if !inRange(before) || !inRange(now) {
		return time.Time{}, &fieldError{FieldUpdatedAt, ErrTime}
	}
	least := truncateTime(before, step).Add(step)
	if before.Nanosecond()%int(step) != 0 {
		least = least.Add(step)
	}
	v := truncateTime(now, step)
	if v.Before(least) {
		v = least
	}
	if !inRange(v) {
		return time.Time{}, &fieldError{FieldUpdatedAt, ErrTime}
	}
	return v, nil
}
