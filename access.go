//go:build !contact_small

package contact

// Get returns the value of a field as the kind has it: an [ID], a string, a [Date], a time.Time,
// a bool, an [Object], a []ID or a []string; that of type is "contact". ok is false if the
// contact does not have the field. A slice is the contact's own: do not change it.
func (c *Contact) Get(f Field) (value any, ok bool) {
	if f >= fieldCount || !c.has(f) {
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

// Ptr returns a pointer to the Go field of f, such as **string for an optional string: what
// database/sql scans a column into. It is nil for type, which has no Go field.
func (c *Contact) Ptr(f Field) any {
	switch f.Kind() {
	case KindID:
		return c.idAt(f)
	case KindString, KindTimezone, KindEnum:
		return c.stringAt(f)
	case KindDate:
		return c.dateAt(f)
	case KindTimestamp:
		if RequiredFields.Has(f) {
			return c.timeAt(f)
		}
		return c.optionalTimeAt(f)
	case KindBoolean:
		return c.boolAt(f)
	case KindObject:
		return c.objectAt(f)
	case KindIDs:
		return c.idsAt(f)
	case KindStrings:
		return c.stringsAt(f)
	}
	return nil
}

// Get returns what the patch has for a field, as [Contact.Get] does, or nil where it clears the
// field. ok is false if the patch leaves the field alone. The value of meta_public is a merge
// patch itself.
func (p *Patch) Get(f Field) (value any, ok bool) {
	if !p.fields.Has(f) {
		return nil, false
	}
	if p.cleared.Has(f) {
		return nil, true
	}
	return p.contact.Get(f)
}
