package contact

import (
	"github.com/partner-contacts/contact/internal/limits"
	"github.com/partner-contacts/contact/internal/mergepatch"
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
				return nil, &fieldError{f, errObject}
			}
			after, _ := to.MetaPublic.compact()
			p.contact.MetaPublic, errs = diffMeta(before, after, errs)
		default:
			p.contact.cloneInto(&v.slab, to, f)
		}
	}
	if errs != nil {
		return nil, cut(errs, limits.MaxErrors)
	}
	return p, nil
}

// diffMeta returns the patch that turns one meta_public into another, and errs with an error more
// for each member that no patch can set.
func diffMeta(before, after string, errs Errors) (Object, Errors) {
	patch := mergepatch.Diff(nil, before, after, func(path []string) {
		if len(errs) <= limits.MaxErrors {
			e := NewError(RuleMeta, "")
			e.setPointer(pointerTo(path))
			e.Detail = messageUnrepresentable.text()
			errs = append(errs, e)
		}
	})
	return Object(patch), errs
}
