package compare

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
)

// An update is one of the four.
type update func(stored, body []byte, now time.Time) ([]byte, error)

var ways = []struct {
	name, file string
	update     update
}{
	{"this library", "library.go", Library},
	{"go-playground/validator on encoding/json", "validator.go", Validator},
	{"oapi-codegen, nullable, kin-openapi", "nullable.go", Nullable},
	{"field mask, protojson, protovalidate", "fieldmask.go", FieldMask},
}

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// questions are asked of each. What is right is by the contract, docs/semantics.md.
var questions = []struct {
	about string
	holds func(t *testing.T, u update) bool
}{
	{"a field that is not sent stays, consents too", changes(`{"city":"Oslo"}`, "city")},
	{"false is stored", changes(`{"sms_opted_in":false}`, "sms_opted_in")},
	{"null clears an optional field", changes(`{"phone_home":null,"timezone":null}`, "phone_home,timezone")},
	{"null for a consent is refused", refuses(`{"sms_opted_in":null}`)},
	{"null for a list is refused", refuses(`{"active_journey_ids":null}`, `{"completed_objective_keys":null}`)},
	{"a misspelled name is refused", refuses(`{"name_frist":"Ana"}`)},
	{"so is a known name in another case", refuses(`{"City":"Oslo"}`, `{"nameFirst":"Ana"}`)},
	{"a member that is there twice is refused", refuses(`{"sms_opted_in":true,"sms_opted_in":false}`, `{"meta_public":{"a":1,"\u0061":2}}`)},
	{"a value of another type is refused", refuses(`{"sms_opted_in":"true"}`, `{"city":42}`, `{"completed_objective_keys":[null]}`, `{"meta_public":[]}`)},
	{"a day that does not exist is refused", refuses(`{"birthdate":"1990-02-30"}`, `{"birthdate":"1990-02-28T00:00:00Z"}`)},
	{"a timezone is a name of tzdb, exactly", refuses(`{"timezone":"america/chicago"}`, `{"timezone":"PST"}`, `{"timezone":"Local"}`, `{"timezone":""}`)},
	{"an id is a UUID of version 4, in either case", both(
		changes(`{"active_journey_ids":["0B9D8C7E-6F5A-4B3C-8D2E-1F0A9B8C7D6E"]}`, "active_journey_ids"),
		refuses(`{"active_journey_ids":["0b9d8c7e-6f5a-1b3c-8d2e-1f0a9b8c7d6e"]}`, `{"active_journey_ids":["urn:uuid:0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"]}`))},
	{"a timestamp is one of RFC 3339, the leap second too", both(
		changes(`{"last_seen_at":"1990-12-31T23:59:60Z"}`, "last_seen_at"),
		refuses(`{"last_seen_at":"2024-01-02 03:04:05Z"}`, `{"last_seen_at":"2024-01-02T03:04:05,5Z"}`))},
	{"metadata merges by RFC 7396, null removes a member", metadata(`{"prefs":{"language":null,"days":[1]},"new":{"x":null,"y":"z"}}`,
		`"days":[1]`, `"new":{"y":"z"}`, `"source":`, `not language`)},
	{"its numbers keep their digits", metadata(`{"huge":1e400,"one":1.0}`, `"huge":1e400`, `"one":1.0`, `"score":12.50`, `"ledger":9007199254740993`)},
	{"broken UTF-8 and lone surrogates are refused", refuses("{\"city\":\"\xff\"}", `{"city":"\ud800"}`)},
	{"bytes after the body are refused", refuses(`{}{}`, `{}]`, ``)},
	{"nesting has a bound", refuses(`{"meta_public":{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}}`)},
	{"another id, team or time of creation is refused", refuses(`{"id":"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"}`,
		`{"team_id":"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"}`, `{"inserted_at":"2020-01-01T00:00:00Z"}`)},
	{"an update of an older version is refused", refuses(`{"updated_at":"2026-01-01T00:00:00Z","city":"Oslo"}`)},
	{"a body that repeats the contact changes nothing", changes(`{"city":"Chicago","meta_public":{"score":12.50}}`, "")},
	{"all faults at once, by the names that were sent", func(t *testing.T, u update) bool {
		_, err := u(sample(t), []byte(faulty), now)
		return err != nil && !slices.ContainsFunc([]string{"birthdate", "timezone", "active_journey_ids", "sms_opted_in"}, func(name string) bool {
			return !strings.Contains(err.Error(), name)
		})
	}},
	{"no submitted value in the error's text", func(t *testing.T, u update) bool {
		for _, value := range []string{"1990-02-30", "mars/base", "nobody-knows", "yes please"} {
			for _, body := range []string{faulty, `{"birthdate":"1990-02-30"}`, `{"timezone":"mars/base"}`, `{"active_journey_ids":["nobody-knows"]}`, `{"sms_opted_in":"yes please"}`} {
				if _, err := u(sample(t), []byte(body), now); err != nil && strings.Contains(err.Error(), value) {
					return false
				}
			}
		}
		return true
	}},
}

const faulty = `{"birthdate":"1990-02-30","timezone":"mars/base","active_journey_ids":["nobody-knows"],"sms_opted_in":"yes please"}`

func sample(t *testing.T) []byte {
	text, err := os.ReadFile("../../testdata/contact.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func both(a, b func(*testing.T, update) bool) func(*testing.T, update) bool {
	return func(t *testing.T, u update) bool { return a(t, u) && b(t, u) }
}

// changes: the update is accepted, and changes these fields and the version, as the patch says.
func changes(body, fields string) func(*testing.T, update) bool {
	return func(t *testing.T, u update) bool {
		before, err := contact.ParseStored(sample(t))
		if err != nil {
			t.Fatal(err)
		}
		patch, err := contact.ParsePatch([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		want, changed, err := contact.Merge(before, patch, now)
		if err != nil {
			t.Fatal(err)
		}
		if names := (changed &^ contact.FieldsOf(contact.FieldUpdatedAt)).String(); names != fields {
			t.Fatalf("%s changes %s", body, names)
		}
		merged, err := u(sample(t), []byte(body), now)
		if err != nil {
			return false
		}
		got, err := contact.ParseStored(merged)
		if err != nil {
			return false
		}
		want.MetaPublic, got.MetaPublic = "{}", "{}" // what becomes of numbers is another question
		return bytes.Equal(want.AppendJSON(nil), got.AppendJSON(nil))
	}
}

// refuses: each body is an error.
func refuses(list ...string) func(*testing.T, update) bool {
	return func(t *testing.T, u update) bool {
		for _, body := range list {
			if _, err := u(sample(t), []byte(body), now); err == nil {
				return false
			}
		}
		return true
	}
}

// metadata: a patch of meta_public is accepted, and what comes out has these texts, or has not.
func metadata(patch string, texts ...string) func(*testing.T, update) bool {
	return func(t *testing.T, u update) bool {
		merged, err := u(sample(t), []byte(`{"meta_public":`+patch+`}`), now)
		if err != nil {
			return false
		}
		c, err := contact.ParseStored(merged)
		return err == nil && !slices.ContainsFunc(texts, func(text string) bool {
			text, not := strings.CutPrefix(text, "not ")
			return strings.Contains(string(c.MetaPublic), text) == not
		})
	}
}

// lines counts those of a file that are neither empty nor a comment alone.
func lines(t *testing.T, file string) (n int) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}

// TestTable asks all questions and holds the table in docs/compare.md to the answers. With CONTACT_COMPARE
// set to "write" it writes the table.
func TestTable(t *testing.T) {
	var table strings.Builder
	row := func(first string, cell func(i int) string) {
		table.WriteString("| " + first + " |")
		for i := range ways {
			table.WriteString(" " + cell(i) + " |")
		}
		table.WriteString("\n")
	}
	row("", func(i int) string { return ways[i].name })
	row("---", func(int) string { return "---" })
	row("lines", func(i int) string { return fmt.Sprint(lines(t, ways[i].file)) })
	wrong := make([]int, len(ways))
	for _, q := range questions {
		row(q.about, func(i int) string {
			if q.holds(t, ways[i].update) {
				return "yes"
			}
			if wrong[i]++; i == 0 {
				t.Errorf("%s: not the library", q.about)
			}
			return "**no**"
		})
	}
	row("wrong", func(i int) string { return fmt.Sprintf("%d of %d", wrong[i], len(questions)) })

	const page, begin, end = "../../docs/compare.md", "<!-- table -->\n", "<!-- end -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	was, after, ok2 := strings.Cut(rest, end)
	switch {
	case !ok || !ok2:
		t.Fatalf("%s has no place for the table", page)
	case os.Getenv("CONTACT_COMPARE") == "write":
		if err := os.WriteFile(page, []byte(before+begin+table.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	case was != table.String():
		t.Errorf("the table is another; if this is meant: CONTACT_COMPARE=write go test ./compare\n%s", table.String())
	}
}
