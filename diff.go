package contact

import (
	"github.com/partner-contacts/contact/internal/mergepatch"
	"github.com/partner-contacts/contact/internal/scan"
)

// Diff returns the smallest patch that turns one contact into another: Merge of from with it has
// every writable field of to. updated_at is left out, and so are members that contacts do not have.
// Inside meta_public it goes member by member. Values are not judged again: a patch to a contact
// from ParseStored may hold a timezone that ParsePatch refuses.
//
// The error is an Errors with every fault: of rule immutable for each identity field that differs;
// of rule meta for each member of meta_public that is null where it was not, which a merge patch
// cannot say; as in PatchOf for what JSON cannot carry. A plain error stands for a nil argument or
// a MetaPublic of from that is not a JSON object.
func Diff(from, to *Contact) (*Patch, error) {
	if from == nil || to == nil {
		return nil, ErrNil
	}
	v := new(struct {
		patch Patch
		slab
	})
	p := &v.patch
	var errs Errors
	for f := range fieldCount {
		if f == FieldUpdatedAt || from.equal(to, f) {
			continue
		}
		if IdentityFields.Has(f) {
			errs = append(errs, NewError(RuleImmutable, f.pointer()))
			continue
		}
		p.fields |= 1 << f
		switch {
		case !to.has(f):
			p.cleared |= 1 << f
		case !to.encodable(f):
			errs = append(errs, f.encodeError())
		case f == FieldMetaPublic:
			before, ok := from.MetaPublic.compact()
			if !ok {
				return nil, &fieldError{f, ErrObject}
			}
			after, _ := to.MetaPublic.compact()
			p.contact.MetaPublic, errs = diffMeta(before, after, errs)
		default:
			p.contact.cloneInto(&v.slab, to, f)
		}
	}
	if errs != nil {
		return nil, cut(errs, DefaultMaxErrors)
	}
	return p, nil
}

// diffMeta returns the patch that turns one meta_public into another, and errs with an error more
// for each member that no patch can set.
func diffMeta(before, after string, errs Errors) (Object, Errors) {
	patch := mergepatch.Diff(nil, before, after, func(path []string) {
		if len(errs) <= DefaultMaxErrors {
			e := NewError(RuleMeta, "")
			e.setPointer(pointerTo(path))
			e.Detail = detailUnrepresentable
			errs = append(errs, e)
		}
	})
	return Object(patch), errs
}

// A Conflict is a place that both sides of a three-way merge changed, each in its own way.
type Conflict struct {
	Field   Field
	Pointer string // RFC 6901: to the field, or to the member of meta_public

	// PointerTruncated says that Pointer stops at the last whole token within 100 characters, as in
	// an Error. Two conflicts may have the same one then.
	PointerTruncated bool

	Base, Ours, Theirs string // the JSON text on each side; "" where there is none
}

// Merge3 merges two contacts that came from the same one: what a form does after a 409. theirs is
// what is stored now, ours what a person made of base. A field that only one side changed is taken
// from that side; both changed alike is no conflict; both changed differently is one, and theirs is
// kept: [Merge3Func] can choose. What ours repeats of base counts as not changed. Arrays are
// compared whole, meta_public member by member to any depth, where a deletion against a change
// inside is a conflict at the deleted member. updated_at is the later of ours and theirs; Unknown
// is that of theirs.
//
// The error is an Errors of rule immutable for each identity field in which the three do not agree.
// A plain error stands for a nil argument or a MetaPublic that is not a JSON object. With an error
// everything else is nil. The arguments are not modified; the result may share memory with them.
//
// To send the result, make a patch of it with Diff from theirs, for the version of theirs: see
// [Patch.At].
func Merge3(base, ours, theirs *Contact) (merged *Contact, conflicts []Conflict, err error) {
	merged, err = Merge3Func(base, ours, theirs, func(c Conflict) bool {
		conflicts = append(conflicts, c)
		return false
	})
	if err != nil {
		return nil, nil, err
	}
	return merged, conflicts, nil
}

// Merge3Func merges as Merge3 does, and takes ours at each conflict for which keepOurs says true.
// It is asked once for each, in the order in which Merge3 lists them, which also tells those apart
// whose pointers were cut to the same.
func Merge3Func(
	base, ours, theirs *Contact, keepOurs func(Conflict) bool,
) (*Contact, error) {
	if base == nil || ours == nil || theirs == nil || keepOurs == nil {
		return nil, ErrNil
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
					return nil, &fieldError{f, ErrObject}
				}
			}
			c.MetaPublic = Object(mergepatch.Merge3(nil, texts[0], texts[1], texts[2],
				func(path []string, base, ours, theirs string) bool {
					at := pointerTo(path)
					return keepOurs(Conflict{f, at.Text, at.Truncated, base, ours, theirs})
				}))
			continue
		case ours.equal(theirs, f) || base.equal(ours, f):
		case base.equal(theirs, f),
			keepOurs(Conflict{f, f.pointer(), false, base.text(f), ours.text(f), theirs.text(f)}):
			from = ours
		}
		if from == ours || timeFields.Has(f) { // a time of theirs: see Merge
			c.cloneInto(&v.slab, from, f)
		}
	}
	if errs != nil {
		return nil, errs
	}
	return c, nil
}

// text returns the JSON text of f, or "" if the contact does not have it.
func (c *Contact) text(f Field) string {
	if !c.has(f) {
		return ""
	}
	return string(c.appendValue(nil, f))
}

// pointerTo returns the pointer to what the names lead to in meta_public, cut as for an error:
// names may be long, and conflicts many.
func pointerTo(path []string) scan.Pointer {
	return scan.PointerTo(FieldMetaPublic.pointer(), path)
}
