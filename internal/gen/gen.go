// Package gen makes bodies for tests: it starts from a valid contact and changes it, in ways that a string of bytes
// chooses. Most of what it makes is strict JSON with a few faults in it, so that a fuzzer that mutates the bytes gets
// past the syntax. It needs nothing of the packages that it tests.
package gen

import (
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Body returns the body that data chooses: a contact or a patch, whole or in part, with as many changes as data has bytes
// for. No data is the valid contact. The same data gives the same body.
func Body(data []byte) []byte {
	return newGenerator(data, nil).body()
}

// Singles returns every patch of one field with one of the values that Body chooses from, of any kind.
func Singles() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, f := range fields {
			for _, kind := range kinds {
				for _, value := range values[kind] {
					if !yield([]byte(`{"` + f.name + `":` + value + `}`)) {
						return
					}
				}
			}
		}
	}
}

// Planted returns a body as Body does, with marker in all values that it changes: marker must be made of decimal digits,
// so that it can stand in a string and be a number. Names are free of it.
func Planted(data []byte, marker string) []byte {
	forms := []string{
		`"` + marker + `"`, marker, `"` + marker + `@example.org"`, `["` + marker + `"]`, `[` + marker + `]`,
		`{"a":"` + marker + `"}`, `{"a":[{"b":` + marker + `}]}`, `{"a":` + marker + `,"a":"` + marker + `"}`,
		`"1990-02-` + marker + `"`, `"` + marker + `-02-28"`, `"2024-01-02T03:04:05.` + marker + `"`, `"2024-01-02T03:04:05+` + marker + `"`,
		`"America/` + marker + `"`, `"america/chicago` + marker + `"`, `"+` + marker + `"`, `"` + marker[:1] + `\u003` + marker[1:2] + marker[2:] + `"`,
		`"7c2e1f8a-4b5d-4e6f-9a1b-` + marker + `"`, `-` + marker, marker + `e999999999`, `0.` + marker, `0` + marker, marker + `x`, `"` + marker + `\x"`,
	}
	return newGenerator(data, forms).body()
}

// A generator changes the members of one object.
type generator struct {
	data    []byte
	members []member
	planted []string // if there are any, all new values come from here
}

// A member is its name and value as they stand in the text, the name without quotes.
type member struct{ name, value string }

func newGenerator(data []byte, planted []string) *generator {
	return &generator{data: data, planted: planted}
}

// choose returns a number below n, 0 when the data is used up.
func (g *generator) choose(n int) int {
	c := 0
	for most := n - 1; most > 0 && len(g.data) > 0; most >>= 8 {
		c = c<<8 | int(g.data[0])
		g.data = g.data[1:]
	}
	return c % n
}

func (g *generator) one(of []string) string { return of[g.choose(len(of))] }

// maxChanges keeps bodies small: what many changes at once can show, a few can.
const maxChanges = 24

func (g *generator) body() []byte {
	start := g.choose(4)
	for _, f := range fields {
		switch start {
		case 0: // the whole contact
		case 1: // any part of it
			if g.choose(2) == 1 {
				continue
			}
		case 2: // a small patch
			if g.choose(8) != 1 {
				continue
			}
		case 3: // an empty one
			continue
		}
		g.members = append(g.members, member{f.name, f.value})
	}
	for range maxChanges {
		if len(g.data) == 0 {
			break
		}
		g.change()
	}

	var b strings.Builder
	space := g.one(spaces)
	b.WriteString(space + "{")
	for i, m := range g.members {
		if i > 0 {
			b.WriteString("," + space)
		}
		b.WriteString(`"` + m.name + `"` + space + ":" + m.value + space)
	}
	b.WriteString("}" + space)
	return []byte(b.String())
}

// change makes one change. Those that come several times are more likely.
func (g *generator) change() {
	f := fields[g.choose(len(fields))]
	switch g.choose(24) {
	case 0, 1, 2, 3, 4, 5: // a value of its kind, valid or just not
		g.set(f.name, g.valueOf(f.kind))
	case 6, 7: // a value of any kind
		g.set(f.name, g.anyValue())
	case 8:
		g.set(f.name, "null")
	case 9:
		if len(g.members) > 0 {
			i := g.choose(len(g.members))
			g.members = append(g.members[:i], g.members[i+1:]...)
		}
	case 10: // a member again
		if len(g.members) > 0 {
			m := g.members[g.choose(len(g.members))]
			g.members = append(g.members, member{g.respell(m.name), g.anyValue()})
		}
	case 11, 12:
		g.members = append(g.members, member{g.one(unknown), g.anyValue()})
	case 13: // two members in each other's place
		if len(g.members) > 0 {
			i, j := g.choose(len(g.members)), g.choose(len(g.members))
			g.members[i], g.members[j] = g.members[j], g.members[i]
		}
	case 14, 15, 16: // one character of a value
		if m := g.member(); m != nil {
			m.value = g.edit(m.value)
		}
	case 17: // the same string, spelled otherwise
		if m := g.member(); m != nil {
			m.name = g.respell(m.name)
			if len(m.value) > 2 && m.value[0] == '"' {
				m.value = `"` + g.respell(m.value[1:len(m.value)-1]) + `"`
			}
		}
	case 18: // one more element
		name := g.one([]string{"active_journey_ids", "completed_objective_keys"})
		for i := range g.members {
			if m := &g.members[i]; m.name == name && len(m.value) > 2 && m.value[0] == '[' {
				m.value = m.value[:len(m.value)-1] + "," + g.anyValue() + "]"
			}
		}
	case 19: // one more member of meta_public, perhaps there already
		for i := range g.members {
			if m := &g.members[i]; m.name == "meta_public" && len(m.value) > 2 && m.value[0] == '{' {
				m.value = m.value[:len(m.value)-1] + `,"` + g.respell(g.one(metaNames)) + `":` + g.anyValue() + "}"
			}
		}
	case 20: // deep inside
		value := g.anyValue()
		name := g.one(metaNames)
		for range g.choose(70) {
			if g.choose(3) == 0 {
				value = "[" + value + "]"
			} else {
				value = `{"` + name + `":` + value + "}"
			}
		}
		g.set(g.one([]string{"meta_public", "meta_public", f.name, "other"}), value)
	case 21: // more faults than are reported
		n := 95 + g.choose(12)
		switch value := g.anyValue(); g.choose(3) {
		case 0:
			g.set("active_journey_ids", "["+strings.Repeat(value+",", n)+value+"]")
		case 1:
			g.set("meta_public", "{"+strings.Repeat(`"a":`+value+",", n)+`"b":`+value+"}")
		case 2:
			for i := range n {
				g.members = append(g.members, member{"x" + strconv.Itoa(i), value})
			}
		}
	case 22: // any text at all
		n := g.choose(64)
		n = min(n, len(g.data))
		text := strings.ToValidUTF8(string(g.data[:n]), "")
		g.data = g.data[n:]
		if g.planted == nil {
			g.set(f.name, quote(text))
		}
	case 23: // broken syntax, not too often
		if g.choose(4) == 0 {
			if m := g.member(); m != nil {
				m.value = g.one([]string{"", "nul", "tru", `"`, "01", "1.", "[1,]", "{,}", `{"a"}`, `{"a":1,}`, "'a'", "NaN", `"\ud800"`, `"\u12"`, "\"\xff\"", "\"\n\"", "/**/1", "1 2", "}", "[", "-", "1e", ".5"})
			}
		}
	}
}

func (g *generator) member() *member {
	if len(g.members) == 0 {
		return nil
	}
	return &g.members[g.choose(len(g.members))]
}

// set gives a member a value, adding it if it is not there.
func (g *generator) set(name, value string) {
	for i := range g.members {
		if g.members[i].name == name {
			g.members[i].value = value
			return
		}
	}
	g.members = append(g.members, member{name, value})
}

func (g *generator) valueOf(kind string) string {
	if g.planted != nil {
		return g.one(g.planted)
	}
	return g.one(values[kind])
}

func (g *generator) anyValue() string {
	return g.valueOf(g.one(kinds))
}

// edit changes one character of a value, inside the quotes if it is a string.
func (g *generator) edit(value string) string {
	start, end := 0, len(value)
	if len(value) >= 2 && value[0] == '"' {
		start, end = 1, len(value)-1
	}
	i := start + g.choose(end-start+1)
	for i > start && i < len(value) && !utf8.RuneStart(value[i]) {
		i--
	}
	j := i
	if i < end {
		_, size := utf8.DecodeRuneInString(value[i:])
		j += size
	}
	switch with := g.one(characters); g.choose(3) {
	case 0:
		return value[:i] + with + value[j:]
	case 1:
		return value[:i] + with + value[i:]
	default:
		return value[:i] + value[j:]
	}
}

// respell writes one character of a string's content as an escape.
func (g *generator) respell(content string) string {
	if content == "" || strings.Contains(content, `\`) {
		return content
	}
	i := g.choose(len(content))
	for !utf8.RuneStart(content[i]) {
		i--
	}
	r, size := utf8.DecodeRuneInString(content[i:])
	if r > 0xffff || r == utf8.RuneError {
		return content
	}
	const digits = "0123456789ABCDEF"
	escape := `\u` + string([]byte{digits[r>>12], digits[r>>8&15], digits[r>>4&15], digits[r&15]})
	return content[:i] + escape + content[i+size:]
}

// quote returns valid text as a JSON string.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ':
			b.WriteString(`\u00` + string("01"[r>>4]) + string("0123456789abcdef"[r&15]))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
