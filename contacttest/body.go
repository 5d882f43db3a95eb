package contacttest

import (
	"cmp"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/singles"
)

// Body returns all or part of a contact or a patch, with any number of faults. Most bodies are strict
// JSON with a few faults, so that they pass the syntax check. Use it to compare two readers. The
// simplest body is [Sample].
func (g *Gen) Body() []byte { return (&editor{g: cmp.Or(g, new(Gen)), any: anyText}).body() }

// WithMarker returns a body as [Gen.Body] does, with the marker in every value that it changes and in
// no name. If a response contains the marker, the service has echoed a value. The marker must consist
// of at least three decimal digits, because it is used in strings and as a number.
func (g *Gen) WithMarker(marker string) []byte {
	forms := []string{
		`"` + marker + `"`, marker, `"` + marker + `@example.org"`, `["` + marker + `"]`,
		`[` + marker + `]`, `{"a":"` + marker + `"}`, `{"a":[{"b":` + marker + `}]}`,
		`{"a":` + marker + `,"a":"` + marker + `"}`, `"1990-02-` + marker + `"`,
		`"` + marker + `-02-28"`, `"2024-01-02T03:04:05.` + marker + `"`,
		`"2024-01-02T03:04:05+` + marker + `"`, `"America/` + marker + `"`,
		`"america/chicago` + marker + `"`, `"+` + marker + `"`,
		`"` + marker[:1] + `\u003` + marker[1:2] + marker[2:] + `"`,
		`"7c2e1f8a-4b5d-4e6f-9a1b-` + marker + `"`, `-` + marker, marker + `e999999999`,
		`0.` + marker, `0` + marker, marker + `x`, `"` + marker + `\x"`,
	}
	e := &editor{g: cmp.Or(g, new(Gen)), marked: true, any: func(g *Gen, _ contact.Kind) string { return one(g, forms...) }}
	return e.body()
}

func init() { singles.All = allSingles }

// allSingles is [singles.All].
func allSingles() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for f := range contact.AllFields.All() {
			for kind := contact.KindID; kind <= anyKind; kind++ {
				for _, value := range texts(kind) {
					if !yield([]byte(`{"` + f.String() + `":` + value + `}`)) {
						return
					}
				}
			}
		}
	}
}

// anyKind represents the values that are valid for no kind.
const anyKind = contact.KindStrings + 1

// textsOf returns the key of the texts for a field in values.
func textsOf(f contact.Field) contact.Kind {
	if f.Values() != nil {
		return contact.KindConstant
	}
	return f.Kind()
}

func texts(k contact.Kind) []string {
	if k == anyKind {
		return others
	}
	return values[k].all()
}

func anyText(g *Gen, k contact.Kind) string { return one(g, texts(k)...) }

// An editor changes the members of one body.
type editor struct {
	g       *Gen
	members []member
	any     func(*Gen, contact.Kind) string // a value of the kind, valid or not
	marked  bool                            // values come only from any
}

// A member is the text of a name, without quotes, and of a value.
type member struct{ name, value string }

// maxChanges keeps bodies small: more changes at once find no more faults.
const maxChanges = 24

func (e *editor) body() []byte {
	g := e.g
	start := g.Choose(4)
	for f, value := range sample {
		switch start {
		case 0: // the whole contact
		case 1: // any part of it
			if g.Choose(2) == 1 {
				continue
			}
		case 2: // a small patch
			if g.Choose(8) != 1 {
				continue
			}
		case 3: // an empty one
			continue
		}
		e.members = append(e.members, member{contact.Field(f).String(), value})
	}
	changes := maxChanges
	if g.rand != nil {
		changes = g.Choose(maxChanges)
	}
	for i := 0; i < changes && g.more(); i++ {
		e.change()
	}

	var b strings.Builder
	space := one(g, spaces...)
	b.WriteString(space + "{")
	for i, m := range e.members {
		if i > 0 {
			b.WriteString("," + space)
		}
		b.WriteString(`"` + m.name + `"` + space + ":" + m.value + space)
	}
	b.WriteString("}" + space)
	return []byte(b.String())
}

// change makes one change. A change with several numbers is more likely.
func (e *editor) change() {
	g := e.g
	f := g.field()
	switch g.Choose(24) {
	case 0, 1, 2, 3, 4, 5: // a value of its kind, valid or just not
		e.set(f.String(), e.any(g, textsOf(f)))
	case 6, 7: // a value of any kind
		e.set(f.String(), e.anyValue())
	case 8:
		e.set(f.String(), "null")
	case 9:
		if len(e.members) > 0 {
			i := g.Choose(len(e.members))
			e.members = append(e.members[:i], e.members[i+1:]...)
		}
	case 10: // a member again
		if m := e.member(); m != nil {
			e.members = append(e.members, member{g.respell(m.name), e.anyValue()})
		}
	case 11, 12:
		e.members = append(e.members, member{one(g, unknownNames...), e.anyValue()})
	case 13: // two members in each other's place
		if a, b := e.member(), e.member(); a != nil {
			*a, *b = *b, *a
		}
	case 14, 15, 16: // one character of a value
		if m := e.member(); m != nil {
			m.value = g.edit(m.value)
		}
	case 17: // the same string, spelled otherwise
		if m := e.member(); m != nil {
			m.name = g.respell(m.name)
			if len(m.value) > 2 && m.value[0] == '"' {
				m.value = `"` + g.respell(m.value[1:len(m.value)-1]) + `"`
			}
		}
	case 18: // one more element
		f := one(g, contact.FieldActiveJourneyIDs, contact.FieldCompletedObjectiveKeys)
		e.extend(f.String(), '[', e.anyValue())
	case 19: // one more member of meta_public, perhaps there already
		e.extend("meta_public", '{', `"`+g.respell(one(g, metaNames...))+`":`+e.anyValue())
	case 20: // deep inside
		value := e.anyValue()
		name := one(g, metaNames...)
		for range g.Choose(70) {
			if g.Choose(3) == 0 {
				value = "[" + value + "]"
			} else {
				value = `{"` + name + `":` + value + "}"
			}
		}
		e.set(one(g, "meta_public", "meta_public", f.String(), "other"), value)
	case 21: // more faults than are reported
		n := 95 + g.Choose(12)
		switch value := e.anyValue(); g.Choose(3) {
		case 0:
			e.set("active_journey_ids", "["+strings.Repeat(value+",", n)+value+"]")
		case 1:
			e.set("meta_public", "{"+strings.Repeat(`"a":`+value+",", n)+`"b":`+value+"}")
		case 2:
			for i := range n {
				e.members = append(e.members, member{"x" + strconv.Itoa(i), value})
			}
		}
	case 22: // any text at all
		n := min(g.Choose(64), len(g.data))
		text := strings.ToValidUTF8(string(g.data[:n]), "")
		g.data = g.data[n:]
		if !e.marked {
			e.set(f.String(), quoted(text))
		}
	case 23: // broken syntax, not too often
		if m := e.member(); m != nil && g.Choose(4) == 0 {
			m.value = one(g, broken...)
		}
	}
}

// member returns one of the members, nil if there are none.
func (e *editor) member() *member {
	if len(e.members) == 0 {
		return nil
	}
	return &e.members[e.g.Choose(len(e.members))]
}

// set gives a member a value, adding it if it is not there.
func (e *editor) set(name, value string) {
	for i := range e.members {
		if e.members[i].name == name {
			e.members[i].value = value
			return
		}
	}
	e.members = append(e.members, member{name, value})
}

// extend adds an element to a member's array, or a member to its object. The array or the object must
// not be empty.
func (e *editor) extend(name string, bracket byte, element string) {
	for i := range e.members {
		m := &e.members[i]
		if last := len(m.value) - 1; m.name == name && last > 1 && m.value[0] == bracket {
			m.value = m.value[:last] + "," + element + m.value[last:]
		}
	}
}

func (e *editor) anyValue() string {
	return e.any(e.g, contact.Kind(e.g.Choose(int(anyKind)+1)))
}

// edit changes one character of a value, inside the quotes if it is a string.
func (g *Gen) edit(value string) string {
	start, end := 0, len(value)
	if len(value) >= 2 && value[0] == '"' {
		start, end = 1, len(value)-1
	}
	i := start + g.Choose(end-start+1)
	for i > start && i < len(value) && !utf8.RuneStart(value[i]) {
		i--
	}
	j := i
	if i < end {
		_, size := utf8.DecodeRuneInString(value[i:])
		j += size
	}
	switch with := one(g, characters...); g.Choose(3) {
	case 0:
		return value[:i] + with + value[j:]
	case 1:
		return value[:i] + with + value[i:]
	default:
		return value[:i] + value[j:]
	}
}

// respell writes one character of a string's content as an escape.
func (g *Gen) respell(content string) string {
	if content == "" || strings.Contains(content, `\`) {
		return content
	}
	i := g.Choose(len(content))
	for !utf8.RuneStart(content[i]) {
		i--
	}
	r, size := utf8.DecodeRuneInString(content[i:])
	if r == utf8.RuneError {
		return content
	}
	return content[:i] + escaped(r, `\u%04X`) + content[i+size:]
}
