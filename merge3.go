package contact

import (
	"github.com/partner-contacts/contact/internal/mergepatch"
	"github.com/partner-contacts/contact/internal/scan"
)

// A Conflict is a field, or a member of meta_public, that both sides of a three-way merge changed
// differently.
type Conflict struct {
	Field   Field
	Pointer string // RFC 6901: to the field, or to the member of meta_public

	// PointerTruncated reports that Pointer stops at the last whole token within 100 characters, as
	// in an [Error]. Two conflicts may then have the same Pointer.
	PointerTruncated bool

	// Repeated reports that only theirs changed the value, and that the patch names it all the same.
	// Only [Patch.Rebase] has such conflicts.
	Repeated bool

	Base, Ours, Theirs string // the JSON text on each side; "" where there is none
}

// Merge3 merges two contacts that came from the same one, as a form does after a 409. theirs is the
// contact stored now, ours the one that a person made from base. A field that only one side changed
// is taken from that side. If both changed it alike, that is no conflict. If both changed it
// differently, it is one: keepOurs is then asked, once for each conflict in the order of the list,
// whether to take ours. Otherwise theirs is kept; a nil keepOurs keeps theirs everywhere. conflicts
// lists them all.
//
// A value of ours that equals that of base counts as not changed. Arrays are compared whole,
// meta_public member by member to any depth, where a deletion against a change inside is a conflict
// at the deleted member. updated_at is the later of ours and theirs; UnknownMembers is that of
// theirs.
//
// The error is an Errors of rule immutable for each identity field in which the three do not agree.
// Any other error is the program's: a nil contact, or a MetaPublic that is not a JSON object. With
// an error everything else is nil. The arguments are not modified; the result may share memory with
// them.
//
// [Patch.Rebase] does it for a patch.
func Merge3(base, ours, theirs *Contact, keepOurs func(Conflict) bool) (
	merged *Contact, conflicts []Conflict, err error,
) {
	if base == nil || ours == nil || theirs == nil {
		return nil, nil, ErrNil
	}
	take := func(c Conflict) bool {
		conflicts = append(conflicts, c)
		return keepOurs != nil && keepOurs(c)
	}
	var errs Errors
	v := &struct {
		contact Contact
		slab
	}{contact: *theirs}
	c := &v.contact
	for f := range fieldCount {
		from := theirs
		switch {
		case IdentityFields.Has(f):
			if !base.equal(ours, f) || !base.equal(theirs, f) {
				errs = append(errs, NewError(RuleImmutable, f.pointer()))
			}
			continue
		case f == FieldUpdatedAt:
			if ours.UpdatedAt.After(theirs.UpdatedAt) {
				c.UpdatedAt = ours.UpdatedAt
			}
			continue
		case f == FieldMetaPublic:
			var texts [3]string
			for i, side := range [...]*Contact{base, ours, theirs} {
				var ok bool
				if texts[i], ok = side.MetaPublic.compact(); !ok {
					return nil, nil, &fieldError{f, errObject}
				}
			}
			c.MetaPublic = Object(mergepatch.Merge3(nil, texts[0], texts[1], texts[2],
				func(path []string, base, ours, theirs string) bool {
					at := pointerTo(path)
					return take(Conflict{
						Field: f, Pointer: at.Text, PointerTruncated: at.Truncated,
						Base: base, Ours: ours, Theirs: theirs,
					})
				}))
			continue
		case ours.equal(theirs, f) || base.equal(ours, f):
		case base.equal(theirs, f),
			take(Conflict{
				Field: f, Pointer: f.pointer(),
				Base: base.text(f), Ours: ours.text(f), Theirs: theirs.text(f),
			}):
			from = ours
		}
		if from == ours || timeFields.Has(f) { // a time of theirs: see Merge
			c.cloneInto(&v.slab, from, f)
		}
	}
	if errs != nil {
		return nil, nil, errs
	}
	return c, conflicts, nil
}

// pointerTo returns the pointer to the member of meta_public at path, truncated as in an error:
// names may be long, and conflicts many.
func pointerTo(path []string) scan.Pointer {
	return scan.PointerTo(FieldMetaPublic.pointer(), path)
}
