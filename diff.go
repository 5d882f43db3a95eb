package contact

import (
	"github.com/partner-contacts/contact/internal/limits"
	"github.com/partner-contacts/contact/internal/mergepatch"
)

// Diff returns the smallest patch that turns one contact into another: [Merge] of from with it has
// every writable field of to. It leaves out updated_at and UnknownMembers. Inside meta_public it
// compares member by member. Values are not validated again: if a contact from [ParseStored] has an
// outdated timezone, so may the patch.
//
// The error is an [Errors] with every fault: of rule immutable for each identity field that
// differs, of rule meta for each member of meta_public that became null, and as in [PatchOf] for a
// value that JSON cannot represent. A merge patch cannot set a member to null. A nil argument is
// [ErrNil]; a MetaPublic of from that is not a JSON object is [ErrText].
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

// diffMeta returns the patch that turns one meta_public into another. To errs it appends an error
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
