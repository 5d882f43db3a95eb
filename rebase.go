//go:build !contact_small

package contact

import (
	"slices"
	"time"

	"github.com/partner-contacts/contact/internal/mergepatch"
)

// Rebase returns the patch for theirs, the contact stored now, that has the changes which p makes
// to base, the contact that p was made for. Use it after a 409: [Merge] of theirs with the result
// is [Merge3] of base, base with p, and theirs, and the result has the version of theirs. If
// nothing is left to change, it has no other field.
//
// keepOurs decides conflicts as in Merge3, and conflicts lists them all. There is one more kind of
// conflict: p repeats the value of base, and theirs has another. A form that sends all of its
// fields does so by accident, a person who gives a consent once more on purpose. Conflict.Repeated
// tells these conflicts, which come after the others; there is none inside a member with one of the
// others. Without an answer of keepOurs theirs is kept,
// so a consent that was withdrawn in the meantime stays withdrawn:
//
//	patch, conflicts, err := p.Rebase(base, theirs, func(c contact.Conflict) bool {
//		return !c.Repeated || contact.ConsentFields.Has(c.Field) && asked(c)
//	})
//
// The version of p and the limits of [Options] do not apply. The error is an [Errors] for an
// identity field in which p, base and theirs do not agree, and for a member of meta_public that no
// patch can set; see [Diff]. A nil argument is [ErrNil], a theirs without a version [ErrTime], and
// a MetaPublic that is not a JSON object [ErrText]. With an error everything else is nil. The
// arguments are not modified; the result may share memory with them.
func (p *Patch) Rebase(base, theirs *Contact, keepOurs func(Conflict) bool) (
	rebased *Patch, conflicts []Conflict, err error,
) {
	o := Options{AllowStale: true, MaxDepth: -1, MaxMeta: -1, MaxDocument: -1}
	ours, _, err := o.Merge(base, p, time.Time{})
	if err != nil {
		return nil, nil, err
	}
	merged, conflicts, err := Merge3(base, ours, theirs, keepOurs)
	if err != nil {
		return nil, nil, err
	}
	asked := conflicts
	for f := range (p.fields & WritableFields).All() {
		if f != FieldMetaPublic && (!ours.equal(base, f) || ours.equal(merged, f)) {
			continue
		}
		take := func(at Conflict) bool {
			at.Field, at.Repeated = f, true
			conflicts = append(conflicts, at)
			return keepOurs != nil && keepOurs(at)
		}
		if f == FieldMetaPublic {
			merged.MetaPublic = p.repeatMeta(base.MetaPublic, merged.MetaPublic, asked, take)
			continue
		}
		value := ours.text(f)
		if take(Conflict{Pointer: f.pointer(), Base: value, Ours: value, Theirs: merged.text(f)}) {
			merged.cloneInto(new(slab), ours, f)
		}
	}
	if rebased, err = Diff(theirs, merged); err == nil {
		rebased, err = rebased.At(theirs.UpdatedAt)
	}
	if err != nil {
		return nil, nil, err
	}
	return rebased, conflicts, nil
}

// repeatMeta returns merged with the members that p repeats from base and that take takes. It does
// not ask about members inside one of the conflicts, which are decided.
func (p *Patch) repeatMeta(
	base, merged Object, conflicts []Conflict, take func(Conflict) bool,
) Object {
	before, _ := base.compact()
	after, _ := merged.compact()
	again := mergepatch.Repeated(nil, string(p.contact.MetaPublic), before, after,
		func(path []string, value, other string) bool {
			if contains(conflicts, path) {
				return false
			}
			at := pointerTo(path)
			return take(Conflict{
				Pointer: at.Text, PointerTruncated: at.Truncated, Base: value, Ours: value, Theirs: other,
			})
		})
	meta, _ := mergepatch.Merge(nil, after, view(again))
	return Object(meta)
}

// contains reports whether a conflict is about the member of meta_public at path or one around it.
func contains(conflicts []Conflict, path []string) bool {
	for n := range path {
		around := pointerTo(path[:n+1]).Text
		if slices.ContainsFunc(conflicts, func(c Conflict) bool {
			return c.Pointer == around && !c.PointerTruncated
		}) {
			return true
		}
	}
	return false
}
