package contact

import "github.com/partner-contacts/contact/internal/scan"

// An outline says where the members of a document stand.
type documentIndex struct {
	open, close int // the brackets around them
	present     FieldSet
	spans       [fieldCount]span // of the fields that are there
	keep        FieldSet         // whose values are kept
	readable    FieldSet         // which of these are absent, where they may be, or can be read
}

// A place is where a member of a document stands, from its name on.
type span struct{ name, value, end int32 }

// separator returns the offset of the comma or the bracket before a member.
func (m span) separator(document []byte) int {
	i := int(m.name) - 1
	for scan.IsSpace(document[i]) {
		i--
	}
	return i
}

// next returns the offset of the comma or the bracket after a member.
func (m span) next(document []byte) int {
	i := int(m.end)
	for scan.IsSpace(document[i]) {
		i++
	}
	return i
}

// outlined reads a stored document as far as AppendMerge has to.
func (p *parser) indexDocument(o *documentIndex) error {
	p.scan.Start()
	if p.scan.Peek() != '{' {
		return p.document() // which says what is wrong
	}
	p.contact.MetaPublic = emptyObject
	p.index, o.open = o, p.scan.Pos()
	o.keep, o.readable = p.keep, p.keep&^RequiredFields
	p.members()
	o.present, o.close = p.seen, p.scan.Pos()-1
	if !p.seen.Has(FieldUpdatedAt) {
		p.add(FieldUpdatedAt, RuleRequired, FieldUpdatedAt.pointer())
	}
	p.scan.Finish()
	return p.result()
}

// skim reads the value of f, and keeps it if it is wanted. That it cannot be read is an error only
// where there is no merging without it.
func (p *parser) readStored(f Field) {
	o, c := p.index, p.scan.Peek()
	start, name := p.scan.Pos(), p.scan.NameStart()
	if !o.keep.Has(f) {
		p.skip(f)
	} else {
		needed := f == FieldUpdatedAt || f == FieldMetaPublic && c != 'n'
		p.keep, p.muted = o.keep, !needed
		p.value(f)
		p.muted = false
		if o.readable |= 1 << f; p.keep == 0 {
			o.readable &^= 1 << f
			if !needed && p.scan.OK() {
				p.scan.Back(start)
				p.skip(f)
			}
		}
	}
	o.spans[f] = span{int32(name), int32(start), int32(p.scan.Pos())}
}
