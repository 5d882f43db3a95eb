package contacttest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf16"

	"github.com/partner-contacts/contact/internal/limits"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/tree"
)

// A Gen generates contacts, patches and bodies. It takes each choice from a fuzzer's bytes or from a
// random source. Choice 0 is the simplest, so that a fuzzer gets simpler values by shortening or
// lowering its bytes. The same bytes, or a source with the same seed, give the same values. A nil Gen
// makes every choice the simplest.
type Gen struct {
	data []byte
	rand *rand.Rand
}

// New returns a Gen that takes its choices from r.
func New(r *rand.Rand) *Gen { return &Gen{rand: r} }

// FromBytes returns a Gen that takes its choices from data, and the simplest ones after the end of
// data.
func FromBytes(data []byte) *Gen { return &Gen{data: data} }

// Choose returns a number from 0 to n-1.
func (g *Gen) Choose(n int) int {
	switch {
	case g == nil:
		return 0
	case g.rand != nil:
		return g.rand.IntN(n)
	}
	c := 0
	for most := n - 1; most > 0 && len(g.data) > 0; most >>= 8 {
		c = c<<8 | int(g.data[0])
		g.data = g.data[1:]
	}
	return c % n
}

// more reports whether choices are left.
func (g *Gen) more() bool { return g != nil && (g.rand != nil || len(g.data) > 0) }

// one returns one of the values. The first is the simplest.
func one[T any](g *Gen, from ...T) T { return from[g.Choose(len(from))] }

// chance returns true once in n times, and false in the simplest case.
func (g *Gen) chance(n int) bool { return g.Choose(n) == n-1 }

// Contact returns the document of a contact as the library writes it. All
// contacts have the id, team_id and inserted_at of [Sample].
func (g *Gen) Contact() []byte { return tree.AppendText(nil, g.contact()) }

func (g *Gen) contact() tree.Object {
	doc := tree.Object{}
	for f := range contact.AllFields.All() {
		switch {
		case contact.IdentityFields.Has(f):
			doc = append(doc, tree.Member{Name: f.String(), Value: parsed(sample[f])})
		case f == contact.FieldUpdatedAt:
			doc = append(doc, tree.Member{Name: f.String(), Value: g.version()})
		case contact.RequiredFields.Has(f) || g.Choose(2) == 1:
			doc = append(doc, tree.Member{Name: f.String(), Value: g.value(f)})
		}
	}
	return doc
}

// version returns an updated_at that is not the last possible timestamp, so that another version can
// follow.
func (g *Gen) version() tree.Value {
	return one(g, "2026-05-17T08:02:45.120004Z", "2026-05-17T08:02:45.120004001Z", "2027-01-01T00:00:00Z")
}

// Edit returns another state of the same contact, without unknown members. If the document has the
// form in which the library writes it, so does the result.
func (g *Gen) Edit(document []byte) []byte {
	doc := objectOf(document)
	for range g.Choose(6) {
		f := g.field()
		switch {
		case f == contact.FieldMetaPublic || g.chance(3):
			meta, _ := doc.Get("meta_public").(tree.Object)
			doc = doc.With("meta_public", g.editObject(meta, 3))
		case f == contact.FieldUpdatedAt:
			doc = doc.With(f.String(), g.version())
		case !contact.WritableFields.Has(f):
		case !contact.RequiredFields.Has(f) && g.chance(3):
			doc = doc.With(f.String(), tree.Absent)
		default:
			doc = doc.With(f.String(), g.value(f))
		}
	}
	ordered := tree.Object{} // an added field belongs among the others
	for f := range contact.AllFields.All() {
		if v := doc.Get(f.String()); v != tree.Absent {
			ordered = append(ordered, tree.Member{Name: f.String(), Value: v})
		}
	}
	return tree.AppendText(nil, ordered)
}

// Patch returns a patch that [contact.Merge] accepts for the contact. It sets, clears and repeats
// fields, and changes and removes members of meta_public. An identity field or a version in the patch
// equals that of the contact.
func (g *Gen) Patch(document []byte) []byte {
	return tree.AppendText(nil, g.patch(objectOf(document)))
}

func (g *Gen) patch(doc tree.Object) tree.Object {
	p := tree.Object{}
	for range g.Choose(8) {
		f := g.field()
		old := doc.Get(f.String())
		switch {
		case f == contact.FieldMetaPublic || g.chance(3):
			meta, _ := doc.Get("meta_public").(tree.Object)
			p = p.With("meta_public", g.patchObject(meta, 3))
		case !contact.WritableFields.Has(f):
			p = p.With(f.String(), old)
		case !contact.RequiredFields.Has(f) && g.chance(3):
			p = p.With(f.String(), nil)
		case old != nil && g.chance(3) && sendable(f, old):
			p = p.With(f.String(), old)
		default:
			p = p.With(f.String(), g.value(f))
		}
	}
	return p
}

// sendable reports whether the stored value is valid in a patch. [contact.ParseStored] also accepts
// some values that are not.
func sendable(f contact.Field, v tree.Value) bool {
	return v == tree.Absent || contact.Options{}.CheckField(f, tree.AppendText(nil, v)) == nil
}

// rulesOf returns the rules that a patch can break in a field: those for which [Gen.InvalidPatch]
// returns a patch.
func rulesOf(f contact.Field) []contact.Rule {
	var rules []contact.Rule
	for _, rule := range []contact.Rule{
		contact.RuleType, contact.RuleNull, contact.RuleEnum, contact.RuleUUID, contact.RuleDate,
		contact.RuleTimestamp, contact.RuleTimezone, contact.RuleDuplicate, contact.RuleUnknown,
		contact.RuleImmutable, contact.RuleStale, contact.RuleRequired, contact.RuleSyntax,
		contact.RuleDepth, contact.RuleSize,
	} {
		if New(rand.New(rand.NewPCG(0, 0))).InvalidPatch(Sample(), rule, f) != nil {
			rules = append(rules, rule)
		}
	}
	return rules
}

// InvalidPatch returns a patch for the contact with exactly one fault: it breaks the rule in the field.
// The error's pointer is at the field or inside it, with these exceptions:
//
//   - unknown is at a misspelled name of the field;
//   - required is for a whole contact without the field, and an error only with
//     [contact.Options].RequireComplete;
//   - syntax, depth and size are for the whole body. The size is over the default limit.
//
// Another id is an error of rule immutable in Merge and of rule mismatch in ParseUpdate.
//
// InvalidPatch returns nil if the field cannot break the rule: a boolean cannot break rule date.
func (g *Gen) InvalidPatch(document []byte, rule contact.Rule, f contact.Field) []byte {
	doc := objectOf(document)
	name, value := f.String(), ""
	switch rule {
	case contact.RuleNull:
		if contact.RequiredFields.Has(f) {
			value = "null"
		}
	case contact.RuleImmutable:
		if contact.IdentityFields.Has(f) && f != contact.FieldType {
			value = g.other(f, doc)
		}
	case contact.RuleStale:
		if f == contact.FieldUpdatedAt {
			value = g.other(f, doc)
		}
	case contact.RuleUnknown:
		name = one(g, name+"x", strings.ToUpper(name), name+" ", "x"+name)
		value = one(g, "null", sample[f])
	case contact.RuleRequired:
		if !contact.RequiredFields.Has(f) {
			return nil
		}
		whole := g.whole(doc)
		return tree.AppendText(nil, whole.With(name, tree.Absent))
	case contact.RuleDuplicate:
		if wrong := formsOf(f).wrong[rule]; wrong != nil && g.chance(2) {
			value = one(g, wrong...)
			break
		}
		text := string(tree.AppendText(nil, g.value(f)))
		value = text + "," + one(g, quoted(name), spelledName(name)) + ":" + text
	case contact.RuleSyntax:
		value = one(g, broken...)
	case contact.RuleDepth:
		const brackets = limits.MaxDepth
		value = strings.Repeat("[", brackets) + strings.Repeat("]", brackets)
	case contact.RuleSize:
		value = `"` + strings.Repeat("x", limits.MaxBytes) + `"`
	default:
		if wrong := formsOf(f).wrong[rule]; wrong != nil {
			value = one(g, wrong...)
		}
	}
	if value == "" && rule != contact.RuleSyntax {
		return nil
	}
	rest := g.patch(doc).With(f.String(), tree.Absent)
	text := tree.AppendText(nil, rest)
	if len(rest) > 0 {
		text[0] = ','
		return append([]byte("{"+quoted(name)+":"+value), text...)
	}
	return []byte("{" + quoted(name) + ":" + value + "}")
}

// whole returns the contact with a value for every field.
func (g *Gen) whole(doc tree.Object) tree.Object {
	whole := tree.Object{}
	for f := range contact.AllFields.All() {
		v := doc.Get(f.String())
		if v == tree.Absent || v == nil || !sendable(f, v) {
			v = parsed(sample[f])
		}
		whole = append(whole, tree.Member{Name: f.String(), Value: v})
	}
	return whole
}

// other returns a valid value of the field that differs from the contact's.
func (g *Gen) other(f contact.Field, doc tree.Object) string {
	texts := formsOf(f).plain
	at := g.Choose(len(texts))
	if tree.Same(parsed(texts[at]), doc.Get(f.String())) {
		at = (at + 1) % len(texts)
	}
	return texts[at]
}

// Document returns a stored contact that [contact.ParseStored] and [contact.AppendMerge] accept and
// [contact.Parse] may not. It may have any spelling, null for absent fields, an obsolete timezone, and
// members written by a later version of the service.
func (g *Gen) Document() []byte {
	doc := g.contact()
	for f := range (contact.AllFields &^ contact.RequiredFields).All() {
		if doc.Get(f.String()) == tree.Absent && g.chance(4) {
			doc = doc.With(f.String(), nil)
		}
	}
	if g.Choose(2) == 1 {
		doc = doc.With("timezone", one(g, oldTimezones...))
	}
	for i := range g.Choose(3) {
		name := fmt.Sprint("later_", i)
		doc = doc.With(name, g.anything(3))
	}
	return g.Reformat(tree.AppendText(nil, doc))
}

// Reformat returns the same contact or patch in another spelling: members in another order, white
// space, escapes, ids in upper case, timestamps with an offset. For any other JSON value it changes
// only white space and escapes.
func (g *Gen) Reformat(document []byte) []byte {
	doc, ok := parsed(string(document)).(tree.Object)
	if !ok {
		return []byte(g.print(parsed(string(document))))
	}
	for i := len(doc) - 1; i > 0; i-- {
		j := i - g.Choose(i+1)
		doc[i], doc[j] = doc[j], doc[i]
	}
	for i, m := range doc {
		f, known := contact.FieldByName(m.Name)
		s, ok := m.Value.(string)
		switch {
		case !known || !ok:
		case f.Kind() == contact.KindID && g.chance(4):
			doc[i].Value = strings.ToUpper(s)
		case f.Kind() == contact.KindTimestamp && strings.HasSuffix(s, "Z") && g.chance(4):
			doc[i].Value = strings.TrimSuffix(s, "Z") + one(g, "z", "+00:00", "-00:00")
		}
	}
	return []byte(g.print(doc))
}

// field returns any field.
func (g *Gen) field() contact.Field { return contact.Field(g.Choose(len(sample))) }

// Value returns a valid value for the field, as the library writes it.
func (g *Gen) Value(f contact.Field) []byte { return tree.AppendText(nil, g.value(f)) }

// value returns a valid value for the field, in its canonical form.
func (g *Gen) value(f contact.Field) tree.Value {
	if f.Kind() == contact.KindObject && g.chance(2) {
		return g.object(3)
	}
	return parsed(one(g, formsOf(f).plain...))
}

// anything returns any JSON value of at most levels levels.
func (g *Gen) anything(levels int) tree.Value {
	kinds := 9
	if levels <= 0 {
		kinds = 5
	}
	switch g.Choose(kinds) {
	case 0:
		return nil
	case 1:
		return g.Choose(2) == 1
	case 2:
		return json.Number(one(g, numbers...))
	case 3, 4:
		return parsed(one(g, values[contact.KindString].plain...))
	case 5:
		a := make([]any, g.Choose(4))
		for i := range a {
			a[i] = g.anything(levels - 1)
		}
		return a
	}
	return g.object(levels - 1)
}

func (g *Gen) object(levels int) tree.Object {
	o := tree.Object{}
	for range g.Choose(5) {
		o = o.With(g.name(o), g.anything(levels))
	}
	if g.chance(24) { // more than a library may keep without a map
		for i := range one(g, 15, 16, 17, 18, 70) {
			o = o.With(fmt.Sprint("k", i), one[tree.Value](g, nil, json.Number(numbers[i%10]), "v", tree.Object{}))
		}
	}
	return o
}

// name returns the name of a member, most often one of the object.
func (g *Gen) name(o tree.Object) string {
	if len(o) > 0 && g.Choose(3) > 0 {
		return o[g.Choose(len(o))].Name
	}
	return parsed(`"` + one(g, metaNames...) + `"`).(string)
}

// editObject returns an object that shares some members with o.
func (g *Gen) editObject(o tree.Object, levels int) tree.Object {
	for range g.Choose(4) {
		name := g.name(o)
		inner, isObject := o.Get(name).(tree.Object)
		switch {
		case isObject && g.Choose(3) > 0:
			o = o.With(name, g.editObject(inner, levels-1))
		case g.chance(3):
			o = o.With(name, tree.Absent)
		default:
			o = o.With(name, g.anything(levels))
		}
	}
	return o
}

// patchObject returns a merge patch for o, with members of o and others, some of them null.
func (g *Gen) patchObject(o tree.Object, levels int) tree.Object {
	p := tree.Object{}
	for range g.Choose(5) {
		name := g.name(o)
		old := o.Get(name)
		inner, isObject := old.(tree.Object)
		switch {
		case g.chance(4):
			p = p.With(name, nil)
		case isObject && g.Choose(4) > 0:
			p = p.With(name, g.patchObject(inner, levels-1))
		case old != tree.Absent && g.chance(3):
			p = p.With(name, old)
		default:
			p = p.With(name, g.anything(levels))
		}
	}
	return p
}

// print writes a value in one of its many spellings.
func (g *Gen) print(v tree.Value) string {
	switch v := v.(type) {
	case string:
		return g.space() + g.quote(v) + g.space()
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = g.print(v[i])
		}
		return "[" + g.space() + strings.Join(parts, ",") + "]"
	case tree.Object:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = g.space() + g.quote(m.Name) + g.space() + ":" + g.print(m.Value)
		}
		return "{" + g.space() + strings.Join(parts, ",") + "}" + g.space()
	}
	return g.space() + string(tree.AppendText(nil, v)) + g.space()
}

// space returns white space or nothing.
func (g *Gen) space() string {
	if !g.chance(8) {
		return ""
	}
	return one(g, " ", "\n", "\t", "\r\n  ")
}

// quote returns a string as JSON, sometimes with more escapes than necessary.
func (g *Gen) quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r < ' ' || g.chance(12):
			b.WriteString(escaped(r, one(g, `\u%04x`, `\u%04X`)))
		case r == '"' || r == '\\' || r == '/' && g.chance(2):
			b.WriteByte('\\')
			fallthrough
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// escaped returns a character as one escape, or as a surrogate pair if it needs two.
func escaped(r rune, form string) string {
	if hi, lo := utf16.EncodeRune(r); r > 0xffff {
		return fmt.Sprintf(form+form, hi, lo)
	}
	return fmt.Sprintf(form, r)
}

// quoted returns a string as JSON with no more escapes than necessary.
func quoted(s string) string { return string(tree.AppendText(nil, s)) }

// spelledName returns the name in quotes with its first character as an escape.
func spelledName(name string) string { return `"` + escaped(rune(name[0]), `\u%04x`) + name[1:] + `"` }

// parsed returns the value of a text of this package.
func parsed(text string) tree.Value {
	v, err := tree.Decode([]byte(text))
	if err != nil {
		panic("contacttest: " + text + ": " + err.Error())
	}
	return v
}

// objectOf returns the members of a document, which must be a JSON object.
func objectOf(document []byte) tree.Object {
	o, err := tree.DecodeObject(document)
	if err != nil {
		panic("contacttest: not a JSON object: " + err.Error())
	}
	return o
}
