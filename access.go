//go:build !contact_small

package contact

// Get returns the value of a field, of the Go type of its kind: an [ID], a string, a [Date],
// a time.Time, a bool, an [Object], a []ID or a []string. The value of type is "contact". ok is
// false if the contact lacks the field, or is nil. A slice is the contact's own: do not change it.
func (c *Contact) Get(f Field) (value any, ok bool) {
	if c == nil || f >= fieldCount || !c.has(f) {
		return nil, false
	}
	switch fields[f].kind {
	case KindID:
		return *c.idAt(f), true
	case KindConstant:
		return typeConstant, true
	case KindString, KindTimezone, KindEnum:
		return **c.stringAt(f), true
	case KindDate:
		return **c.dateAt(f), true
	case KindTimestamp:
		return c.timestamp(f), true
	case KindBoolean:
		return *c.boolAt(f), true
	case KindObject:
		return *c.objectAt(f), true
	case KindIDs:
		return *c.idsAt(f), true
	}
	return *c.stringsAt(f), true
}

// Get returns the patch's value of a field, of the type that [Contact.Get] returns, or nil if the
// patch clears the field. ok is false if the patch leaves the field alone. The value of meta_public
// is a merge patch itself.
func (p *Patch) Get(f Field) (value any, ok bool) {
	if !p.Fields().Has(f) {
		return nil, false
	}
	if p.cleared.Has(f) {
		return nil, true
	}
	return p.contact.Get(f)
}
