package contact

import (
	"slices"
	"sync"
	"time"

	"github.com/partner-contacts/contact/internal/scan"
)

// AppendMerge applies the body of an update to the document of a stored contact, appends the
// document of the result to dst, and returns the set of fields that differ from before. For a
// document that AppendJSON wrote the result is byte for byte that of ParseStored, ParsePatch, Merge
// and AppendJSON, in a fraction of their time.
//
// Of the document it reads what it needs: strict JSON in which no object has a name twice,
// updated_at, and the fields that the body has. Everything else is copied as it stands, whatever it
// is: members that contacts do not have, values that today's rules would refuse, white space, any
// order of members. A field that the body has and whose stored value cannot be read counts as
// different, and is replaced or cleared, so that a patch can repair it; a stored meta_public that
// is null or missing is merged like {}. What is new stands where the table of fields has it, after
// the fields before it.
//
// For a body that is refused the error is an Errors: that of ParsePatch or else that of Merge. A
// document in which something that is needed cannot be read (updated_at, or a meta_public that is
// no object and that the body has) is the store's fault: a [StoreError]. With an error dst comes
// back as it was and the set is empty. The result shares no memory with the document or the body;
// dst must not overlap with them. Usually it allocates to grow dst, and once for a meta_public that
// the body has.
func AppendMerge(dst, document, body []byte, now time.Time) (merged []byte, changed FieldSet, err error) {
	return Options{}.AppendMerge(dst, document, body, now)
}

// AppendMerge is the function AppendMerge by these options.
func (r Options) AppendMerge(dst, document, body []byte, now time.Time) (_ []byte, changed FieldSet, err error) {
	m := mergeRooms.Get().(*mergeRoom)
	defer m.leave()

	var p parser
	if len(body) > r.maxBytes() {
		return dst, 0, Errors{newSizeError(r.maxBytes())}
	}
	p.init(&r, view(body), r.patchMode())
	p.contact, p.values, p.wanted = &m.patch.contact, &m.patchValues, AllFields
	p.strings, p.borrow = m.strings[:0], true
	if err := p.document(); err != nil {
		return dst, 0, err
	}
	m.patch.fields, m.patch.cleared = p.seen, p.null

	r = r.forStored()
	if len(document) > r.maxBytes() {
		return dst, 0, storeError(Errors{newSizeError(r.maxBytes())})
	}
	room := p.strings // what the body has left of it
	p = parser{}
	p.init(&r, view(document), stored)
	p.contact, p.values, p.wanted = &m.existing, &m.values, m.patch.fields|1<<FieldUpdatedAt
	p.strings, p.borrow = room, true
	if err := p.outline(&m.outline); err != nil {
		return dst, 0, storeError(err)
	}

	var merged Contact
	broken := m.patch.fields &^ m.outline.read
	if changed, err = r.merge(&merged, &m.existing, &m.patch, now, broken, true); err != nil {
		return dst, 0, err
	}
	end := len(dst)
	dst = m.outline.appendTo(dst, document, &merged, changed)
	if n := len(dst) - end; n > r.maxDocument() && n > m.outline.close+1-m.outline.open {
		return dst[:end], 0, Errors{newDocumentError()}
	}
	return dst, changed, nil
}

// mergeRooms holds empty ones, for as long as the garbage collector lets them live.
var mergeRooms = sync.Pool{New: func() any { return new(mergeRoom) }}

// leave empties the room: nothing of one call is there in the next.
func (m *mergeRoom) leave() {
	*m = mergeRoom{}
	mergeRooms.Put(m)
}

// mergeRoom is what AppendMerge works with.
type mergeRoom struct {
	patch               Patch
	existing            Contact // what of the document the patch touches, and its version
	patchValues, values values
	strings             [mostStrings]string
	outline             outline
}

// An outline says where the members of a document stand.
type outline struct {
	open, close int               // the brackets around them
	members     [fieldCount]place // of the fields that are there
	there       FieldSet
	read        FieldSet // which of the wanted fields are absent, where they may be, or can be read
}

// A place is where a member of a document stands. It follows a separator: the comma before it, or the opening bracket.
type place struct {
	separator  int // the offset of that
	value, end int
	next       int // the offset of the next separator, or of the closing bracket
}

// outline reads a stored document as far as AppendMerge has to.
func (p *parser) outline(o *outline) error {
	p.scan.Start()
	if p.scan.Peek() != '{' {
		return p.document() // which says what is wrong
	}
	o.open = p.scan.Pos()
	wanted := p.wanted
	o.read = wanted &^ RequiredFields
	p.contact.MetaPublic = emptyObject
	p.scan.Open()
	var strays scan.Names
	separator := o.open
	for first := true; p.scan.More(first); first = false {
		name, ok := p.scan.Name()
		if !ok {
			break
		}
		f, known := p.field(name)
		if !known {
			f = unknownMember
		}
		if known && o.there.Has(f) || !known && p.scan.Repeated(&strays, name) {
			p.addHere(f, RuleDuplicate)
			known = false
		}
		p.scan.Peek()
		value, spaces := p.scan.Pos(), p.scan.Spaces
		p.scan.Skip()
		p.takeDuplicates(f)
		end := p.scan.Pos()
		if known && wanted.Has(f) && p.scan.OK() {
			p.touched(o, f, value, p.scan.Spaces-spaces)
		}
		p.scan.Peek()
		if known {
			o.there |= 1 << f
			o.members[f] = place{separator, value, end, p.scan.Pos()}
		}
		separator = p.scan.Pos()
	}
	o.close = separator
	if !o.there.Has(FieldUpdatedAt) && p.room(FieldUpdatedAt) {
		p.add(FieldUpdatedAt, RuleRequired, FieldUpdatedAt.pointer())
	}
	p.scan.Finish()
	return p.result()
}

// touched keeps the value of f, which begins at offset value, ends here and has been skipped. If it
// cannot be read that is an error only where there is no merging without it.
func (p *parser) touched(o *outline, f Field, value, spaces int) {
	first, wanted := p.scan.Text()[value], p.wanted
	needed := f == FieldUpdatedAt || f == FieldMetaPublic && first != 'n'
	switch {
	case p.failed() && !needed:
		return
	case f == FieldMetaPublic && first == '{':
		p.contact.MetaPublic = p.keepObject(value, spaces)
		o.read |= 1 << f
		return
	}
	p.scan.Jump(value)
	p.value(f)
	switch {
	case !p.failed():
		o.read |= 1 << f
	case !needed:
		o.read &^= 1 << f
		p.errs, p.strays, p.count[f], p.wanted = nil, nil, 0, wanted
	}
}

// An edit puts the member or the value of a field, or nothing, in the place of a part of a document.
type edit struct {
	field    Field
	from, to int
}

// appendTo appends the document that o is the outline of with the changed fields as c has them.
func (o *outline) appendTo(dst, document []byte, c *Contact, changed FieldSet) []byte {
	var edits [fieldCount + 1]edit
	n, size := 0, o.close+1-o.open
	after := o.open // where a member that is not there yet is put
	for f := range fieldCount {
		m, there := o.members[f], o.there.Has(f)
		e := edit{f, after, after}
		if there {
			after = m.next
			if e.from, e.to = m.value, m.end; !c.has(f) {
				e.from, e.to = m.separator, m.next
			}
		}
		if !changed.Has(f) {
			continue
		}
		if size -= e.to - e.from; c.has(f) {
			size += c.size(f)
		}
		// The members may stand in any order, and the edits follow theirs.
		i := n
		for ; i > 0 && e.before(edits[i-1]); i-- {
			edits[i] = edits[i-1]
		}
		edits[i] = e
		n++
	}
	edits[n] = edit{fieldCount, o.close + 1, o.close + 1}

	dst = slices.Grow(dst, size)
	start, from := len(dst), o.open
	for _, e := range edits[:n+1] {
		first := len(dst)
		if dst = append(dst, document[from:e.from]...); from == o.open && from < e.from {
			dst[first] = ',' // the member after the bracket may no longer be the first
		}
		if from = e.to; !changed.Has(e.field) || !c.has(e.field) {
			continue
		}
		if !o.there.Has(e.field) {
			dst = append(dst, fields[e.field].key...)
		}
		dst = c.appendValue(dst, e.field)
	}
	dst[start] = '{'
	return dst
}

// before reports whether e comes before other, and an edit that puts something between two members
// before one that removes the second.
func (e edit) before(other edit) bool {
	return e.from < other.from || e.from == other.from && e.to < other.to
}
