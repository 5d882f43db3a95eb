package contact_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/partner-contacts/contact"
)

// A dice makes random trees and texts. It takes its choices from data while that lasts, so that a fuzzer can steer it.
type dice struct {
	data []byte
	rand *rand.Rand
}

func newDice(seed uint64) *dice { return &dice{rand: rand.New(rand.NewPCG(seed, 7396))} }

// n returns a number below k.
func (g *dice) n(k int) int {
	if len(g.data) == 0 {
		return g.rand.IntN(k)
	}
	c := g.data[0]
	g.data = g.data[1:]
	return int(c) % k
}

// oneOf returns one of the values.
func oneOf[T any](g *dice, from ...T) T { return from[g.n(len(from))] }

var (
	someStrings    = []string{"", "a", "A", "b", "é", "e\u0301", "\U0001F600", "\"\\/", "\b\f\n\r\t\x00\x1f\x7f", "\u2028<&>", "null", "\uffff", strings.Repeat("z", 50)}
	someNames      = []string{"a", "b", "c", "", "a/b", "x~y", "é", "\U0001F600", "\"", "id", "\n", "~1"}
	someNumbers    = []json.Number{"0", "-0", "1", "1.0", "10e-1", "1e2", "1E2", "9007199254740993", "1e400", "0.1e-999"}
	someIDs        = []string{"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9", "00000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff", "919108f7-52d1-4320-9bac-f847db4148a8"}
	someDates      = []string{"1990-02-28", "2000-02-29", "0000-01-01", "9999-12-31"}
	someTimezones  = []string{"America/Chicago", "UTC", "Etc/GMT+5", "Europe/Kiev"}
	someTimestamps = []string{"2024-01-02T03:04:05Z", "2024-01-02T03:04:05.5Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.000001Z"}
)

// value makes a tree of at most so many levels.
func (g *dice) value(depth int) tree {
	k := 9
	if depth <= 0 {
		k = 5
	}
	switch g.n(k) {
	case 0:
		return nil
	case 1:
		return g.n(2) == 0
	case 2:
		return oneOf(g, someNumbers...)
	case 3, 4:
		return oneOf(g, someStrings...)
	case 5:
		a := make([]any, g.n(4))
		for i := range a {
			a[i] = g.value(depth - 1)
		}
		return a
	}
	return g.object(depth - 1)
}

func (g *dice) object(depth int) object {
	o := object{}
	for range g.n(5) {
		o = o.with(oneOf(g, someNames...), g.value(depth))
	}
	if g.n(24) == 0 { // over the sizes from which the library keeps members in maps
		for i := range oneOf(g, 15, 16, 17, 18, 70) {
			o = o.with(fmt.Sprint("k", i), oneOf[tree](g, nil, someNumbers[i%10], "v", object{}))
		}
	}
	return o
}

// edit makes a tree that has something in common with the object.
func (g *dice) edit(o object, depth int) object {
	for range g.n(4) {
		name := oneOf(g, someNames...)
		if len(o) > 0 && g.n(3) > 0 {
			name = o[g.n(len(o))].name
		}
		switch inner, ok := o.get(name).(object); {
		case ok && g.n(3) > 0:
			o = o.with(name, g.edit(inner, depth-1))
		case g.n(3) == 0:
			o = o.with(name, absent)
		default:
			o = o.with(name, g.value(depth))
		}
	}
	return o
}

// patchFor makes a merge patch for an object: members of it and others, null at times.
func (g *dice) patchFor(o object, depth int) object {
	p := object{}
	for range g.n(5) {
		name := oneOf(g, someNames...)
		if len(o) > 0 && g.n(3) > 0 {
			name = o[g.n(len(o))].name
		}
		old := o.get(name)
		inner, ok := old.(object)
		switch {
		case g.n(4) == 0:
			p = p.with(name, nil)
		case ok && g.n(4) > 0:
			p = p.with(name, g.patchFor(inner, depth-1))
		case old != absent && g.n(3) == 0:
			p = p.with(name, old)
		default:
			p = p.with(name, g.value(depth))
		}
	}
	return p
}

// print writes a tree as a text, in one of its many spellings.
func (g *dice) print(v tree) string {
	switch v := v.(type) {
	case nil:
		return g.space() + "null" + g.space()
	case bool:
		return g.space() + fmt.Sprint(v) + g.space()
	case json.Number:
		return g.space() + v.String() + g.space()
	case string:
		return g.space() + g.quote(v) + g.space()
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = g.print(v[i])
		}
		return "[" + g.space() + strings.Join(parts, ",") + "]"
	case object:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = g.space() + g.quote(m.name) + g.space() + ":" + g.print(m.value)
		}
		return "{" + g.space() + strings.Join(parts, ",") + "}" + g.space()
	}
	panic(fmt.Sprintf("no tree: %T", v))
}

// space is white space at times.
func (g *dice) space() string {
	if g.n(8) > 0 {
		return ""
	}
	return oneOf(g, " ", "\n", "\t", "\r\n  ")
}

// quote spells a string, with more escapes than it needs at times.
func (g *dice) quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case g.n(12) == 0 || r < ' ':
			form := oneOf(g, `\u%04x`, `\u%04X`)
			if hi, lo := utf16.EncodeRune(r); r > 0xffff {
				fmt.Fprintf(&b, form+form, hi, lo)
			} else {
				fmt.Fprintf(&b, form, r)
			}
		case r == '"' || r == '\\' || r == '/' && g.n(2) == 0:
			b.WriteByte('\\')
			fallthrough
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

const lastField = contact.FieldCompletedObjectiveKeys

// valueOf makes a value of a kind of the exported field table.
func valueOf(g *dice, kind string) tree {
	switch kind {
	case "id":
		return oneOf(g, someIDs...)
	case "constant":
		return "contact"
	case "string":
		return oneOf(g, someStrings...)
	case "date":
		return oneOf(g, someDates...)
	case "timezone":
		return oneOf(g, someTimezones...)
	case "boolean":
		return g.n(2) == 0
	case "object":
		return g.object(3)
	case "timestamp":
		return oneOf(g, someTimestamps...)
	}
	a := make([]any, g.n(4))
	for i := range a {
		if kind == "ids" {
			a[i] = oneOf(g, someIDs...)
		} else {
			a[i] = oneOf(g, someStrings...)
		}
	}
	return a
}

// contact makes the document of a contact, its values in canonical form. All contacts have the same identity.
func (g *dice) contact() object {
	doc := object{}
	for f := contact.FieldID; f <= lastField; f++ {
		switch {
		case f == contact.FieldID:
			doc = doc.with(f.String(), "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b")
		case f == contact.FieldTeamID:
			doc = doc.with(f.String(), "0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e")
		case f == contact.FieldInsertedAt:
			doc = doc.with(f.String(), "2024-03-09T16:20:11.482913Z")
		case f == contact.FieldUpdatedAt:
			doc = doc.with(f.String(), oneOf(g, "2026-05-17T08:02:45.120004Z", "2026-05-17T08:02:45.120004001Z", "2027-01-01T00:00:00Z"))
		case contact.RequiredFields.Has(f) || g.n(2) == 0:
			doc = doc.with(f.String(), valueOf(g, f.Kind().String()))
		}
	}
	return doc
}

// editContact makes another state of the same contact.
func (g *dice) editContact(doc object) object {
	for range g.n(6) {
		f := contact.Field(g.n(int(lastField) + 1))
		switch {
		case f == contact.FieldMetaPublic || g.n(3) == 0:
			doc = doc.with("meta_public", g.edit(doc.get("meta_public").(object), 3))
		case !contact.WritableFields.Has(f) && f != contact.FieldUpdatedAt:
		case !contact.RequiredFields.Has(f) && g.n(3) == 0:
			doc = doc.with(f.String(), absent)
		default:
			doc = doc.with(f.String(), valueOf(g, f.Kind().String()))
		}
	}
	return doc
}

// patch makes a patch for a contact; now and then its identity or version are not the contact's.
func (g *dice) patch(doc object) object {
	p := object{}
	for range g.n(8) {
		f := contact.Field(g.n(int(lastField) + 1))
		old := doc.get(f.String())
		switch {
		case f == contact.FieldMetaPublic || g.n(3) == 0:
			p = p.with("meta_public", g.patchFor(doc.get("meta_public").(object), 3))
		case !contact.WritableFields.Has(f) && g.n(8) > 0:
			p = p.with(f.String(), old)
		case !contact.RequiredFields.Has(f) && g.n(3) == 0:
			p = p.with(f.String(), nil)
		case old != absent && g.n(3) == 0:
			p = p.with(f.String(), old)
		default:
			p = p.with(f.String(), valueOf(g, f.Kind().String()))
		}
	}
	return p
}

// printDocument writes a contact or a patch with its members in any order and its ids and timestamps in any form.
func (g *dice) printDocument(doc object) []byte {
	doc = slices.Clone(doc)
	for i := len(doc) - 1; i > 0; i-- {
		j := g.n(i + 1)
		doc[i], doc[j] = doc[j], doc[i]
	}
	for i, m := range doc {
		f, _ := contact.FieldByName(m.name)
		s, ok := m.value.(string)
		switch {
		case ok && f.Kind().String() == "id" && g.n(4) == 0:
			doc[i].value = strings.ToUpper(s)
		case ok && f.Kind().String() == "timestamp" && g.n(4) == 0:
			doc[i].value = strings.TrimSuffix(s, "Z") + oneOf(g, "z", "+00:00", "-00:00")
		}
	}
	return []byte(g.print(doc))
}

func someTime(g *dice) time.Time {
	return oneOf(g, time.Time{}, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 5, 17, 8, 2, 45, 120004999, time.UTC),
		time.Date(2020, 1, 1, 0, 0, 0, 7, time.FixedZone("", 3600)))
}
