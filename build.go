//go:build !wasm

package contact

import (
	"time"

	"github.com/partner-contacts/contact/internal/mergepatch"
	"github.com/partner-contacts/contact/internal/scan"
)

// A PatchBuilder makes a [Patch] in Go, field by field. It names what it sets: a consent flag
// that no call names is never written. What is wrong is collected for [PatchBuilder.Patch]. For
// one field the last call counts.
type PatchBuilder struct {
	texts [fieldCount][]byte     // the JSON value of each field that has one
	errs  [fieldCount + 1]Errors // of each field, and last of what is no field
}

// NewPatch returns a builder of a patch that changes nothing yet.
func NewPatch() *PatchBuilder { return new(PatchBuilder) }

// unlimited are the options for what is made in Go: its limits are those of the service that it
// is sent to.
var unlimited = Options{MaxBytes: -1, MaxDepth: -1}

// put notes the JSON value of a field, or the errors that it has.
func (b *PatchBuilder) put(f Field, value []byte) *PatchBuilder {
	err, _ := unlimited.CheckField(f, value).(Errors)
	if f >= fieldCount {
		b.errs[unknownMember] = err
		return b
	}
	if err != nil && err[0].Rule == RuleSyntax {
		err = Errors{newTypeError(f.Kind(), f.pointer())}
	}
	b.texts[f], b.errs[f] = value, err
	return b
}

// Set sets a field to a value of the Go type that [Contact.Get] has for it. That of meta_public
// is merged; see [PatchBuilder.MergeMeta].
func (b *PatchBuilder) Set(f Field, value any) *PatchBuilder {
	if s, ok := value.(string); ok && f.Kind() == KindConstant {
		return b.put(f, scan.AppendString(nil, s, false))
	}
	var c Contact
	if f >= fieldCount || !c.set(f, value) {
		return b.put(f, nil)
	}
	if err, broken := c.carry(1 << f).(Errors); broken {
		b.texts[f], b.errs[f] = nil, err
		return b
	}
	return b.put(f, c.appendValue(nil, f))
}

// set sets a field if the value is of its Go type, and reports whether it is.
func (c *Contact) set(f Field, value any) bool {
	switch p := c.Ptr(f).(type) {
	case *ID:
		return assign(p, value)
	case **string:
		*p = new(string)
		return assign(*p, value)
	case **Date:
		*p = new(Date)
		return assign(*p, value)
	case *time.Time:
		return assign(p, value)
	case **time.Time:
		*p = new(time.Time)
		return assign(*p, value)
	case *bool:
		return assign(p, value)
	case *Object:
		return assign(p, value)
	case *[]ID:
		return assign(p, value)
	case *[]string:
		return assign(p, value)
	}
	return false
}

func assign[T any](p *T, value any) (ok bool) {
	*p, ok = value.(T)
	return ok
}

// SetText sets a field to what a text says, as it stands in the cell of a table: a string or a
// timezone as it is, an id, a date or a timestamp in its own form, true or false for a flag, and
// JSON for meta_public and the arrays.
func (b *PatchBuilder) SetText(f Field, text string) *PatchBuilder {
	switch f.Kind() {
	case KindString:
		return b.Set(f, text)
	case KindBoolean, KindObject, KindIDs, KindStrings:
		return b.put(f, []byte(text))
	}
	return b.put(f, scan.AppendString(nil, text, false))
}

// Clear sets an optional field to null.
func (b *PatchBuilder) Clear(f Field) *PatchBuilder { return b.put(f, []byte("null")) }

// MergeMeta merges members into meta_public, null removing one (RFC 7396). Of several calls each
// goes on where the one before stopped, as [Patch.Then] has it.
func (b *PatchBuilder) MergeMeta(members Object) *PatchBuilder {
	const f = FieldMetaPublic
	before := b.texts[f]
	b.Set(f, members)
	if before == nil || b.errs[f] != nil {
		return b
	}
	meta, err := composeMeta(string(before), string(b.texts[f]))
	b.texts[f], b.errs[f] = meta, err
	return b
}

// At says which version of the contact the patch is for: its updated_at, as it was read. [Merge]
// refuses the patch if the contact has changed since.
func (b *PatchBuilder) At(version time.Time) *PatchBuilder { return b.Set(FieldUpdatedAt, version) }

// Patch returns the patch. The error is an [Errors] with all that is wrong, as [ParsePatch] would
// have it of such a body, and of rule type for a value of another Go type.
func (b *PatchBuilder) Patch() (*Patch, error) {
	var errs Errors
	for _, e := range b.errs {
		errs = append(errs, e...)
	}
	if errs != nil {
		return nil, cut(errs, DefaultMaxErrors)
	}
	body := []byte{'{'}
	for f, text := range b.texts {
		if text == nil {
			continue
		}
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(scan.AppendString(body, Field(f).String(), false), ':')
		body = append(body, text...)
	}
	return unlimited.ParsePatch(append(body, '}'))
}

// Then returns the patch that does what p and then q do: [Merge] with it comes to what Merge with
// p and Merge with q of the result come to. The version that it asks for is p's, or q's if p has
// none.
//
// One thing no merge patch can say (RFC 7396 §2): to put an object where p has put something
// else, or nothing. What the stored object there has would have to go, and a merge patch can only
// add to it or remove members that it names. The error is then an [Errors] of rule meta at that
// member. It is of rule immutable where the two name different identities.
func (p *Patch) Then(q *Patch) (*Patch, error) {
	if p == nil || q == nil {
		return nil, ErrNil
	}
	both := Patch{
		contact: p.contact,
		fields:  p.fields | q.fields,
		cleared: p.cleared&^q.fields | q.cleared,
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
			both.contact.take(new(pieces), &q.contact, f)
		}
	}
	if errs != nil {
		return nil, errs
	}
	return &both, nil
}

// composeMeta returns the merge patch of meta_public that does what two do one after the other.
func composeMeta(first, then string) ([]byte, Errors) {
	var errs Errors
	meta := mergepatch.Compose(nil, first, then, func(way []string) {
		e := NewError(RuleMeta, "")
		e.point(pointerTo(way))
		e.Detail = detailReplace
		errs = append(errs, e)
	})
	return meta, errs
}

const detailReplace = "Send the two patches one after the other: " +
	"no merge patch replaces a member by an object."
