package contact

import (
	"slices"
	"strings"

	"github.com/partner-contacts/contact/internal/scan"
	"github.com/partner-contacts/contact/internal/tzdb"
)

// readID validates the id in text and stores it if f is in keep. It returns the rule that text
// breaks, or "". readDate, readTime and readChoice do the same for other kinds.
func (p *parser) readID(f Field, text string) Rule {
	id, ok := parseID(text)
	switch {
	case !ok:
		return RuleUUID
	case f == FieldID && p.id != nil && id != *p.id:
		return RuleMismatch
	case !p.keep.Has(f):
	case fields[f].kind == KindID:
		*p.contact.idAt(f) = id
	default:
		ids := p.contact.idsAt(f)
		*ids = append(*ids, id)
	}
	return ""
}

func (p *parser) readDate(f Field, text string) Rule {
	d, ok := parseDate(text)
	if !ok {
		return RuleDate
	}
	if p.keep.Has(f) {
		*p.contact.dateAt(f) = p.arena.newDate(d)
	}
	return ""
}

func (p *parser) readTime(f Field, text string) Rule {
	t, ok := parseTimestamp(text)
	switch {
	case !ok:
		return RuleTimestamp
	case !p.keep.Has(f):
	case RequiredFields.Has(f):
		*p.contact.timeAt(f) = t
	default:
		if p.resolution != 0 {
			t = truncateTime(t, p.resolution)
		}
		*p.contact.optionalTimeAt(f) = p.arena.newTime(t)
	}
	return ""
}

// readChoice reads a timezone or a string of an enum. The valid names change over time, so those of
// a stored contact are not validated. It is not inlined, because that would make a WASM build
// larger.
//
//go:noinline
func (p *parser) readChoice(f Field, s scan.String, text string) Rule {
	k := fields[f].kind
	switch {
	case k == KindTimezone:
		if p.mode != modeStored && !tzdb.Has(text) {
			return RuleTimezone
		}
	case (k == KindConstant || p.mode != modeStored) && !slices.Contains(f.enum().values, text):
		return RuleEnum
	}
	if k != KindConstant && p.keep.Has(f) {
		*p.contact.stringAt(f) = p.keepString(s)
	}
	return ""
}

// keepElement adds a string to the array for f.
func (p *parser) keepElement(f Field, s scan.String) {
	texts := p.contact.stringsAt(f)
	if start, end := s.Start-p.blockAt, s.End-p.blockAt; !scan.Small && end < len(p.block) {
		*texts = append(*texts, p.block[start:end])
		return
	}
	kept := p.keepText(s)
	if len(kept) > shortText && cap(*texts) == fewElements {
		*texts = append(make([]string, 0, 2*fewElements), *texts...) // see newString
	}
	*texts = append(*texts, kept)
}

// keepString returns a pointer to a copy of the unquoted string v.
func (p *parser) keepString(v scan.String) *string {
	const member = 24 // bytes that one takes, about
	return p.arena.addString(p.keepText(v), (len(p.scan.Text())-v.End)/member)
}

// keepText returns a copy of the unquoted string v.
func (p *parser) keepText(v scan.String) string {
	raw, b := p.scan.Raw(v), p.arena
	switch {
	case p.noCopy && !v.Escaped:
		return raw
	case len(raw) > shortText && !v.Escaped:
		return strings.Clone(raw)
	case len(raw) > shortText:
		// An escape takes up to six times the space of its character.
		return strings.Clone(scan.Unquote(raw))
	}
	start := b.grow(len(raw), p.expected(v.End))
	if v.Escaped {
		b.text = scan.AppendUnquoted(b.text, raw)
	} else {
		b.text = append(b.text, raw...)
	}
	return view(b.text[start:])
}

// expected estimates the bytes of short text in the rest of the body, which has been read up to
// pos.
func (p *parser) expected(pos int) int { return 96 + (len(p.scan.Text())-pos)/3 }

// longObject is the length above which an object is not stored in the arena.
const longObject = 512 // bytes

// keepObject returns a compact copy of the object from start to the current position, which
// contains so many spaces outside strings.
func (p *parser) keepObject(start, spaces int) Object {
	text, b := p.scan.Since(start), p.arena
	if p.noCopy && spaces == 0 {
		return Object(text)
	}
	n := len(text) - spaces
	if n > longObject {
		return Object(view(appendCompact(make([]byte, 0, n), text, spaces)))
	}
	start = b.grow(n, p.expected(p.scan.Pos()))
	b.text = appendCompact(b.text, text, spaces)
	return Object(view(b.text[start:]))
}
