// Package bodies makes the bodies that the benchmarks read.
package bodies

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Body is the body of an update.
type Body struct {
	Name string
	Text []byte
	Bad  bool // it has faults

	// Spared says what costs this library time here and is spared those who are ahead of it.
	Spared string
}

// These are what contenders are spared in several bodies.
const (
	sparedUTF8   = "They take any bytes for text. This library checks that each sequence is valid UTF-8."
	sparedNames  = "This library compares the names of each object in meta_public and checks its UTF-8. ogen keeps the object as it was sent, after a check of its syntax."
	sparedFaults = "They stop at the first fault. This library reads the body to its end and makes an error for each fault."
)

// Patch is the usual patch in the other benchmarks: it changes three strings, clears a field and changes
// meta_public one level down.
const Patch = `{"name_last":"Okafor-Reyes","city":"Oak Park","timezone":"America/New_York",` +
	`"phone_home":null,"meta_public":{"score":13,"prefs":{"language":"en"}}}`

// A Fault is one of the five of a faulty contact: a part of the whole contact, another in its place, the
// JSON Pointer of the fault, and the value that the text of an error should not repeat.
type Fault struct{ Old, New, Pointer, Value string }

// Faults are the five.
var Faults = []Fault{
	{`"team_id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"`, `"team_id":"team-of-maria"`, "/team_id", "team-of-maria"},
	{`"county":"Cook"`, `"countie":"Cook"`, "/countie", "Cook"},
	{`"birthdate":"1990-02-28"`, `"birthdate":"1990-02-30"`, "/birthdate", "1990-02-30"},
	{`"timezone":"America/Chicago"`, `"timezone":"america/chicago"`, "/timezone", "america/chicago"},
	{`"sms_opted_in":true`, `"sms_opted_in":"yes, sms"`, "/sms_opted_in", "yes, sms"},
}

// A Set is all bodies.
type Set struct {
	Whole  []byte // the contact in testdata without white space
	Patch  []byte // the usual patch
	Faulty []byte // Whole with the five faults
	All    []Body // these and others: other forms, other alphabets, long values, faults
}

// Load makes the bodies from the files of the library, whose folder is root.
func Load(root string) (*Set, error) {
	sample, err := os.ReadFile(filepath.Join(root, "testdata", "contact.json"))
	if err != nil {
		return nil, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, sample); err != nil {
		return nil, err
	}
	whole := compact.Bytes()
	faulty := whole
	for _, f := range Faults {
		if n := bytes.Count(faulty, []byte(f.Old)); n != 1 {
			return nil, fmt.Errorf("testdata/contact.json holds %s %d times", f.Old, n)
		}
		faulty = bytes.Replace(faulty, []byte(f.Old), []byte(f.New), 1)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(whole, &members); err != nil {
		return nil, err
	}
	sorted, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, whole, "", "  "); err != nil {
		return nil, err
	}
	const id = "3f2a1b0c-9d8e-4f7a-b6c5-%012x"
	all := []Body{
		{Name: "two fields", Text: []byte(`{"name_last":"Okafor","sms_opted_in":true}`)},
		{Name: "usual patch", Text: []byte(Patch)},
		{Name: "whole contact", Text: whole},
		{Name: "names sorted", Text: sorted},
		{Name: "indented", Text: indented.Bytes()},
		{Name: "escapes", Text: texts(`Zo\u00eb \"Z\" O\/Neill`, `Line 1\nLine 2`, `C:\\home`)},
		{Name: "Japanese", Text: texts("山田太郎", "東京都千代田区丸の内一丁目", "カスタマーサポート担当"), Spared: sparedUTF8},
		{Name: "accents and emoji", Text: texts("Zoë Müller-Ångström", "São José dos Pinhais", "Café 🎉 señor 👍🏽"), Spared: sparedUTF8},
		{Name: "20 KB of meta", Text: meta(20 << 10), Spared: sparedNames},
		{Name: "1 MB of meta", Text: meta(1000 << 10), Spared: sparedNames},
		{Name: "one string of 1 MB", Text: []byte(`{"address":"` + strings.Repeat("12 Lake Street, ", 1000<<10/16) + `"}`),
			Spared: "They take any bytes for text. Beside the copy, which they make too, this library checks each byte."},
		{Name: "1,000 ids", Text: array("active_journey_ids", 1000, id)},
		{Name: "1,000 keys", Text: array("completed_objective_keys", 1000, "objective-%d"),
			Spared: "The strings of sonic are views of one copy of the body, and sonic does not check their UTF-8."},
		{Name: "five faults", Text: faulty, Bad: true, Spared: sparedFaults},
		{Name: "200 bad ids", Text: array("active_journey_ids", 200, "journey %d"), Bad: true, Spared: sparedFaults},
		{Name: "10,000 errors", Text: array("active_journey_ids", 10000, "%d"), Bad: true, Spared: sparedFaults},
	}
	return &Set{Whole: whole, Patch: []byte(Patch), Faulty: faulty, All: all}, nil
}

// texts returns a patch of nine strings, in which the three given take turns.
func texts(values ...string) []byte {
	var b bytes.Buffer
	for i, name := range []string{"name_first", "name_last", "name_title", "address", "address2", "city", "state", "county", "country"} {
		fmt.Fprintf(&b, `,"%s":"%s"`, name, values[i%len(values)])
	}
	b.WriteByte('}')
	text := b.Bytes()
	text[0] = '{'
	return text
}

// array returns a patch of one array of n strings, each the format of its number.
func array(field string, n int, format string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"%s":`, field)
	separator := byte('[')
	for i := range n {
		b.WriteByte(separator)
		fmt.Fprintf(&b, `"`+format+`"`, i)
		separator = ','
	}
	b.WriteString("]}")
	return b.Bytes()
}

// meta returns a patch of about size bytes, all in meta_public: an object of many small objects, as
// integrations write them.
func meta(size int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"meta_public":{"records":{`)
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"record_%d":{"source":"import","score":%d.5,"active":true,"tags":["a","b"],"note":"Called back, left a message."}`, i, i)
	}
	b.WriteString("}}}")
	return b.Bytes()
}
