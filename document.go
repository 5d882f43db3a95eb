package contact

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/partner-contacts/contact/internal/scan"
)

// AppendMerge is ParseStored, ParsePatch, Merge and AppendJSON in one, for a program that has no use for the contact
// itself: it applies the body of an update to the document of a stored contact, appends the document of the result to dst,
// byte for byte the one that the four would make, and returns the set of fields that differ from before. It takes a
// fraction of their time, since it decodes only what the body touches and copies the text of the rest. Usually it allocates
// to grow dst, and once for a meta_public that the body touches; more for arrays in the body, for escapes, and for what is
// stored in another form than AppendJSON's.
//
// For a body that is refused the error is an Errors: that of ParsePatch or else that of Merge. A document that ParseStored
// would refuse is the store's fault: a [StoreError]. With an error dst
// comes back as it was and the set is empty. The result shares no memory with the document or the body; dst must not
// overlap with them.
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
	p.strings, p.borrow, p.texts = room, true, &m.texts
	if err := p.document(); err != nil {
		return dst, 0, storeError(err)
	}

	var merged Contact
	if changed, err = r.merge(&merged, &m.existing, &m.patch, now, true); err != nil {
		return dst, 0, err
	}
	const version = len("2006-01-02T15:04:05.000000Z") // may be longer than before
	dst = slices.Grow(dst, len(document)+len(body)+version)
	return merged.appendWith(dst, document, &m.texts), changed, nil
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
	existing            Contact // what the patch touches, and what of the rest is not in texts
	patchValues, values values
	strings             [mostStrings]string
	texts               texts
}

// texts is where the values of fields stand in a document that are written there as AppendJSON would write them, each
// after its name. The others are zero.
type texts [fieldCount]struct{ start, end int32 }

// appendWith is AppendJSON for a contact that takes the fields in texts from a document.
func (c *Contact) appendWith(dst, document []byte, texts *texts) []byte {
	start := len(dst)
	from, to := 0, 0 // what of the document is to be copied next
	for f := range fieldCount {
		key, text := fields[f].key, texts[f]
		switch {
		case text.end > 0 && to > 0 && int(text.start) == to+len(key):
			to = int(text.end) // the key is what stands between the two
		case text.end > 0:
			dst = append(append(dst, document[from:to]...), key...)
			from, to = int(text.start), int(text.end)
		case c.has(f):
			dst = append(append(dst, document[from:to]...), key...)
			dst = c.appendValue(dst, f)
			from, to = 0, 0
		}
	}
	dst = append(append(dst, document[from:to]...), '}')
	dst[start] = '{'
	return dst
}

// found notes where the value of f, which has been judged and is not kept, stands, or keeps it if it has to be written
// anew. Plain says that it is a string without escapes, or a boolean.
func (p *parser) found(f Field, start, end int, plain, spaces bool) {
	k := fields[f].kind
	if !plain || k == KindID || k == KindTimestamp {
		text := p.scan.Text()[start:end]
		if text[0] == 'n' || p.failed() {
			return
		}
		if spaces || !canonical(k, text, plain) {
			p.wanted |= 1 << f
			p.scan.Jump(start)
			p.value(f)
			return
		}
	}
	p.texts[f].start, p.texts[f].end = int32(start), int32(end)
}

// canonical reports whether AppendJSON would write a value of kind k, which has been judged, as it stands in text, but for
// white space.
func canonical(k Kind, text string, plain bool) bool {
	switch {
	case k == KindObject || k == KindBoolean:
		return true
	case !plain && strings.IndexByte(text, '\\') >= 0:
		return false
	case k == KindTimestamp:
		return canonicalTimestamp(text[1 : len(text)-1])
	case k == KindID || k == KindIDs && len(text) >= 8:
		return !hasUpper(text)
	}
	return true
}

// hasUpper reports whether a digit of the ids in s, which has at least eight bytes, is in upper case.
func hasUpper(s string) bool {
	const each = 0x0101010101010101
	var upper uint64
	for i := 0; i < len(s); i += 8 {
		x := scan.Load64(s, min(i, len(s)-8))
		upper |= x &^ (x<<1 | x<<2) // letters have the bit 0x40, those in lower case 0x20, brackets 0x10
	}
	return upper&(0x40*each) != 0
}
