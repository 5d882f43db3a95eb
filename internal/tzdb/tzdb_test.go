package tzdb_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/partner-contacts/contact/internal/tzdb"
)

var listed = slices.Collect(tzdb.All())

func TestAllIsSortedAndUnique(t *testing.T) {
	if len(listed) < 590 {
		t.Fatalf("%d names, tzdb has about 600", len(listed))
	}
	for i := range listed[1:] {
		if listed[i] >= listed[i+1] {
			t.Errorf("%q comes before %q", listed[i], listed[i+1])
		}
	}
	for _, name := range []string{"America/Chicago", "UTC", "EST", "Etc/GMT+5", "GMT+0", "US/Central", "Asia/Calcutta", "Europe/Kyiv"} {
		if !slices.Contains(listed, name) {
			t.Errorf("%q is missing", name)
		}
	}
	if slices.Contains(listed, "Factory") {
		t.Error("Factory is listed")
	}
	for range tzdb.All() {
		break // All must stop when it is told to; it panics if it does not
	}
}

func TestSchemaHasTheSameNames(t *testing.T) {
	data, err := os.ReadFile("../../schema/timezone.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Comment string `json:"$comment"`
		Enum    []string
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(schema.Enum, listed) {
		t.Error("timezone.schema.json and names.go list different names: run internal/tzdb/gen")
	}
	if !strings.Contains(schema.Comment, " "+tzdb.Version+".") {
		t.Errorf("timezone.schema.json says %q, names.go says %s", schema.Comment, tzdb.Version)
	}
}

// TestHas compares with a map, over the names and every string one byte away from them.
func TestHas(t *testing.T) {
	oracle := map[string]bool{}
	for _, name := range listed {
		oracle[name] = true
	}
	if tzdb.Has("") || tzdb.Has(strings.Repeat("America/Chicago", 100)) {
		t.Error("Has takes an empty or a very long name")
	}
	for _, name := range listed {
		for _, variant := range variants(name) {
			if tzdb.Has(variant) != oracle[variant] {
				t.Fatalf("Has(%q) = %v", variant, !oracle[variant])
			}
		}
	}
}

// variants returns name and strings near it: a byte replaced, left out, added or swapped, and a few
// rewritings.
func variants(name string) []string {
	all := []string{name, strings.ToLower(name), strings.ToUpper(name), name + "\n", " " + name, name + "\x00", "posix/" + name}
	for i := range len(name) {
		all = append(all, name[:i]+name[i+1:])
		for _, c := range []byte{'x', 'A', '_', ' ', '/', '0', name[i] ^ 0x20, 0xFF} {
			all = append(all, name[:i]+string([]byte{c})+name[i+1:], name[:i]+string([]byte{c})+name[i:])
		}
		if i > 0 {
			all = append(all, name[:i-1]+name[i:i+1]+name[i-1:i]+name[i+1:])
		}
	}
	return all
}

func TestSuggest(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		// The case alone, however short the name.
		{"america/chicago", "America/Chicago"},
		{"AMERICA/PORT-AU-PRINCE", "America/Port-au-Prince"},
		{"utc", "UTC"},
		{"gb", "GB"},
		{"etc/gmt+5", "Etc/GMT+5"},
		{"america/port_of_spain", "America/Port_of_Spain"},
		{"Africa/Porto-novo", "Africa/Porto-Novo"},
		// A listed name is its own.
		{"America/Chicago", "America/Chicago"},
		// Separators.
		{"America/New York", "America/New_York"},
		{"america/new-york", "America/New_York"},
		{"America/New+York", "America/New_York"},
		{"America/Port au Prince", "America/Port-au-Prince"},
		{"America/St.Johns", "America/St_Johns"},
		{"NZ_CHAT", "NZ-CHAT"},
		// The end of one name.
		{"Chicago", "America/Chicago"},
		{"new york", "America/New_York"},
		{"Indiana/Knox", "America/Indiana/Knox"},
		{"Buenos_Aires", ""}, // two names end in it
		{"hicago", ""},
		// A near miss.
		{"America/Chicgo", "America/Chicago"},
		{"America/Chiccago", "America/Chicago"},
		{"America/Chikago", "America/Chicago"},
		{"Amercia/Chicago", "America/Chicago"},
		{"America/hCicago", "America/Chicago"},
		{"America/NewYork", "America/New_York"},
		{"America\\Chicago", "America/Chicago"},
		{"America Chicago", "America/Chicago"},
		{"America//Chicago", "America/Chicago"},
		{"America/Chicago\n", "America/Chicago"},
		{":America/Chicago", "America/Chicago"},
		{"America/São_Paulo", "America/Sao_Paulo"},
		{"America/Bogotá", "America/Bogota"},
		{"America/Los_Angulas", ""},
		{"America/Los_Angolos", ""},
		{"America/Los_Angieles", "America/Los_Angeles"},
		{"America/Los_Angeees", "America/Los_Angeles"},
		{"America/Los_Angxxes", "America/Los_Angeles"},
		{"America/Los_Angxxxs", ""},
		{"Egipt", "Egypt"},
		{"EST-EDT", ""},
		// posix/ and right/ are folders of the compiled database, not part of a name.
		{"posix/America/Chicago", "America/Chicago"},
		{"right/etc/utc", "Etc/UTC"},
		{"posix/posix/UTC", "UTC"},
		{"posix/", ""},
		// False friends.
		{"", ""},
		{"+05:00", ""},
		{"-06:00", ""},
		{"UTC+5", ""},
		{"UTC-5", ""},
		{"GMT+5", ""},
		{"Etc/GMT+99", ""},
		{"Etc/GMT 5", ""},
		{"Etc/GST", ""},
		{"PST", ""},
		{"CDT", ""},
		{"Iram", ""},
		{"Local", ""},
		{"local", ""},
		{"Europe/Bern", ""},
		{"Europe/Munich", ""},
		{"Asia/Mumbai", ""},
		{"Asia/Goa", ""},
		{"America/Boston", ""},
		{"America/Miami", ""},
		{"null", ""},
		{"/////", ""},
		{"\xff\xfe\xfd\xfc\xfb", ""},
		{strings.Repeat(" ", 65), ""},
		{strings.Repeat("posix/", 9) + "UTC", "UTC"},
		{strings.Repeat("posix/", 11) + "UTC", ""},
	} {
		if got := tzdb.Suggest(c.in); got != c.want {
			t.Errorf("Suggest(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestSuggestIsNear says what a suggestion may be, with a plain edit distance: a listed name that
// is the input in another case, its end, or at most two edits away; and that a case or one edit in
// a long last segment is always found.
func TestSuggestIsNear(t *testing.T) {
	has := map[string]bool{}
	byFold := map[string]string{}
	for _, name := range listed {
		has[name] = true
		byFold[strings.ToLower(name)] = name
	}
	if len(byFold) != len(listed) {
		t.Fatal("two names differ in their case only")
	}
	found := 0
	for i, name := range listed {
		for j, in := range variants(name) {
			if (i+j)%7 != 0 {
				continue // the plain distance is slow; a seventh of the cases, spread over all kinds, is enough
			}
			got := tzdb.Suggest(in)
			want, sameName := byFold[strings.ToLower(in)]
			stripped := strings.TrimPrefix(in, "posix/")
			switch {
			case sameName:
				if got != want {
					t.Errorf("Suggest(%q) = %q, not %q", in, got, want)
				}
			case got == "":
				digit := strings.ContainsAny(in, "0123456789") || strings.ContainsAny(name, "0123456789")
				if !digit && stripped == in && len(name)-strings.LastIndexByte(name, '/') > 8 && strings.Count(in, "/") == strings.Count(name, "/") {
					t.Errorf("Suggest(%q) = %q, not %q", in, got, name)
				}
			case !has[got]:
				t.Errorf("Suggest(%q) = %q, which is not listed", in, got)
			case !strings.HasSuffix(plain(got), "/"+plain(in)) && edits(plain(stripped), plain(got)) > 2:
				t.Errorf("Suggest(%q) = %q, which is %d edits away", in, got, edits(plain(stripped), plain(got)))
			}
			if got != "" {
				found++
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d suggestions", found)
	}
}

// plain folds what Suggest takes for the same, byte by byte.
func plain(s string) string {
	b := []byte(s)
	for i, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			b[i] = c + 'a' - 'A'
		case c == ' ' || c == '-' || c == '.' || c == '+':
			b[i] = '_'
		}
	}
	return string(b)
}

// edits is the Levenshtein distance of a and b, in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func FuzzSuggest(f *testing.F) {
	for _, seed := range []string{"", "america/chicago", "New York", "posix/UTC", "UTC+5", "América/Bogotá", "America/Los_Angxxes"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := tzdb.Suggest(in)
		if got != "" && !slices.Contains(listed, got) {
			t.Errorf("Suggest(%q) = %q, which is not listed", in, got)
		}
		if tzdb.Has(in) != slices.Contains(listed, in) {
			t.Errorf("Has(%q) = %v", in, tzdb.Has(in))
		}
	})
}

var cases = []struct{ name, in string }{
	{"listed", "America/Argentina/Buenos_Aires"},
	{"short", "UTC"},
	{"case", "america/chicago"},
	{"separator", "America/New York"},
	{"end", "new york"},
	{"near", "America/Chicgo"},
	{"far", "America/Smallville"},
	{"dense", "America/Saint_Manoria"},
	{"offset", "+05:00"},
	{"long", strings.Repeat("America/", 8)},
	{"huge", strings.Repeat("America/", 1<<17)},
}

func TestNoAllocation(t *testing.T) {
	for _, c := range cases {
		if n := testing.AllocsPerRun(100, func() { tzdb.Has(c.in); tzdb.Suggest(c.in) }); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

func BenchmarkHas(b *testing.B) {
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tzdb.Has(c.in)
			}
		})
	}
}

func BenchmarkSuggest(b *testing.B) {
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tzdb.Suggest(c.in)
			}
		})
	}
}
