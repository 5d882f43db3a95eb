package contact

import (
	"cmp"
	"slices"

	"github.com/partner-contacts/contact/internal/limits"
)

// Parse reads a whole contact from outside: all required fields, no nulls and no unknown members.
// The error is an [Errors] with every fault. The contact shares no memory with body. A typical
// contact takes four allocations.
func Parse(body []byte) (*Contact, error) { return Options{}.Parse(body) }

// ParseStored reads a contact from your own store. It differs from [Parse] in four ways. An
// optional field may be null, which means that it is absent. Timezones are not looked up, because a
// name that was valid when it was stored may have been removed since. Unknown members are kept in
// UnknownMembers. Options.MaxBytes does not apply, because many small patches can build a contact
// larger than any body. The error is a [StoreError].
func ParseStored(body []byte) (*Contact, error) { return Options{}.ParseStored(body) }

// ParsePatch reads the body of an update, a JSON merge patch (RFC 7396) of a contact. It may have
// any of the fields; null clears an optional one. The error is an [Errors] with every fault that
// can be found without the stored contact. It allocates as [Parse] does.
func ParsePatch(body []byte) (*Patch, error) { return Options{}.ParsePatch(body) }

// Check returns the error that [Parse] would, without making a contact. For a valid body it
// allocates nothing, unless an object has more than 64 members, Options.CheckMeta is set, or the
// body nests deeper than 64 levels.
func Check(body []byte) error { return Options{}.Check(body) }

// CheckPatch returns the error that [ParsePatch] would, without making a patch. For a valid body it
// allocates nothing unless an object has more than 64 members.
func CheckPatch(body []byte) error { return Options{}.CheckPatch(body) }

// Parse is the function [Parse] with these options.
func (o Options) Parse(body []byte) (*Contact, error) { return o.parseContact(body, modeContact) }

// ParseStored is the function [ParseStored] with these options.
func (o Options) ParseStored(body []byte) (*Contact, error) {
	c, err := o.forStored().parseContact(body, modeStored)
	return c, storeError(err)
}

func (o Options) parseContact(body []byte, m mode) (*Contact, error) {
	if err := o.tooLong(body); err != nil {
		return nil, err
	}
	var v struct {
		contact Contact
		arena
	}
	var p parser
	p.init(&o, view(body), m)
	p.contact, p.arena, p.keep = &v.contact, &v.arena, AllFields
	if err := p.document(); err != nil {
		return nil, err
	}
	if p.unknownMembers != nil {
		p.unknownMembers[0] = '{'
		v.contact.UnknownMembers = Object(append(p.unknownMembers, '}'))
	}
	return &v.contact, nil
}

// ParsePatch is the function [ParsePatch] with these options.
func (o Options) ParsePatch(body []byte) (*Patch, error) { return o.parsePatch(body, nil) }

// parsePatch also compares the id in the body, if any, with id, unless that is nil.
func (o *Options) parsePatch(body []byte, id *ID) (*Patch, error) {
	if err := o.tooLong(body); err != nil {
		return nil, err
	}
	v := newPatchMemory(len(body))
	var p parser
	p.init(o, view(body), o.patchMode())
	p.contact, p.arena, p.keep, p.id = &v.patch.contact, &v.arena, AllFields, id
	if err := p.document(); err != nil {
		return nil, err
	}
	v.patch.fields, v.patch.cleared = p.seen, p.null
	return &v.patch, nil
}

// Check is the function [Check] with these options.
func (o Options) Check(body []byte) error { return o.check(body, modeContact) }

// CheckPatch is the function [CheckPatch] with these options.
func (o Options) CheckPatch(body []byte) error { return o.check(body, o.patchMode()) }

func (o *Options) check(body []byte, m mode) error {
	if err := o.tooLong(body); err != nil {
		return err
	}
	var p parser
	p.init(o, view(body), m)
	if p.checkMeta != nil {
		p.arena = new(arena)
	}
	return p.document()
}

// CheckField validates the JSON value of one field as [ParsePatch] validates it in a patch. A form
// can call it while a person types. Errors and pointers are the same, except that the offset of a
// syntax error counts from the start of the value. The error for a Field that does not exist is of
// rule unknown.
func (o Options) CheckField(f Field, value []byte) error {
	switch {
	case f >= fieldCount:
		return Errors{NewError(RuleUnknown, "")}
	case len(value) > o.maxBytes():
		return Errors{newSizeError(o.maxBytes())}
	}
	var p parser
	p.init(&o, view(value), o.patchMode())
	return p.member(f)
}

// Validate validates a contact that was made in Go as [Parse] validates one from outside, but
// without the limits of size and depth. It also refuses strings that are not valid UTF-8 and the
// zero time: a required field with it is missing, and an optional one is of rule timestamp.
// UnknownMembers is ignored. The error is an [Errors], in the order of the fields, or [ErrNil].
func (c *Contact) Validate() error {
	if c == nil {
		return ErrNil
	}
	sound := c.present()
	errs, _ := c.checkEncodable(sound).(Errors)
	for f := range sound.All() {
		if c.unset(f) {
			errs = append(errs, c.unsetError(f))
		}
	}
	for _, e := range errs {
		f, _ := e.field()
		sound &^= 1 << f
	}
	o := Options{MaxBytes: -1, MaxDepth: -1, MaxMeta: -1}
	if errs != nil {
		o.MaxErrors = limits.MaxErrors + int(fieldCount) // some of which are left out below
	}
	err := o.Check(c.appendFields(nil, sound, 0))
	if errs == nil {
		return err
	}
	rest, _ := err.(Errors)
	for _, e := range rest {
		if e.Rule != RuleRequired && e.Rule != RuleTruncated { // of a field that was left out
			errs = append(errs, e)
		}
	}
	slices.SortStableFunc(errs, func(a, b Error) int {
		before, _ := a.field()
		after, _ := b.field()
		return cmp.Compare(before, after)
	})
	return cut(errs, limits.MaxErrors)
}

// unsetError returns the error for a time that nobody has set.
func (c *Contact) unsetError(f Field) Error {
	if RequiredFields.Has(f) {
		return NewError(RuleRequired, f.pointer())
	}
	return NewError(RuleTimestamp, f.pointer())
}

// present returns the fields that the contact has.
func (c *Contact) present() FieldSet {
	var set FieldSet
	for f := range fieldCount {
		if c.has(f) {
			set |= 1 << f
		}
	}
	return set
}
