package contact

import (
	"slices"
	"time"
)

// A Patch is a validated JSON merge patch of a contact (RFC 7396): each field is absent, null or a value. It is
// immutable. The zero value changes nothing.
type Patch struct {
	contact Contact  // the values; meta_public is a merge patch of its own
	fields  FieldSet // what the patch touches
	cleared FieldSet // what it sets to null
}

// Fields returns the fields that the patch has, those it clears among them.
func (p *Patch) Fields() FieldSet { return p.fields }

// Cleared returns the fields that are null in the patch.
func (p *Patch) Cleared() FieldSet { return p.cleared }

// AppendJSON appends the patch's document, its fields in the order of the table. ParsePatch reads it back, but for values
// that Diff did not judge.
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

// PatchOf makes a patch from Go values and a field mask (AIP-134): it sets the given fields to what c has, and clears
// those that c does not have. The MetaPublic of c is taken as a merge patch: it is merged with what is stored, it does
// not replace it. The error is an Errors, as ParsePatch would have it of such a body; or, before that, with an entry for
// each value that JSON cannot carry, such as a string that is not valid UTF-8. The limits of size and depth are left to
// the service that the patch is sent to.
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
	if err := c.carry(fields &^ absent); err != nil {
		return nil, err
	}
	return Options{MaxBytes: -1, MaxDepth: -1}.ParsePatch(c.appendFields(nil, fields, absent))
}

// carry returns the errors of those fields whose values JSON cannot carry, or nil.
func (c *Contact) carry(set FieldSet) error {
	var errs Errors
	for f := range set.All() {
		if c.carries(f) {
			continue
		}
		switch k := fields[f].kind; k {
		case KindDate:
			errs = append(errs, NewError(RuleDate, f.pointer()))
		case KindTimestamp:
			errs = append(errs, NewError(RuleTimestamp, f.pointer()))
		case KindObject:
			errs = append(errs, newTypeError(k, f.pointer()))
		default:
			e := newTypeError(k, f.pointer())
			e.Detail = detailUTF8
			errs = append(errs, e)
		}
	}
	if errs == nil {
		return nil
	}
	return errs
}

// Merge applies a patch to a contact and returns the result and the set of fields that differ from before.
//
// Fields that the patch does not have stay as they are and are not judged again. A value equal to what is there changes
// nothing. meta_public is merged member by member, recursively; arrays are replaced whole. Identity fields may only
// repeat what is stored. An updated_at in the patch is the version that its sender saw: if it is not the stored one, to
// the microsecond, somebody else's change would be undone, and the patch is refused.
//
// If anything changed and now is not the zero time, updated_at becomes now cut to the microsecond, or, if that is not
// later, the first microsecond that is at least one after the stored version, so that versions never repeat; changed has
// FieldUpdatedAt exactly then.
//
// For a patch that cannot be applied the error is an Errors with every reason, of the rules immutable, stale, size and
// those of Options.CheckMeta. Any other error is the program's or the store's: a nil argument, a stored meta_public that is not
// a JSON object and that the patch touches, a time that cannot be written. With an error the contact is nil and the set
// empty. Neither argument is modified; the result may share memory with both. It allocates at most three times if
// objects in its meta_public have at most 8 members.
func Merge(existing *Contact, p *Patch, now time.Time) (merged *Contact, changed FieldSet, err error) {
	return Options{}.Merge(existing, p, now)
}

// Merge is the function Merge by these options.
func (r Options) Merge(existing *Contact, p *Patch, now time.Time) (merged *Contact, changed FieldSet, err error) {
	if existing == nil || p == nil {
		return nil, 0, ErrNil
	}
	v := new(struct {
		contact Contact
		arena
	})
	if changed, err = r.merge(&v.contact, &v.arena, existing, p, now); err != nil {
		return nil, 0, err
	}
	return &v.contact, changed, nil
}

// merge is Merge into c, which is allocated with a.
func (r *Options) merge(c *Contact, a *arena, existing *Contact, p *Patch, now time.Time) (changed FieldSet, err error) {
	*c = *existing
	var errs Errors
	for rest := p.fields; rest != 0; rest &= rest - 1 {
		switch f := rest.first(); {
		case IdentityFields.Has(f):
			if !existing.equal(&p.contact, f) {
				errs = append(errs, NewError(RuleImmutable, f.pointer()))
			}
		case f == FieldUpdatedAt:
			if !r.AllowStale && micros(existing.UpdatedAt) != micros(p.contact.UpdatedAt) {
				errs = append(errs, NewError(RuleStale, f.pointer()))
			}
		case f == FieldMetaPublic:
			old, ok := existing.MetaPublic.compact()
			if !ok {
				return 0, &fieldError{FieldMetaPublic, ErrObject}
			}
			meta, faults := r.mergeMeta(old, string(p.contact.MetaPublic))
			errs = append(errs, faults...)
			if meta != "" {
				c.MetaPublic = meta
				changed |= 1 << f
			}
		case !existing.equal(&p.contact, f):
			c.take(a, &p.contact, f)
			changed |= 1 << f
		}
	}
	if errs != nil {
		return 0, cut(errs, r.maxErrors())
	}
	if changed != 0 && !now.IsZero() {
		if c.UpdatedAt, err = nextVersion(existing.UpdatedAt, now); err != nil {
			return 0, err
		}
		changed |= 1 << FieldUpdatedAt
	}
	return changed, nil
}

// mergeMeta returns the merged meta_public, or "" if it did not change, and what is wrong with it.
func (r *Options) mergeMeta(old, patch string) (Object, Errors) {
	text, changed := mergeObjects(make([]byte, 0, len(old)+len(patch)), old, patch)
	if !changed {
		return "", nil
	}
	// The limit is there to stop growth: what is over it already may still shrink.
	if len(text) > r.maxMeta() && len(text) > len(old) {
		return "", Errors{newLimitError(RuleSize, FieldMetaPublic.pointer(), r.maxMeta())}
	}
	merged := Object(view(text))
	return merged, metaErrors(r.CheckMeta, merged)
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
		standard := NewError(e.Rule, "")
		if e.Code == "" {
			e.Code = standard.Code
		}
		if e.Detail == "" {
			e.Detail = standard.Detail
		}
		if e.Detail == "" {
			e.Detail = NewError(RuleMeta, "").Detail
		}
		if e.Pointer != "" && e.Pointer[0] != '/' {
			e.Pointer = "" // it points nowhere: blame the object
		}
		var cut bool
		e.Pointer, cut = cutPointer(FieldMetaPublic.pointer() + e.Pointer)
		e.Meta.PointerTruncated = e.Meta.PointerTruncated || cut
	}
	return errs
}

// micros returns t in microseconds since 1970, the precision at which versions are compared: that of the databases
// behind the API.
func micros(t time.Time) int64 { return t.Unix()*1_000_000 + int64(t.Nanosecond())/1000 }

// nextVersion returns the version after before.
func nextVersion(before, now time.Time) (time.Time, error) {
	if !writable(before) || !writable(now) {
		return time.Time{}, &fieldError{FieldUpdatedAt, ErrTime}
	}
	least := micros(before) + 1
	if before.Nanosecond()%1000 != 0 {
		least++
	}
	v := time.UnixMicro(max(micros(now), least)).UTC()
	if !writable(v) {
		return time.Time{}, &fieldError{FieldUpdatedAt, ErrTime}
	}
	return v, nil
}

// Diff returns the smallest patch that turns one contact into another: Merge of from with it has every writable field of
// to. updated_at is left out. Inside meta_public it goes member by member. Values are not judged again: a patch to a
// contact from ParseStored may hold a timezone that ParsePatch refuses.
//
// The error is an Errors: of rule immutable for each identity field that differs; of rule meta for a member of
// meta_public that is null where it was not, which a merge patch cannot say; as in PatchOf for what JSON cannot carry. A
// plain error stands for a nil argument or a MetaPublic of from that is not a JSON object.
func Diff(from, to *Contact) (*Patch, error) {
	if from == nil || to == nil {
		return nil, ErrNil
	}
	v := new(struct {
		patch Patch
		arena
	})
	p := &v.patch
	var errs Errors
	for f := range fieldCount {
		switch {
		case f == FieldUpdatedAt || from.equal(to, f):
		case IdentityFields.Has(f):
			errs = append(errs, NewError(RuleImmutable, f.pointer()))
		default:
			p.contact.take(&v.arena, to, f)
			p.fields |= 1 << f
			if !to.has(f) {
				p.cleared |= 1 << f
			}
		}
	}
	if errs != nil {
		return nil, errs
	}
	if err := to.carry(p.fields &^ p.cleared); err != nil {
		return nil, err
	}
	if p.fields.Has(FieldMetaPublic) {
		before, ok := from.MetaPublic.compact()
		if !ok {
			return nil, &fieldError{FieldMetaPublic, ErrObject}
		}
		after, _ := to.MetaPublic.compact()
		text, unsaid := diffObjects(nil, before, after)
		if unsaid != "" {
			e := NewError(RuleMeta, "")
			e.Pointer, e.Meta.PointerTruncated = cutPointer(FieldMetaPublic.pointer() + unsaid)
			e.Detail = detailNull
			return nil, Errors{e}
		}
		p.contact.MetaPublic = Object(text)
	}
	return p, nil
}

// A Conflict is a place that both sides of a three-way merge changed, each in its own way.
type Conflict struct {
	Pointer            string // JSON Pointer to the field, or to the member of meta_public, cut as in an Error
	Base, Ours, Theirs string // the JSON text on each side; "" where there is none
}

// Merge3 merges two contacts that came from the same one: what a form does after a 409. theirs is what is stored now,
// ours what a person made of base. A field that only one side changed is taken from that side; both changed alike is no
// conflict; both changed differently is one, and theirs is kept. Arrays are compared whole, meta_public member by member
// to any depth, where a deletion against a change inside is a conflict at the deleted member. updated_at is the later of
// ours and theirs.
//
// The error is an Errors of rule immutable for each identity field in which the three do not agree. A plain error
// stands for a nil argument or a MetaPublic that is not a JSON object. With an error everything else is nil. The
// arguments are not modified; the result may share memory with them.
func Merge3(base, ours, theirs *Contact) (merged *Contact, conflicts []Conflict, err error) {
	if base == nil || ours == nil || theirs == nil {
		return nil, nil, ErrNil
	}
	var errs Errors
	v := &struct {
		contact Contact
		arena
	}{contact: *theirs}
	c := &v.contact
	for f := range fieldCount {
		switch {
		case IdentityFields.Has(f):
			if !base.equal(ours, f) || !base.equal(theirs, f) {
				errs = append(errs, NewError(RuleImmutable, f.pointer()))
			}
		case f == FieldUpdatedAt:
			if ours.UpdatedAt.After(theirs.UpdatedAt) {
				c.UpdatedAt = ours.UpdatedAt
			}
		case f == FieldMetaPublic:
			var texts [3]string
			for i, side := range [...]*Contact{base, ours, theirs} {
				var ok bool
				if texts[i], ok = side.MetaPublic.compact(); !ok {
					return nil, nil, &fieldError{FieldMetaPublic, ErrObject}
				}
			}
			var text []byte
			text, conflicts = mergeObjects3(nil, texts[0], texts[1], texts[2], nil, conflicts)
			c.MetaPublic = Object(text)
		case ours.equal(theirs, f) || base.equal(ours, f):
		case base.equal(theirs, f):
			c.take(&v.arena, ours, f)
		default:
			conflicts = append(conflicts, Conflict{f.pointer(), base.text(f), ours.text(f), theirs.text(f)})
		}
	}
	if errs != nil {
		return nil, nil, errs
	}
	return c, conflicts, nil
}

// text returns the JSON text of f, or "" if the contact does not have it.
func (c *Contact) text(f Field) string {
	if !c.has(f) {
		return ""
	}
	return string(c.appendValue(nil, f))
}
