package contact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sample returns a file of testdata as it goes over the wire, without white space.
func sample(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(tb, err)
	var wire bytes.Buffer
	require.NoError(tb, json.Compact(&wire, data))
	return wire.Bytes()
}

// smallPatch sets three strings, clears a field and changes meta_public two levels deep, in 150 bytes.
const smallPatch = `{"name_first":"Ana","name_last":"Reyes","city":"Oak Park","phone_home":null,"meta_public":{"prefs":{"language":"en"},"score":null,"plan":"gold-2027"}}`

// BenchmarkSample compares the engine's functions on the sample contact with json.Valid, which only scans it.
func BenchmarkSample(b *testing.B) {
	body, patch := sample(b, "contact.json"), []byte(smallPatch)
	invalid := []byte(strings.NewReplacer("America/Chicago", "America/Chicgo", "1990-02-28", "1990-02-30",
		`"sms_opted_in":true`, `"sms_opted_in":"true"`, "3f2a1b0c-", "3f2a1b0x-", `"city"`, `"ctiy"`).Replace(string(body)))
	_, err := ParsePatch(invalid)
	require.Len(b, err, 5)
	now := time.Now()
	run := func(name string, size int, f func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size))
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("json.Valid", len(body), func() error { json.Valid(body); return nil })
	run("Check", len(body), func() error { return Check(body) })
	run("Parse", len(body), func() error { _, err := Parse(body); return err })
	run("ParsePatch", len(body), func() error { _, err := ParsePatch(body); return err })
	run("ParsePatch/five faults", len(body), func() error { ParsePatch(invalid); return nil })
	run("CheckPatch/small", len(patch), func() error { return CheckPatch(patch) })
	var out []byte
	run("update", len(body)+len(patch), func() error {
		stored, err := ParseStored(body)
		if err != nil {
			return err
		}
		p, err := ParsePatch(patch)
		if err != nil {
			return err
		}
		merged, _, err := Merge(stored, p, now)
		if err != nil {
			return err
		}
		out = merged.AppendJSON(out[:0])
		return nil
	})
	from, err := Parse(body)
	require.NoError(b, err)
	p, err := ParsePatch(patch)
	require.NoError(b, err)
	to, _, err := Merge(from, p, now)
	require.NoError(b, err)
	run("Diff", 2*len(body), func() error { _, err := Diff(from, to); return err })
	run("AppendMerge", len(body)+len(patch), func() (err error) {
		out, _, err = AppendMerge(out[:0], body, patch, now)
		return err
	})
}

// hostile are bodies made of one costly thing, repeated; n is how often.
var hostile = map[string]func(n int) string{
	"valid/meta": func(n int) string { return `{"meta_public":{` + list(n, `"member%d":"value"`) + `}}` },
	"valid/ids": func(n int) string {
		return `{"active_journey_ids":[` + list(n, `"3f2a1b0c-9d8e-4f7a-b6c5-%012d"`) + `]}`
	},
	"valid/string":   func(n int) string { return `{"address":"` + strings.Repeat("Straße ", n) + `"}` },
	"valid/escapes":  func(n int) string { return `{"address":"` + strings.Repeat(`\u00e9\n`, n) + `"}` },
	"valid/numbers":  func(n int) string { return `{"meta_public":{"a":[` + list(n, `%d.5e-7`) + `]}}` },
	"bad/ids":        func(n int) string { return `{"active_journey_ids":[` + list(n, `"%d"`) + `]}` },
	"bad/unknown":    func(n int) string { return `{` + list(n, `"member%d":1`) + `}` },
	"bad/duplicates": func(n int) string { return `{"meta_public":{"a":0` + strings.Repeat(`,"a":0`, n) + `}}` },
	"bad/nesting":    func(n int) string { return `{"meta_public":` + strings.Repeat(`[`, n) },
	"bad/name":       func(n int) string { return `{"` + strings.Repeat(`_`, n) + `":1}` },
	"bad/names": func(n int) string {
		long := strings.Repeat(`\u005f`, n/60)
		return `{"meta_public":{` + list(60, `"`+long+`%d":1`) + `}}`
	},
	"bad/types": func(n int) string { return `{"completed_objective_keys":[` + list(n, `{"k":[%d]}`) + `]}` },
}

// list formats 0 to n-1 with commas between.
func list(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// BenchmarkLinear shows that the cost of a byte does not depend on the size of the body: MB/s stays the same from 1 KiB
// to 1 MiB, for ParsePatch with everything that it allocates.
func BenchmarkLinear(b *testing.B) {
	for name, body := range hostile {
		for _, size := range []int{1 << 10, 32 << 10, 1 << 20} {
			text := []byte(sized(body, size))
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					ParsePatch(text)
				}
			})
		}
	}
}

// sized returns the longest body that is not over size.
func sized(body func(n int) string, size int) string {
	n := 1
	for len(body(2*n)) <= size {
		n *= 2
	}
	for step := n; step > 0; step /= 2 {
		if len(body(n+step)) <= size {
			n += step
		}
	}
	return body(n)
}

// BenchmarkLinearMerge is BenchmarkLinear for what is done to two contacts, whose meta_public is made
// of one costly thing: members to the greatest depth, nulls for members that are not there, and names
// in other spellings.
func BenchmarkLinearMerge(b *testing.B) {
	deep := func(value string) func(n int) string {
		return func(n int) string {
			return strings.Repeat(`{"a":`, 60) + `{` + list(n, `"%d":`+value) + `}` + strings.Repeat(`}`, 60)
		}
	}
	o := Options{MaxBytes: -1, MaxMeta: -1, MaxDocument: -1}
	for name, sides := range map[string][2]func(n int) string{
		"flat":      {func(n int) string { return `{` + list(n, `"%d":1`) + `}` }, func(n int) string { return `{` + list(n, `"%d":2`) + `}` }},
		"deep":      {deep("1"), deep("2")},
		"nulls":     {func(n int) string { return `{"x":1}` }, func(n int) string { return `{` + list(n, `"%d":null`) + `}` }},
		"spellings": {func(n int) string { return `{` + list(n, `"a%d":1`) + `}` }, func(n int) string { return `{` + list(n, `"\u0061%d":2`) + `}` }},
	} {
		for _, size := range []int{1 << 10, 32 << 10, 1 << 20} {
			text := sized(sides[1], size)
			n := strings.Count(text, ",") + 1
			from, to := &Contact{MetaPublic: Object(sides[0](n))}, &Contact{MetaPublic: Object(text)}
			p, err := o.ParsePatch([]byte(`{"meta_public":` + text + `}`))
			require.NoError(b, err)
			for verb, f := range map[string]func(){
				"Merge":  func() { o.Merge(from, p, time.Time{}) },
				"Diff":   func() { Diff(from, to) },
				"Merge3": func() { Merge3(from, to, from, nil) },
			} {
				b.Run(fmt.Sprintf("%s/%s/%dKiB", verb, name, size>>10), func(b *testing.B) {
					b.SetBytes(int64(len(text)))
					for b.Loop() {
						f()
					}
				})
			}
		}
	}
}
