package contact

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/partner-contacts/contact/internal/row"
	"github.com/stretchr/testify/require"
)

// TestAppendID writes every byte at every place as google/uuid does.
func TestAppendID(t *testing.T) {
	for place := range 16 {
		for value := range 256 {
			id := ID{0x1f, 0xa9, 0x9a, 0xf0}
			id[place] = byte(value)
			require.Equal(t, "x"+id.String(), string(appendID([]byte("x"), id)))
		}
	}
}

// TestAppendTimestamp writes fractions of every length as package time does.
func TestAppendTimestamp(t *testing.T) {
	for nsec := 1; nsec < 1_000_000_000; nsec = nsec*7 + 1 {
		for cut := 1; cut <= nsec; cut *= 10 {
			at := time.Date(2026, 12, 31, 9, 8, 7, nsec/cut*cut, time.UTC)
			require.Equal(t, at.Format(`"`+time.RFC3339Nano+`"`), string(appendTimestamp(nil, at)))
		}
	}
}

// TestAllocs pins what the doc comments say of memory.
func TestAllocs(t *testing.T) {
	body, patch := sample(t, "contact.json"), []byte(smallPatch)
	members := []byte(`{"meta_public":{"o":{` + list(64, `"member%d":{"":1,"\u0061":"\n"}`) + `}},"\u0063ity":"\u0041","timezone":"America\/Chicago"}`)
	stored, err := ParseStored(body)
	require.NoError(t, err)
	p, err := ParsePatch(patch)
	require.NoError(t, err)
	small := []byte(`{"city":"Oslo","sms_opted_in":true}`)
	timezone, buffer := []byte(`"America\/Chicago"`), make([]byte, 0, 4096)
	now, merged := time.Now(), make([]byte, 0, 4096)
	for _, c := range []struct {
		name string
		most float64
		f    func() error
	}{
		{"Check", 0, func() error { return Check(body) }},
		{"CheckPatch", 0, func() error { return CheckPatch(body) }},
		{"CheckPatch of 64 members", 0, func() error { return CheckPatch(members) }},
		{"CheckField", 0, func() error { return (Options{}).CheckField(FieldTimezone, timezone) }},
		{"Parse", 4, func() error { _, err := Parse(body); return err }},
		{"ParsePatch of two fields", 1, func() error { _, err := ParsePatch(small); return err }},
		{"ParsePatch", 4, func() error { _, err := ParsePatch(body); return err }},
		{"Merge", 3, func() error { _, _, err := Merge(stored, p, now); return err }},
		{"AppendMerge", 1, func() error { merged, _, err = AppendMerge(merged[:0], body, patch, now); return err }},
		{"AppendJSON", 0, func() error { buffer = stored.AppendJSON(buffer[:0]); return nil }},
	} {
		t.Run(row.Name(c.name), func(t *testing.T) {
			require.NoError(t, c.f(), c.name)
			require.LessOrEqual(t, testing.AllocsPerRun(100, func() { c.f() }), c.most, c.name)
		})
	}
}

// TestTypedAccess: no field is found as what it is not. That would be a fault of the library's own.
func TestTypedAccess(t *testing.T) {
	var c Contact
	for name, access := range map[string]func(Field){
		"idAt":           func(f Field) { c.idAt(f) },
		"stringAt":       func(f Field) { c.stringAt(f) },
		"dateAt":         func(f Field) { c.dateAt(f) },
		"timeAt":         func(f Field) { c.timeAt(f) },
		"optionalTimeAt": func(f Field) { c.optionalTimeAt(f) },
		"boolAt":         func(f Field) { c.boolAt(f) },
		"objectAt":       func(f Field) { c.objectAt(f) },
		"idsAt":          func(f Field) { c.idsAt(f) },
		"stringsAt":      func(f Field) { c.stringsAt(f) },
	} {
		t.Run(row.Name(name), func(t *testing.T) {
			require.PanicsWithValue(t, noSuchField, func() { access(FieldType) }, name)
			require.PanicsWithValue(t, noSuchField, func() { access(fieldCount) }, name)
		})
	}
}

// TestIDRoom proves that an array of ids keeps no more memory than its ids need, however it is laid
// out, and that a long one takes it at once.
func TestIDRoom(t *testing.T) {
	const id = `"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"`
	spaces := strings.Repeat(" ", 40_000)
	for ids, count := range map[string]int{
		"":                                   0,
		spaces:                               0,
		id + "," + spaces + id:               2,
		id + strings.Repeat(","+id, 999):     1000,
		id + strings.Repeat("\n, "+id, 1000): 1001,
	} {
		t.Run(row.Name(ids), func(t *testing.T) {
			p, err := ParsePatch([]byte(`{"active_journey_ids":[` + ids + `]}`))
			require.NoError(t, err)
			require.Len(t, p.contact.ActiveJourneyIDs, count)
			require.Equal(t, count, cap(p.contact.ActiveJourneyIDs))
		})
	}
	body := []byte(`{"active_journey_ids":[` + id + strings.Repeat(","+id, 999) + `]}`)
	require.LessOrEqual(t, testing.AllocsPerRun(10, func() { _, err := ParsePatch(body); require.NoError(t, err) }), 2.0)
}

// TestStringsRoom is TestIDRoom for an array of strings, which also have different lengths and escapes.
func TestStringsRoom(t *testing.T) {
	key := `"objective-1"`
	long, keys := `"`+strings.Repeat("x", 5000)+`"`, strings.Repeat(","+key, 999)
	for name, array := range map[string]string{
		"empty": ``, "few": key + "," + long, "many": key + keys, "long": long + strings.Repeat(","+long, 9),
		"spaces":  key + "," + strings.Repeat(" ", 40_000) + key + keys,
		"escapes": `"` + strings.Repeat(`\u0061`, 9000) + `"` + keys,
		"quotes":  `"` + strings.Repeat(`\"`, 9000) + `"` + keys,
		"bracket": key + `,"]"` + keys, "bracket late": key + keys + `,"x]",` + long,
	} {
		t.Run(name, func(t *testing.T) {
			body := []byte(`{"completed_objective_keys":[` + array + `]}`)
			var want struct {
				Keys []string `json:"completed_objective_keys"`
			}
			require.NoError(t, json.Unmarshal(body, &want))
			p, err := ParsePatch(body)
			require.NoError(t, err)
			got := p.contact.CompletedObjectiveKeys
			require.Equal(t, want.Keys, got)
			require.Equal(t, len(got), cap(got))
			n := needs(&p.contact)
			got = nil
			require.LessOrEqual(t, reachable(&p), allowed(n))
		})
	}
	body := []byte(`{"completed_objective_keys":[` + key + keys + `]}`)
	require.LessOrEqual(t, testing.AllocsPerRun(10, func() { _, err := ParsePatch(body); require.NoError(t, err) }), 3.0)
}

// needs returns how many bytes the values of a contact take.
func needs(c *Contact) int {
	n := int(unsafe.Sizeof(*c)) + len(c.MetaPublic) + len(c.UnknownMembers)
	for f := range fieldCount {
		if !c.has(f) {
			continue
		}
		switch fields[f].kind {
		case KindString, KindTimezone, KindEnum:
			n += int(unsafe.Sizeof("")) + len(**c.stringAt(f))
		case KindDate:
			n += int(unsafe.Sizeof(Date{}))
		case KindTimestamp:
			n += int(unsafe.Sizeof(time.Time{}))
		case KindIDs:
			n += len(*c.idsAt(f)) * int(unsafe.Sizeof(ID{}))
		case KindStrings:
			for _, s := range *c.stringsAt(f) {
				n += int(unsafe.Sizeof(s)) + len(s)
			}
		}
	}
	return n
}

// reachable returns how many bytes of the heap v keeps alive, as the collector sees it.
func reachable[T any](v *T) int {
	alive := heap()
	runtime.KeepAlive(v)
	*v = *new(T)
	return alive - heap()
}

func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what a sync.Pool holds goes at the second
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// allowed is the bound on what may be kept alive for values that need n bytes.
func allowed(n int) int { return 2*n + 4<<10 }

// TestReachable: what a contact keeps alive is bounded by what its values need, whatever patches it has gone through.
func TestReachable(t *testing.T) {
	histories := 200
	if testing.Short() {
		histories = 12
	}
	for seed := range uint64(histories) {
		g := history{rand.New(rand.NewPCG(seed, 14))}
		c := g.run(t)
		n := needs(c)
		require.LessOrEqual(t, reachable(&c), allowed(n), "history %d, of values that need %d", seed, n)
	}
}

// A history makes contacts that have gone through many patches.
type history struct{ *rand.Rand }

func (g history) run(t *testing.T) *Contact {
	c, err := Parse(g.body(AllFields, RequiredFields))
	require.NoError(t, err)
	o := Options{MaxDocument: -1, MaxMeta: -1, AllowStale: true}
	for range 1 + g.IntN(40) {
		p, err := ParsePatch(g.body(WritableFields, 0))
		require.NoError(t, err)
		before := c
		c, _, err = o.Merge(c, p, time.Now())
		require.NoError(t, err)
		switch g.IntN(12) {
		case 0:
			c = c.Clone()
		case 1:
			c, err = ParseStored(c.AppendJSON(nil))
		case 2:
			if p, err = Diff(before, c); err == nil {
				c, _, err = o.Merge(before, p, time.Now())
			}
		case 3:
			c, _, err = Merge3(before, c, before.Clone(), nil)
		}
		require.NoError(t, err)
	}
	return c
}

// body writes a body with some of the fields and all of must.
func (g history) body(some, must FieldSet) []byte {
	many := []int{2, 6, 30}[g.IntN(3)]
	var members []string
	for f := range some.All() {
		if must.Has(f) || g.IntN(many) == 0 {
			members = append(members, fmt.Sprintf("%q:%s", f, g.value(f, must == 0)))
		}
	}
	return []byte("{" + strings.Join(members, ", ") + "}")
}

func (g history) value(f Field, patch bool) string {
	if patch && !RequiredFields.Has(f) && g.IntN(4) == 0 {
		return "null"
	}
	list := func(write func() string) string {
		parts := make([]string, g.IntN(1+g.IntN(60)))
		for i := range parts {
			parts[i] = write()
		}
		return strings.Join(parts, ",")
	}
	switch f.Kind() {
	case KindID:
		return `"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"`
	case KindConstant, KindEnum:
		return `"` + f.Values()[0] + `"`
	case KindDate:
		return `"2000-02-29"`
	case KindTimezone:
		return `"America/Chicago"`
	case KindTimestamp:
		return `"2024-01-02T03:04:05Z"`
	case KindBoolean:
		return []string{"true", "false"}[g.IntN(2)]
	case KindObject:
		i := 0
		return "{" + g.spaces() + list(func() string {
			i++
			return fmt.Sprintf(`"m%d":%s`, i*g.IntN(1e6)*100+i, []string{"null", g.text()}[i%2])
		}) + "}"
	case KindIDs:
		return "[" + list(func() string { return `"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"` }) + "]"
	case KindStrings:
		return "[" + g.spaces() + list(g.text) + "]"
	}
	return g.text()
}

// text writes a string, most often a short one, now and then one of a megabyte or of escapes.
func (g history) text() string {
	n := []int{0, 1, 12, 48, 49, 127, 128, 129, 400, 1000}[g.IntN(10)]
	if g.IntN(40) == 0 {
		n = 1 << (10 + g.IntN(8))
	}
	text := strings.Repeat("x", n)
	if g.IntN(4) == 0 {
		text = strings.Repeat("\n", n/3) + text[n/3:]
	}
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

func (g history) spaces() string { return strings.Repeat(" ", g.IntN(1+g.IntN(5000))) }

// TestReachableKinds: one short value of each kind from a patch with something large beside it keeps nothing of that.
func TestReachableKinds(t *testing.T) {
	short := map[Kind]string{
		KindString: `"x"`, KindTimezone: `"UTC"`, KindDate: `"2000-02-29"`, KindTimestamp: `"2024-01-02T03:04:05Z"`,
		KindObject: `{"a":1}`, KindIDs: `["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"]`, KindStrings: `["x"]`,
	}
	long := strings.Repeat("x", 1<<17)
	gone := map[Field]string{
		FieldAddress: `"` + long + `"`, FieldCountry: `"` + long + `"`, FieldMetaPublic: `{"long":"` + long + `"}`,
		FieldCompletedObjectiveKeys: `["x","` + long + `","y"]`,
	}
	for f := range WritableFields.All() {
		text, ok := short[f.Kind()]
		for large, value := range gone {
			if !ok || large == f || testing.Short() && int(f+large)%9 != 0 {
				continue
			}
			c := minimalContact(t)
			replaced := `"x"`
			if k := large.Kind(); k != KindString {
				replaced = map[Kind]string{KindObject: `{"long":null}`, KindStrings: `[]`}[k]
			}
			for _, body := range []string{
				fmt.Sprintf(`{%q:%s,%q:%s}`, f, text, large, value),
				fmt.Sprintf(`{%q:%s}`, large, replaced),
			} {
				p, err := ParsePatch([]byte(body))
				require.NoError(t, err)
				c, _, err = Options{MaxMeta: -1}.Merge(c, p, time.Now())
				require.NoError(t, err)
			}
			n := needs(c)
			require.Less(t, n, 2000)
			require.LessOrEqual(t, reachable(&c), allowed(n), "%s beside a long %s", f, large)

			// The same in a contact as Parse makes it.
			document := fmt.Sprintf(`{%q:%s,%q:%s`, f, text, large, value)
			for g := range RequiredFields.All() {
				if g != f && g != large {
					document += fmt.Sprintf(`,%q:%s`, g, history{rand.New(rand.NewPCG(1, 1))}.value(g, false))
				}
			}
			c, err := ParseStored([]byte(document + "}"))
			require.NoError(t, err)
			p, err := ParsePatch(fmt.Appendf(nil, `{%q:%s}`, large, replaced))
			require.NoError(t, err)
			c, _, err = Options{MaxMeta: -1}.Merge(c, p, time.Now())
			require.NoError(t, err)
			n = needs(c)
			require.LessOrEqual(t, reachable(&c), allowed(n), "%s parsed beside a long %s", f, large)

			// The same in a patch that is made of two.
			p, err = ParsePatch(fmt.Appendf(nil, `{%q:%s,%q:%s}`, f, text, large, value))
			require.NoError(t, err)
			q, err := ParsePatch(fmt.Appendf(nil, `{%q:%s}`, large, replaced))
			require.NoError(t, err)
			p, err = p.Then(q)
			require.NoError(t, err)
			n = needs(&p.contact)
			require.LessOrEqual(t, reachable(&p), allowed(n), "%s then beside a long %s", f, large)
		}
	}
}

func minimalContact(t *testing.T) *Contact {
	c, err := Parse(history{rand.New(rand.NewPCG(1, 1))}.body(RequiredFields, RequiredFields))
	require.NoError(t, err)
	c.MetaPublic, c.ActiveJourneyIDs, c.CompletedObjectiveKeys = "", nil, nil
	return c
}

// TestReachableDocuments: the room of what AppendMerge makes is bounded by its length, whatever the body and the document
// were, and so is that of a merged meta_public.
func TestReachableDocuments(t *testing.T) {
	document := minimalContact(t).AppendJSON(nil)
	space := strings.Repeat(" ", 1<<20-100)
	nulls := `{"meta_public":{"a":1` + strings.Repeat(`,"%d":null`, 50_000) + `}}`
	numbers := make([]any, 50_000)
	for i := range numbers {
		numbers[i] = i
	}
	nulls = fmt.Sprintf(nulls, numbers...)
	long := strings.Repeat("x", 1<<17)
	large := []byte(strings.Replace(string(document), "{", `{"address":"`+long+`",`, 1))
	largeMeta := []byte(strings.Replace(string(document), `"meta_public":{`, `"meta_public":{"long":"`+long+`"`, 1))
	for name, c := range map[string]struct {
		document []byte
		body     string
	}{
		"white space in the body":     {document, `{"city":"x"` + space + `}`},
		"white space around":          {[]byte(space + string(document) + space), `{"city":"x"}`},
		"nulls for what is not there": {document, nulls},
		"a long string goes":          {large, `{"address":null}`},
		"a long string gets short":    {large, `{"address":"x"}`},
		"a long member goes":          {largeMeta, `{"meta_public":{"long":null}}`},
		"a long string comes":         {document, `{"address":"` + long + `"}`},
		"a long string of escapes":    {document, `{"address":"` + strings.Repeat(`\u0001`, 1<<17) + `"}`},
		"nothing":                     {document, `{}`},
		"what escapes stand for":      {document, `{"address":"` + strings.Repeat(`\u0061`, 1<<17) + `"}`},
	} {
		t.Run(row.Name(name), func(t *testing.T) {
			merged, _, err := Options{MaxMeta: -1}.AppendMerge(nil, c.document, []byte(c.body), time.Now())
			require.NoError(t, err, name)
			require.LessOrEqual(t, cap(merged), allowed(len(merged)), name)

			stored, err := ParseStored(c.document)
			require.NoError(t, err)
			p, err := ParsePatch([]byte(c.body))
			require.NoError(t, err)
			v, _, err := Options{MaxMeta: -1}.Merge(stored, p, time.Now())
			require.NoError(t, err)
			stored, p = nil, nil
			n := needs(v)
			require.LessOrEqual(t, reachable(&v), allowed(n), name)
		})
	}
}

// TestFull: no slice of a result has room for what would be written where another contact has its own.
func TestFull(t *testing.T) {
	g := history{rand.New(rand.NewPCG(6, 14))}
	full := func(c *Contact) {
		t.Helper()
		require.Equal(t, len(c.ActiveJourneyIDs), cap(c.ActiveJourneyIDs))
		require.Equal(t, len(c.CompletedObjectiveKeys), cap(c.CompletedObjectiveKeys))
	}
	for range 200 {
		c, err := Parse(g.body(AllFields, RequiredFields))
		require.NoError(t, err)
		full(c)
		full(c.Clone())
		p, err := ParsePatch(g.body(WritableFields, 0))
		require.NoError(t, err)
		full(&p.contact)
		merged, _, err := Options{MaxMeta: -1}.Merge(c, p, time.Time{})
		require.NoError(t, err)
		full(merged)
		if p, err = Diff(c, merged); err == nil {
			full(&p.contact)
		}
		merged, _, err = Merge3(c, merged, c, nil)
		require.NoError(t, err)
		full(merged)
	}
}

// The names below are for the tests of package contact_test.

// AllRules returns the rules in the order of their table.
func AllRules() []Rule {
	var all []Rule
	for _, r := range rules {
		all = append(all, r.rule)
	}
	return all
}

// AllCodes returns the codes in the order of their table.
func AllCodes() []Code {
	var all []Code
	for _, c := range codes {
		all = append(all, c.code)
	}
	return all
}

// RulesWithTexts lists the rules that errors have texts for.
func RulesWithTexts() (found []Rule) {
	for i := range rules {
		if rules[i].rule.info() == &rules[i] {
			found = append(found, rules[i].rule)
		}
	}
	return found
}
