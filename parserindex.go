package contact

import "github.com/partner-contacts/contact/internal/scan"

// A documentIndex records the positions of the members of a stored document, so that AppendMerge
// can replace some and copy the rest. For the document
//
//	{"city": "Rome", "state": null}
//	0         1         2         3
//	0123456789012345678901234567890
//
// open is 0, close is 30, present is {city, state}, and the spans are
//
//	city   {name: 1, value: 9, end: 15}
//	state  {name: 17, value: 26, end: 30}
type documentIndex struct {
	open, close int // the brackets around them
	present     FieldSet
	spans       [fieldCount]span // of the fields that are there
	keep        FieldSet         // whose values are kept
	readable    FieldSet         // those of keep that could be read, or are optional and absent
}

// A span is the position of a member: the offsets of its name, of its value, and of the byte after
// its value.
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

// indexDocument reads a stored document for AppendMerge: it fills in the index and keeps the values
// of the fields in p.keep.
func (p *parser) indexDocument(o *documentIndex) error {
	p.scan.Start()
	if p.scan.Peek() != '{' {
		return p.document() // which reports the fault
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

// readStored reads the stored value of f, and keeps it if f is in index.keep. An unreadable value
// is an error only for updated_at and meta_public; any other field can be replaced without its old
// value.
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
