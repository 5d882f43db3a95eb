package contact

import (
	"math/bits"
	"slices"
	"time"
)

// AppendMerge applies the body of an update to the document of a stored contact. It appends the
// document of the result to dst, and returns the set of fields that differ from before. For a
// document that AppendJSON wrote, the result equals that of ParseStored, ParsePatch, Merge and
// AppendJSON byte for byte, in a fraction of their time.
//
// AppendMerge reads only part of the document: strict JSON in which no object has a name twice,
// updated_at, and the fields that the body has. Everything else is copied unchanged, in its order
// and with its white space, also that around the document: unknown members, and values that today's
// rules would refuse. If nothing changed, the result is the document byte for byte. If the stored
// value of a field in the body is unreadable, it counts as different and is replaced or cleared. So
// a patch can repair it. A stored meta_public that is null or missing is unreadable in this sense:
// the body's is merged into {}, and the field has changed even if the result is {}. A new member is
// inserted after the last present field that precedes it in the table.
//
// If the body is refused, the error is an [Errors], as from [ParsePatch] or [Merge]. The error is a
// [StoreError] if the document is not strict JSON, or if its updated_at is unreadable or one that
// no version can follow. So it is if the body has meta_public and the stored one is not an object.
// With an error dst is returned unchanged and the set is empty. The result shares no memory with
// the document or the body; dst must not overlap with them. It usually allocates only to grow dst,
// and once for a meta_public in the body.
func AppendMerge(dst, document, body []byte, now time.Time) (
	merged []byte, changed FieldSet, err error,
) {
	return Options{}.AppendMerge(dst, document, body, now)
}

// AppendMerge is the function AppendMerge with these options.
func (o Options) AppendMerge(dst, document, body []byte, now time.Time) (
	_ []byte, changed FieldSet, err error,
) {
	m := getScratch()
	defer m.put()

	if err := o.tooLong(body); err != nil {
		return dst, 0, err
	}
	var p parser
	p.init(&o, view(body), o.patchMode())
	p.contact, p.arena, p.keep, p.noCopy = &m.patch.contact, &m.patchArena, AllFields, true
	p.arena.strings = m.strings[:0]
	if err := p.document(); err != nil {
		return dst, 0, err
	}
	m.patch.fields, m.patch.cleared = p.seen, p.null
	return m.apply(&o, dst, document, now)
}

// apply merges m.patch into the document. It modifies only the fields meta_public and updated_at of
// m.patch, and nothing that its fields point to.
func (m *mergeScratch) apply(o *Options, dst, document []byte, now time.Time) (
	_ []byte, changed FieldSet, err error,
) {
	if err := m.readDocument(o, document, m.patch.fields|1<<FieldUpdatedAt); err != nil {
		return dst, 0, err
	}
	broken := m.patch.fields &^ m.index.readable
	found, err := o.planMerge(&m.existing, string(m.existing.MetaPublic), &m.patch, now, broken)
	if err != nil {
		return dst, 0, err
	}
	m.patch.contact.MetaPublic, m.patch.contact.UpdatedAt = found.meta, found.version
	end := len(dst)
	dst = m.index.appendTo(dst, document, &m.patch.contact, found.changed)
	around := len(document) - (m.index.close + 1 - m.index.open) // white space, which does not count
	if n := len(dst) - end; n-around > o.maxDocument() && n > len(document) {
		return dst[:end], 0, Errors{newDocumentError(o.maxDocument())}
	}
	return dst, found.changed, nil
}

// A mergeScratch is the working memory of AppendMerge.
type mergeScratch struct {
	patch                     Patch
	existing                  Contact // the touched fields of the document, and its version
	patchArena, existingArena arena
	strings                   [stringCount + fewElements]string
	index                     documentIndex // offsets, which the next call writes over
}

// readDocument indexes a stored document and reads the fields in keep. It is not inlined, because
// that would make a WASM build larger.
//
//go:noinline
func (m *mergeScratch) readDocument(o *Options, document []byte, keep FieldSet) error {
	stores := o.forStored()
	err := stores.tooLong(document)
	if err == nil {
		var p parser
		p.init(&stores, view(document), modeStored)
		p.contact, p.arena, p.noCopy = &m.existing, &m.existingArena, true
		p.arena.strings = m.patchArena.strings // the rest that the body did not use
		p.keep = keep
		err = p.indexDocument(&m.index)
	}
	return storeError(err)
}

// An edit replaces document[from:to] by the member or the value of a field, or deletes it.
type edit struct {
	field    Field
	from, to int
}

// appendTo appends the indexed document, with the changed fields taken from c.
func (o *documentIndex) appendTo(dst, document []byte, c *Contact, changed FieldSet) []byte {
	var edits [fieldCount + 1]edit
	n, size := 0, len(document)
	for rest := changed; rest != 0; rest &= rest - 1 {
		f := rest.first()
		e := edit{field: f}
		switch m := o.spans[f]; {
		case !o.present.Has(f):
			e.from = o.open
			if before := uint64(o.present & (1<<f - 1)); before != 0 {
				e.from = o.spans[bits.Len64(before)-1].next(document)
			}
			e.to = e.from
		case c.has(f):
			e.from, e.to = int(m.value), int(m.end)
		default:
			e.from, e.to = m.separator(document), m.next(document)
		}
		if size -= e.to - e.from; c.has(f) {
			size += c.size(f)
		}
		// Members may be in any order. The edits follow it.
		i := n
		for ; i > 0 && e.before(edits[i-1]); i-- {
			edits[i] = edits[i-1]
		}
		edits[i] = e
		n++
	}
	edits[n] = edit{fieldCount, len(document), len(document)}

	dst = append(slices.Grow(dst, size), document[:o.open]...)
	start, from := len(dst), o.open
	for _, e := range edits[:n+1] {
		first := len(dst)
		if dst = append(dst, document[from:e.from]...); from == o.open && from < e.from {
			dst[first] = ',' // the member after the bracket may no longer be the first
		}
		if from = e.to; !changed.Has(e.field) || !c.has(e.field) {
			continue
		}
		if !o.present.Has(e.field) {
			dst = appendKey(dst, e.field)
		}
		dst = c.appendValue(dst, e.field)
	}
	dst[start] = '{'
	return dst
}

// before reports whether e precedes other. An insertion between two members precedes the deletion
// of the second.
func (e edit) before(other edit) bool {
	return e.from < other.from || e.from == other.from && e.to < other.to
}
