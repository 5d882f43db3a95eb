package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
)

const (
	firstID  = "919108f7-52d1-4320-9bac-f847db4148a8"
	secondID = "a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d"
)

func TestImport(t *testing.T) {
	columns := filepath.Join(t.TempDir(), "columns.json")
	require.NoError(t, os.WriteFile(columns, []byte(`{
		"Contact": "id", "Surname": "name_last", "Notes": null, "Shop": {"field": "city", "empty": "null"},
		"Born": {"field": "birthdate", "format": "%d/%m/%Y"},
		"Texts": {"field": "sms_opted_in", "true": ["Y", "yes"], "false": ["N"]},
		"Seen": {"field": "last_seen_at", "format": "%d.%m.%Y %H:%M", "zone": "+02:00"},
		"Since": {"field": "updated_at", "format": "%Y-%m-%d", "zone": "Z"},
		"Tags": {"field": "completed_objective_keys", "commas": ";"}}`), 0o600))
	for _, c := range []struct {
		name, args, file string
		status           int
		patches          string
		rejects          []string // how the lines begin
	}{
		{"by the fields' names", "", "id,city,sms_opted_in,birthdate\n" + firstID + ",Oslo,true,1990-02-28\n", exitOK,
			`{"id":"` + firstID + `","city":"Oslo","sms_opted_in":true,"birthdate":"1990-02-28"}` + "\n", nil},
		{"spreadsheets", "", "\uFEFFid,\u00A0city ,sms_opted_in\r\n " + firstID + "\u00A0,\"Oslo, \"\"N\"\"\r\nSentrum\",\u00A0false\u202F\r\n", exitOK,
			`{"id":"` + firstID + `","city":"Oslo, \"N\"\r\nSentrum","sms_opted_in":false}` + "\n", nil},
		{"text as it stands", "", "id,city\n" + firstID + ", \u00A0Oslo \n" + firstID + ",\u00A0\n", exitOK,
			`{"id":"` + firstID + `","city":" ` + "\u00A0" + `Oslo "}` + "\n" + `{"id":"` + firstID + `","city":"` + "\u00A0" + `"}` + "\n", nil},
		{"empty is absent", "", "id,city,sms_opted_in,birthdate\n" + firstID + ",,,\u00A0\n", exitOK, `{"id":"` + firstID + `"}` + "\n", nil},
		{"empty is null", "--empty null", "id,city,birthdate,sms_opted_in\n" + firstID + ",,,true\n" + secondID + ",a,,\n", exitInvalid,
			`{"id":"` + firstID + `","city":null,"birthdate":null,"sms_opted_in":true}` + "\n",
			[]string{"3: 4"}},
		{"empty is text", "--empty text", "id,city,birthdate\n" + firstID + ",,2000-01-01\n" + secondID + ",,\n", exitInvalid,
			`{"id":"` + firstID + `","city":"","birthdate":"2000-01-01"}` + "\n", []string{"3: 3"}},
		{"a mapping", "--map " + columns, "Contact,Surname,Notes,Shop,Born,Texts,Seen,Since,Tags\n" +
			firstID + ",Okafor,x,,28/02/1990,yes,1.12.2026 07:30,,a; b\n", exitOK,
			`{"id":"` + firstID + `","name_last":"Okafor","city":null,"birthdate":"1990-02-28","sms_opted_in":true,` +
				`"last_seen_at":"2026-12-01T07:30:00+02:00","completed_objective_keys":["a","b"]}` + "\n", nil},
		{"nothing is guessed", "--map " + columns, "Contact,Notes,Surname,Shop,Born,Texts,Seen,Since,Tags\n" +
			firstID + ",,,x,1990-02-28,true,2026-12-01T07:30:00Z,,\n", exitInvalid, "",
			[]string{"2: 5 6 7"}},
		{"a day as a time", "--map " + columns, "Contact,Surname,Notes,Shop,Born,Texts,Seen,Since,Tags\n" +
			firstID + ",,,x,,,,2026-12-01,\n", exitOK, `{"id":"` + firstID + `","city":"x","updated_at":"2026-12-01T00:00:00Z"}` + "\n", nil},
		{"as spreadsheets write it", "", "id,sms_opted_in,email_opted_in\n" + firstID + ",TRUE, False\n", exitOK,
			`{"id":"` + firstID + `","sms_opted_in":true,"email_opted_in":false}` + "\n", nil},
		{"json in cells", "", "id,meta_public,completed_objective_keys,active_journey_ids\n" +
			firstID + `,"{""a"":1.0}","[""b""]",[]` + "\n" + firstID + `,{a},b,[` + "\n", exitInvalid,
			`{"id":"` + firstID + `","meta_public":{"a":1.0},"completed_objective_keys":["b"],"active_journey_ids":[]}` + "\n",
			[]string{"3: 2 3 4"}},
		{"no id", "--comma ;", "id;city\n;Oslo\n", exitInvalid, "", []string{"2: 1"}},
		{"rows that are none", "", "id,city\n" + firstID + ",Oslo\n" + firstID + "\n" + firstID + ",a,b\n" + secondID + ",Bergen\n", exitInvalid,
			`{"id":"` + firstID + `","city":"Oslo"}` + "\n" + `{"id":"` + secondID + `","city":"Bergen"}` + "\n",
			[]string{"3: 0", "4: 0"}},
		{"quotes", "", "id,city\n" + firstID + ",a \"b\" c\n" + firstID + ",\"a\n" + firstID + ",\"b\"\n" + secondID + ",1\n" + secondID + "\n" + firstID + ",\"a\n\n", exitInvalid,
			`{"id":"` + secondID + `","city":"1"}` + "\n",
			[]string{"2: 0", "3-4: 0", "6: 0", "7-8: 0"}},
		{"blank rows and long ones count", "", "id,city,sms_opted_in\n\n" + firstID + ",\"a\nb\",x\n\r\n\n" + secondID + ",,y\n" + secondID + ",,z\n", exitInvalid, "",
			[]string{"3: 3", "6: 3", "7: 3"}},
		{"digits", "--map " + columns, "Contact,Surname,Notes,Shop,Born,Texts,Seen,Since,Tags\n" +
			firstID + ",,,x,01/02/2000,Y,01.02.2026 7:30,,\n", exitOK,
			`{"id":"` + firstID + `","city":"x","birthdate":"2000-02-01","sms_opted_in":true,"last_seen_at":"2026-02-01T07:30:00+02:00"}` + "\n", nil},
		{"no id, and text that is none", "", "id,city\n,A\xffB\n", exitInvalid, "", []string{"2: 1 2"}},
		{"rows after a refused one", "", "id,city,address\n" + firstID + ",\"a\nb\",c\"d\n" + firstID + ",ok,\"x\ny\"\n" + secondID + "\n", exitInvalid,
			`{"id":"` + firstID + `","city":"ok","address":"x\ny"}` + "\n",
			[]string{"2: 0", "4: 0"}},
		{"the end of the file", "", "id,city\r\n" + firstID + ",\"a\r\n\"", exitOK, `{"id":"` + firstID + `","city":"a\r\n"}` + "\n", nil},
		{"no id and another fault", "", "id,birthdate\n,x\n", exitInvalid, "", []string{"2: 1 2"}},
		{"broken text", "--comma tab", "id\tcity\n" + firstID + "\tOsl\xff\n", exitInvalid, "", []string{"2: 2"}},
		{"one line for a row", "", "id,meta_public,completed_objective_keys\n" + firstID + ",\"{\"\"a\"\":\n{\"\"id\"\":\"\"" + secondID + "\"\",\"\"city\"\":\"\"x y\"\"}\r\n}\",\"[\n]\"\n", exitOK,
			`{"id":"` + firstID + `","meta_public":{"a":{"id":"` + secondID + `","city":"x y"}},"completed_objective_keys":[]}` + "\n", nil},
		{"a fault of the text hides no other", "", "id,meta_public,birthdate,city\n" + firstID + ",\"{\"\"a\"\":\"\"\\ud800\"\"}\",nope,\xff\n" +
			firstID + "," + strings.Repeat("[", 70) + strings.Repeat("]", 70) + ",nope,a\n" + firstID + ",{},2000-01-01," + strings.Repeat("x", 1<<20) + "\n", exitInvalid, "",
			[]string{"2: 2 3 4", "3: 2 3", "4: 4"}},
		{"an id in another cell", "", "city,id\n\"\xff\"\",\"\"id\"\":\"\"" + secondID + "\"," + firstID + "\n", exitInvalid, "",
			[]string{"2: 1"}},
		{"times in another format", "--map " + columns, "Contact,Surname,Notes,Shop,Born,Texts,Seen,Since,Tags\n" +
			firstID + ",,,x,1/2/2000,Y,1.12.2026 7h30,,\n" + firstID + ",,,x,01/02/2000,Y,\"1.12.2026 07:30,9\",,\n" +
			firstID + ",,,x,01/02/2000,Y,1.12.2026 07:30.5,2026-12-01.5,\n", exitInvalid, "",
			[]string{"2: 7", "3: 7", "4: 7 8"}},
		{"elements that are none", "--empty text --map " + columns, "Contact,Surname,Notes,Shop,Born,Texts,Seen,Since,Tags\n" +
			firstID + ",,,x,01/02/2000,Y,1.12.2026 07:30,2026-12-01,\n" + firstID + ",,,x,01/02/2000,Y,1.12.2026 07:30,2026-12-01,a;b;\n" +
			firstID + ",,,x,01/02/2000,Y,1.12.2026 07:30,2026-12-01,a;\xff\n", exitInvalid, "",
			[]string{"2: 9", "3: 9", "4: 9"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rejects := filepath.Join(t.TempDir(), "rejects")
			args := append(strings.Fields(c.args), "--rejects", rejects)
			status, stdout, stderr := call(c.file, append([]string{"import", "-"}, args...)...)
			assert.Equal(t, c.status, status, stderr)
			assert.Equal(t, c.patches, stdout)
			assert.Equal(t, c.rejects, refusedCells(t, read(rejects)), read(rejects))
			assert.Contains(t, stderr, `{"rows":`)
		})
	}
}

// refusedCells returns the rows of rejects, with the columns of their errors, 0 for the whole row.
func refusedCells(t *testing.T, rejects string) (rows []string) {
	for line := range strings.Lines(rejects) {
		var reject struct {
			Row, Last int
			Errors    []struct{ Column int }
			Cells     []string
			Text      string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &reject), line)
		assert.NotEmpty(t, strings.Join(reject.Cells, "")+reject.Text, "the row is there")
		row := strconv.Itoa(reject.Row)
		if reject.Last > 0 {
			row += "-" + strconv.Itoa(reject.Last)
		}
		row += ":"
		for _, e := range reject.Errors {
			row += " " + strconv.Itoa(e.Column)
		}
		rows = append(rows, row)
	}
	return rows
}

// TestImportMappings: texts with line ends around them, an empty cell that says something, a name of two lines.
func TestImportMappings(t *testing.T) {
	table := filepath.Join(t.TempDir(), "columns.json")
	require.NoError(t, os.WriteFile(table, []byte(`{"First\r\nname": "name_first", "Last\nname": "name_last", "Born": {"field": "birthdate", "format": "%Y年%m月%d日"},
		"Texts": {"field": "sms_opted_in", "true": [" Y "], "false": [""]}, "Keys": {"field": "completed_objective_keys", "commas": "\n"},
		"Seen": {"field": "last_seen_at", "format": "%d.%m.%YT%H:%MZ", "zone": "-03:30"}}`), 0o600))
	status, stdout, stderr := call("id,\"First\r\nname\",Texts,Keys,Seen,\"Last\r\nname\",Born\r\n"+firstID+",Ana,,\"a\r\nb\",01.02.2026T03:04Z,,2000年02月03日\r\n"+
		secondID+",\"\",\"Y\r\n\",,,Okafor,\r\n"+firstID+",x,N,,,,\r\n", "import", "--map", table, "-")
	assert.Equal(t, exitInvalid, status)
	assert.Equal(t, `{"id":"`+firstID+`","name_first":"Ana","sms_opted_in":false,"completed_objective_keys":["a","b"],"last_seen_at":"2026-02-01T03:04:00-03:30","birthdate":"2000-02-03"}`+"\n"+
		`{"id":"`+secondID+`","sms_opted_in":true,"name_last":"Okafor"}`+"\n", stdout)
	assert.Contains(t, stderr, "Write Y or nothing.")
}

// TestImportAdvice: a person is told what to write in the cell, not what JSON takes.
func TestImportAdvice(t *testing.T) {
	table := filepath.Join(t.TempDir(), "columns.json")
	require.NoError(t, os.WriteFile(table, []byte(`{
		"Born": {"field": "birthdate", "format": "%d/%m/%Y"},
		"Texts": {"field": "sms_opted_in", "true": ["Y", "yes"], "false": ["N"]},
		"Seen": {"field": "last_seen_at", "format": "%d.%m.%Y %H:%M", "zone": "Z"}}`), 0o600))
	_, stdout, stderr := call("id,Born,Texts,Seen,email_opted_in,meta_public,completed_objective_keys,active_journey_ids,updated_at\n"+
		firstID+`,1990-02-28,true,x,1,{x,"{""a"":1}","[""x""]",x`+"\n", "import", "--map", table, "-", "--output", filepath.Join(t.TempDir(), "patches"))
	assert.Empty(t, stdout)
	var details []string
	for line := range strings.Lines(stderr) {
		var reject struct{ Errors []contact.Error }
		if json.Unmarshal([]byte(line), &reject) == nil && reject.Errors != nil {
			for _, e := range reject.Errors {
				details = append(details, e.Detail)
			}
		}
	}
	assert.Equal(t, []string{
		"Write a day that exists as %d/%m/%Y.",
		"Write Y or yes or N.",
		"Write a time that exists as %d.%m.%Y %H:%M, and once only where clocks are set back.",
		"Write true or false.",
		"Write a JSON object.",
		"Write a JSON array of strings.",
		contact.NewError(contact.RuleUUID, "").Detail,
		contact.NewError(contact.RuleTimestamp, "").Detail,
	}, details, stderr)
}

func TestImportTrouble(t *testing.T) {
	for _, c := range []struct{ table, file, want string }{
		{`{}`, "", "no header"},
		{`{}`, "id,Ctiy,shoe_size\n", `column 2, "Ctiy": there is no field Ctiy; did you mean city?`},
		{`{}`, "id,Ctiy,shoe_size\n", `column 3, "shoe_size": there is no field shoe_size`},
		{`{}`, "id,City,shoe_size\n", "A mapping for --map to start from"},
		{`{}`, "id,City,shoe_size\n", `{` + "\n" + `  "id": "id",` + "\n" + `  "City": "city",` + "\n" + `  "shoe_size": null` + "\n}"},
		{`{}`, "id,city,city\n", `column 3, "city": column 2 holds the same field, city`},
		{`{}`, "city\n", "no column holds id"},
		{`{}`, "id,\uFEFFcity\n", `column 2, "city": the name has a byte order mark`},
		{`{}`, "id,ci\uFEFFty\n", "the name has a byte order mark"},
		{`{}`, "i\x00d\x00\n", "try --encoding utf-16le"},
		{`{}`, "\xff\xfei\x00d\x00", "is UTF-16: "},
		{`{}`, "\xff\xfe\x00\x00i\x00\x00\x00", "is UTF-32: "},
		{`{}`, "PK\x03\x04 nothing", ".xlsx"},
		{`{}`, "id,Stra\xdfe\n", "try --encoding windows-1252"},
		{`{}`, "id,\x93\x73\x8e\x73\n", "try --encoding shift_jis"},
		{`{}`, "id,Pr\xe9nom\n", "try --encoding windows-1252"}, // which Shift JIS reads, too
		{`{}`, "id,\xe3\xee\xf0\xee\xe4\n", "try --encoding windows-1251"},
		{`{}`, "id,\xcc\xbe\xc1\xb0\n", "name the encoding with --encoding"},
		{`{}`, `{"id":"` + firstID + `"}` + "\n", "it is JSON, not a table"},
		{`{}`, "<html><table>", "HTML or XML"},
		{`{}`, "\x04\x22\x4d\x18\x64", "lz4 -dc"},
		{`{}`, "\x1f\x9d\x90", "gzip -dc"},
		{`{}`, "PAR1\x15", "Parquet"},
		{`{"Town": {}}`, "id,Town\n", `there is no field ""`},
		{`{}`, "id,\"city\n", "line 1, column 10: Close the quotes"},
		{`{}`, "id,city\n" + firstID + ",\"" + strings.Repeat("a,b\n", 5<<20), "row 2: it is longer than 16 MiB: the quotes around a cell may not close"},
		{`{"Town": "city"}`, "id\n", `--map has a column "Town"`},
		{`{"Twon": "city"}`, "id,Town\n", `--map has a column "Twon" that the table has not; did you mean Town?`},
		{`{"Town": {"field": "city", "format": "%Y"}}`, "id,Town\n", `column 2, "Town": format is for dates and timestamps`},
		{`{"Born": {"field": "birthdate", "zone": "Z"}}`, "id,Born\n", "zone is for timestamps with a format"},
		{`{"Seen": {"field": "last_seen_at", "zone": "Z"}}`, "id,Seen\n", "zone is for timestamps with a format"},
		{`{"Seen": {"field": "last_seen_at", "format": "%Y-%m-%d %z", "zone": "Z"}}`, "id,Seen\n", "zone is for timestamps with a format that has none"},
		{`{"Seen": {"field": "last_seen_at", "format": "%Y-%m-%d"}}`, "id,Seen\n", "a format of a timestamp without %z needs a zone"},
		{`{"Seen": {"field": "last_seen_at", "format": "%Y-%m-%d", "zone": ".5Z"}}`, "id,Seen\n", "needs a zone"},
		{`{"Seen": {"field": "last_seen_at", "format": "%Y-%m-%d", "zone": "Local"}}`, "id,Seen\n", "needs a zone"},
		{`{"Born": {"field": "birthdate", "format": "%m/%Y"}}`, "id,Born\n", "a format has to have a year, a month and a day"},
		{`{"Born": {"field": "birthdate", "format": "%m/%d/%y"}}`, "id,Born\n", "two digits of a year need first_year"},
		{`{"Born": {"field": "birthdate", "format": "%m/%d/%Y", "first_year": 1930}}`, "id,Born\n", "first_year is for formats with %y"},
		{`{"Born": {"field": "birthdate", "format": []}}`, "id,Born\n", "a format has to have"},
		{`{"Seen": {"field": "last_seen_at", "format": "%Y-%m-%d %H:%Q", "zone": "Z"}}`, "id,Seen\n", "a format has to have"},
		{`{"Seen": {"field": "last_seen_at", "format": "%Y-%m-%d %Z"}}`, "id,Seen\n", "a format has to have"},
		{`{"Texts": {"field": "sms_opted_in", "true": ["Y", "1"], "false": ["N", " 1"]}}`, "id,Texts\n", "true and false have a text in common"},
		{`{"Town": {"field": "city", "true": ["Y"]}}`, "id,Town\n", "true and false are for booleans"},
		{`{"Texts": {"field": "sms_opted_in", "true": []}}`, "id,Texts\n", "true or false needs a text"},
		{`{"Town": {"field": "city", "commas": ";"}}`, "id,Town\n", "commas is for arrays"},
		{`{"Town": {"field": "city", "json": true}}`, "id,Town\n", "json is for members of meta_public"},
		{`{"Town": {"field": "city", "empty": "0"}}`, "id,Town\n", "empty is one of"},
		{`{"Town": "/city/x"}`, "id,Town\n", "there is no field /city/x"},
		{`{"A": "/meta_public/a", "B": "/meta_public/a/b"}`, "id,A,B\n", "column 2 holds /meta_public/a"},
		{`{"A": "meta_public", "B": "/meta_public/a"}`, "id,A,B\n", "column 2 holds meta_public"},

		{`{"Town": {"filed": "city"}}`, "id,Town\n", `"Town": there is no member "filed"; did you mean field?`},
		{`{"Town": {"FIELD": "city"}}`, "id,Town\n", `"Town": there is no member "FIELD"; did you mean field?`},
		{`{"Town": {"field": "city", "field": "state"}}`, "id,Town\n", "columns.json: /Town/field: "},
		{`{"Town": "city", "Town": "state"}`, "id,Town\n", "columns.json: /Town: "},
		{"\uFEFF{}", "id\n", "columns.json: line 1, column 1: "},
		{`[]`, "id\n", "columns.json: Send"},
		{`{"Town": 7}`, "id,Town\n", `"Town": it takes the name of a field, null or an object`},
		{`{"Town": {"field": 7}}`, "id,Town\n", `"Town": field takes a string`},
		{`{"Town": {"field": null}}`, "id,Town\n", `"Town": field takes a string`},
		{`{"*": "city"}`, "id\n", `"*": it can only be null`},
		{"{\n\"Town\": ", "id,Town\n", "columns.json: line 2, column 9: "},
	} {
		columns := filepath.Join(t.TempDir(), "columns.json")
		require.NoError(t, os.WriteFile(columns, []byte(c.table), 0o600))
		folder := t.TempDir()
		status, stdout, stderr := call(c.file, "import", "--map", columns, "-", "--output", filepath.Join(folder, "patches"))
		assert.Equal(t, exitTrouble, status, c.want)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, c.want)
		assert.Empty(t, names(t, folder))
	}
}

func mustCompact(t *testing.T, text []byte) string {
	t.Helper()
	var line bytes.Buffer
	require.NoError(t, json.Compact(&line, text))
	return line.String()
}

// TestExport proves that a table of contacts, read back as patches, changes nothing.
func TestExport(t *testing.T) {
	var docs []string
	for _, c := range randomContacts(12, 200) {
		docs = append(docs, string(c.AppendJSON(nil)))
	}
	contacts := write(t, "contacts", docs)
	status, table, stderr := call("", "export", contacts)
	require.Equal(t, exitOK, status, stderr)
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, len(docs)+1)
	for _, empty := range []string{"absent", "null"} {
		status, patches, stderr := call(table, "import", "--empty", empty, "-")
		require.Equal(t, exitOK, status, stderr)
		status, merged, stderr := call(patches, "merge", "--ndjson", contacts, "-")
		require.Equal(t, exitOK, status, stderr)
		assert.Contains(t, stderr, `"patches":200,"changed":0,"unchanged":200,`)
		require.Equal(t, strings.Join(docs, "\n")+"\n", merged)
	}
	t.Run("nulls, line ends and quotes", func(t *testing.T) {
		g := contacttest.New(rand.New(rand.NewPCG(4180, 7396)))
		read := 0
		for range 300 {
			document := g.Document()
			c, err := contact.ParseStored(document)
			require.NoError(t, err)
			for _, text := range []string{"a\r\nb", "\r\n", "\"\r\n\"\"", ",\r", "\n\r\n\n"} {
				if g.Choose(2) == 1 {
					c.City, c.Address = &text, &text
				}
			}
			document = c.AppendJSON(nil)
			line := mustCompact(t, document)
			status, table, stderr := call(line, "export", "-")
			require.Equal(t, exitOK, status, stderr)
			status, patches, stderr := call(table, "import", "-")
			if status != exitOK { // a timezone of long ago
				require.Contains(t, stderr, `"pointer":"/timezone"`)
				continue
			}
			read++
			_, changed, err := contact.AppendMerge(nil, document, []byte(patches), time.Time{})
			require.NoError(t, err, "%q", patches)
			require.Zero(t, changed, "%s\n%s\n%s", document, table, patches)
		}
		require.Greater(t, read, 100)
	})
	t.Run("some fields, and a line that is no contact", func(t *testing.T) {
		status, table, stderr := call(docs[0]+"\n\n{\"id\":\""+firstID+"\"}\n", "export", "--fields", "id,name_first", "--comma", ";", "-")
		assert.Equal(t, exitInvalid, status)
		assert.True(t, strings.HasPrefix(table, "id;name_first\n"+docs[0][7:43]+";"), table)
		assert.Equal(t, 2, strings.Count(table, "\n"))
		assert.True(t, strings.HasPrefix(stderr, `{"line":3,"id":"`+firstID+`","errors":[`), stderr)
	})
	t.Run("trouble", func(t *testing.T) {
		for _, args := range [][]string{{"none"}, {"testdata"}, {contacts, "--output", filepath.Join("none", "a")}} {
			status, _, _ := call("", append([]string{"export"}, args...)...)
			assert.Equal(t, exitTrouble, status)
		}
	})
}

// importCase is a table with a mapping, and what becomes of it.
type importCase struct {
	name, mapping, args, table string
	patches                    []string // without the id
	rejects                    []string // rows, and the columns of their errors
	stderr                     string   // a part of it
}

func (c importCase) run(t *testing.T) {
	folder := t.TempDir()
	columns, rejects := filepath.Join(folder, "columns.json"), filepath.Join(folder, "rejects")
	require.NoError(t, os.WriteFile(columns, []byte(cmp.Or(c.mapping, "{}")), 0o600))
	args := append([]string{"import", "-", "--map", columns, "-r", rejects}, strings.Fields(c.args)...)
	status, stdout, stderr := call(strings.ReplaceAll(c.table, "ID", firstID), args...)
	assert.Equal(t, len(c.rejects) > 0, status == exitInvalid, stderr)
	require.NotEqual(t, exitTrouble, status, stderr)
	var want string
	for _, patch := range c.patches {
		want += `{"id":"` + firstID + `"` + strings.Replace(patch, "{", ",", 1) + "\n"
	}
	assert.Equal(t, want, stdout)
	assert.Equal(t, c.rejects, refusedCells(t, read(rejects)), read(rejects))
	assert.Contains(t, stderr, c.stderr)
}

// TestImportFormats reads the times that programs export.
func TestImportFormats(t *testing.T) {
	seen := func(format, rest string) string {
		return `{"Seen": {"field": "last_seen_at", "format": ` + format + rest + `}}`
	}
	at := func(text string) []string { return []string{`{"last_seen_at":"` + text + `"}`} }
	born := func(text string) []string { return []string{`{"birthdate":"` + text + `"}`} }
	for _, c := range []importCase{
		{name: "Salesforce", mapping: seen(`"%Y-%m-%dT%H:%M:%S.%f%z"`, ``), table: "id,Seen\nID,2024-06-05T14:03:22.000+0000\n", patches: at("2024-06-05T14:03:22Z")},
		{name: "Outlook", mapping: seen(`"%m/%d/%Y %I:%M:%S %p"`, `, "zone": "+02:00"`), table: "id,Seen\nID,6/5/2024 3:04:05 PM\n", patches: at("2024-06-05T15:04:05+02:00")},
		{name: "midnight", mapping: seen(`"%m/%d/%Y %I:%M %p"`, `, "zone": "Z"`), table: "id,Seen\nID,6/5/2024 12:04 am\n", patches: at("2024-06-05T00:04:00Z")},
		{name: "PostgreSQL", mapping: seen(`"%Y-%m-%d %H:%M:%S.%f%z"`, ``), table: "id,Seen\nID,2024-06-05 14:03:22.123456+00\n", patches: at("2024-06-05T14:03:22.123456Z")},
		{name: "with and without fractions", mapping: seen(`["%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S"]`, `, "zone": "Z"`),
			table:   "id,Seen\nID,2024-06-05 14:03:22.5\nID,2024-06-05 14:03:22\nID,2024-06-05 14:03\nID,2024-06-05 14:03:22.\n",
			patches: append(at("2024-06-05T14:03:22.5Z"), at("2024-06-05T14:03:22Z")...), rejects: []string{"4: 2", "5: 2"}},
		{name: "a named zone", mapping: seen(`"%Y-%m-%d %H:%M"`, `, "zone": "America/Chicago"`),
			table:   "id,Seen\nID,2024-06-05 14:03\nID,2024-01-05 14:03\nID,2024-03-10 02:30\nID,2024-11-03 01:30\nID,2024-11-03 02:00\nID,2024-11-03 00:59\n",
			patches: append(append(append(at("2024-06-05T14:03:00-05:00"), at("2024-01-05T14:03:00-06:00")...), at("2024-11-03T02:00:00-06:00")...), at("2024-11-03T00:59:00-05:00")...),
			rejects: []string{"4: 2", "5: 2"}},
		{name: "seconds since 1970", mapping: seen(`"%s"`, ``) + "", args: "", table: "id,Seen\nID,1717596202\n", patches: at("2024-06-05T14:03:22Z")},
		{name: "names of months", mapping: `{"Born": {"field": "birthdate", "format": ["%d %b %Y", "%B %d, %Y"]}}`,
			table: "id,Born\nID,5 jun 1990\nID,\"February 28, 1990\"\nID,31 Feb 1990\n", patches: append(born("1990-06-05"), born("1990-02-28")...), rejects: []string{"4: 2"}},
		{name: "two digits of a year", mapping: `{"Born": {"field": "birthdate", "format": "%d.%m.%y", "first_year": 1930}}`,
			table:   "id,Born\nID,01.02.29\nID,01.02.30\nID,01.02.99\nID,01.02.00\nID,29.02.00\n",
			patches: append(append(append(append(born("2029-02-01"), born("1930-02-01")...), born("1999-02-01")...), born("2000-02-01")...), born("2000-02-29")...)},
		{name: "years of fewer digits", mapping: `{"Born": {"field": "birthdate", "format": "%m/%d/%Y"}}`, table: "id,Born\nID,1/2/49\nID,1/2/0049\n", patches: born("0049-01-02"), rejects: []string{"2: 2"}},
		{name: "days that do not exist", mapping: `{"Born": {"field": "birthdate", "format": "%Y%m%d"}}`,
			table: "id,Born\nID,20230229\nID,20230631\nID,20231301\nID,2023063\n", rejects: []string{"2: 2", "3: 2", "4: 2", "5: 2"}},
	} {
		t.Run(c.name, c.run)
	}
}

// TestImportColumns: columns that are left out, members of meta_public, lists of several columns.
func TestImportColumns(t *testing.T) {
	for _, c := range []importCase{
		{name: "all other columns", mapping: `{"Town": "city", "*": null}`, table: "id,Town,Notes,,X\nID,Oslo,a,b,c\n", patches: []string{`{"city":"Oslo"}`}},
		{name: "columns without a name", mapping: `{"": null}`, table: "id,city,,\nID,Oslo,,\n", patches: []string{`{"city":"Oslo"}`}},
		{name: "members", mapping: `{"Tier": "/meta_public/tier", "Score": {"field": "/meta_public/a~1b/score", "json": true}, "Note": {"field": "/meta_public/a~1b/note", "empty": "null"}}`,
			table:   "id,Tier,Score,Note\nID,00123,1.50,\nID,,x,b\nID,,[1],\xff\n",
			patches: []string{`{"meta_public":{"tier":"00123","a/b":{"score":1.50,"note":null}}}`}, rejects: []string{"3: 3", "4: 4"}},
		{name: "a list", mapping: `{"A": {"field": "completed_objective_keys", "commas": ";"}, "B": {"field": "completed_objective_keys", "commas": ";"}}`,
			table: "id,A,B\nID,x;y,z\nID,,z\nID,x,\nID,x,;\n", patches: []string{`{"completed_objective_keys":["x","y","z"]}`, `{"completed_objective_keys":["z"]}`, `{"completed_objective_keys":["x"]}`}, rejects: []string{"5: 2"}},
		{name: "rows of empty cells", table: "id,city,state\nID,Oslo,\n,,\n , \u00A0,\n,\n,,,,\nID,Bergen,\n", patches: []string{`{"city":"Oslo"}`, `{"city":"Bergen"}`}, stderr: `"empty":4`},
		{name: "ragged rows", table: "id,city,state\nID,Oslo\nID,Oslo,,\n", rejects: []string{"2: 0", "3: 0"}},
		{name: "a separator that is named", table: "sep=;\r\nid;city\r\nID;a,b\r\nID;1;2\r\n", patches: []string{`{"city":"a,b"}`}, rejects: []string{"4: 0"}},
		{name: "a separator that is guessed", table: "id;city;\"a,b,c,d\"\nID;Oslo;\n", mapping: `{"a,b,c,d": null}`, patches: []string{`{"city":"Oslo"}`}, stderr: `"comma":";"`},
		{name: "a tab", table: "id\tcity\nID\tOslo\n", patches: []string{`{"city":"Oslo"}`}, stderr: `"comma":"\t"`},
		{name: "lines that end in CR", table: "id,city\rID,Oslo\rID,1,2\r", patches: []string{`{"city":"Oslo"}`}, rejects: []string{"3: 0"}},
		{name: "guards", table: "id,post_code,phone_home\n=\"ID\",\"=\"\"00123\"\"\",\"=\"\"+1 \"\"\"\"x\"\"\"\"\"\"\"\nID,=1+1,=\"a\"b\"\n",
			patches: []string{`{"post_code":"00123","phone_home":"+1 \"x\""}`}, rejects: []string{"3: 0"}},
		{name: "rows of one id", table: "id,city\nID,Oslo\nID,Bergen\n", patches: []string{`{"city":"Oslo"}`, `{"city":"Bergen"}`}, stderr: `"repeated":1`},
		{name: "faults by column", table: "sms_opted_in,birthdate,id\nx,y,ID\nx,y,z\n", rejects: []string{"2: 1 2", "3: 1 2 3"}},
		{name: "windows-1252", args: "--encoding windows-1252", table: "id,city\nID,Z\xfcrich \x80\n", patches: []string{`{"city":"Zürich €"}`}},
		{name: "shift_jis", args: "--encoding shift_jis", table: "id,city\nID,\x91\xe5\x8d\xe3\nID,\x91\n", patches: []string{`{"city":"大阪"}`}, rejects: []string{"3: 2"}},
		{name: "utf-16", args: "--encoding utf-16", table: utf16("\uFEFFid,city\r\n" + firstID + ",大阪\r\n"), patches: []string{`{"city":"大阪"}`}},
	} {
		t.Run(c.name, c.run)
	}
}

func utf16(text string) string {
	encoded, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return encoded
}

// TestImportRejects: a ragged row says both numbers, and a row can be sent again.
func TestImportRejects(t *testing.T) {
	rejects := filepath.Join(t.TempDir(), "rejects")
	status, _, _ := call("id,city,birthdate\n"+firstID+",Oslo\n"+firstID+",\"a\"\"b\",x\n", "import", "-r", rejects, "-")
	assert.Equal(t, exitInvalid, status)
	assert.Contains(t, read(rejects), "Give the row as many cells as the header has: 3, not 2.")
	assert.Contains(t, read(rejects), `"cells":["`+firstID+`","Oslo"]}`)
	assert.Contains(t, read(rejects), `"cells":["`+firstID+`","a\"b","x"]}`)
	_, _, stderr := call("id,city,birthdate\n"+firstID+",Oslo,x\n", "import", "-")
	assert.NotContains(t, stderr, "Oslo", "standard error ends in logs")
}

// TestImportMatch finds contacts by what a CRM knows of them.
func TestImportMatch(t *testing.T) {
	contacts := randomContacts(21, 4)
	text := func(s string) *string { return &s }
	for i, id := range []string{"crm-1", "crm-2", "crm-2"} {
		contacts[i].UniqueID, contacts[i].Email = &id, text(fmt.Sprint("A", i, "@example.org"))
	}
	contacts[3].UniqueID, contacts[3].Email = text(""), nil
	var lines []string
	for _, c := range contacts {
		lines = append(lines, string(c.AppendJSON(nil)))
	}
	file := write(t, "contacts", append(lines, "{}"))
	rejects := filepath.Join(t.TempDir(), "rejects")
	status, stdout, stderr := call("unique_id,city\ncrm-1,Oslo\ncrm-2,x\ncrm-3,x\n,x\n", "import", "--match", "unique_id", "--contacts", file, "-r", rejects, "-")
	assert.Equal(t, exitInvalid, status)
	assert.Equal(t, `{"id":"`+contacts[0].ID.String()+`","city":"Oslo"}`+"\n", stdout)
	assert.Equal(t, []string{"3: 1", "4: 1", "5: 1"}, refusedCells(t, read(rejects)))
	assert.Contains(t, stderr, `"rules":{"ambiguous":1,"not_found":2}`)
	assert.Contains(t, stderr, `"unreadable":1`)
	status, stdout, stderr = call("city,email\nOslo,a1@EXAMPLE.org\n", "import", "--match", "email", "--contacts", file, "-")
	assert.Equal(t, exitOK, status, stderr)
	assert.Equal(t, `{"id":"`+contacts[1].ID.String()+`","city":"Oslo"}`+"\n", stdout)
	for args, want := range map[string]string{
		"--match email": "go together", "--contacts x": "go together", "--match city --contacts x": "it takes one of: unique_id, email",
		"--match unique_id --contacts " + file: "no column holds unique_id",
	} {
		status, _, stderr := call("city,email\n", append([]string{"import", "-"}, strings.Fields(args)...)...)
		assert.Equal(t, exitTrouble, status)
		assert.Contains(t, stderr, want)
	}
	many := write(t, "many", []string{sampleLines(t, 3000, 0)})
	status, _, stderr = call("email\n", "import", "--match", "email", "--memory", "64KiB", "--contacts", many, "-")
	assert.Equal(t, exitTrouble, status)
	assert.Contains(t, stderr, "than --memory has room for")
}

// TestImportSuggest: the mapping that is suggested for the headers of known programs reads their rows.
func TestImportSuggest(t *testing.T) {
	for name, c := range map[string]struct{ table, patch, note string }{
		"HubSpot": {"Record ID,First Name,Last Name,Email,Phone Number,City,State/Region,Postal Code,Country/Region,Date of Birth,Last Activity Date,Unsubscribed from all email\n" +
			"101,Ana,Silva,ana@example.org,+1 312 555 0142,Chicago,IL,60618,US,1990-02-28,2024-06-05 14:03,No\n",
			`{"unique_id":"101","name_first":"Ana","name_last":"Silva","email":"ana@example.org","phone_mobile":"+1 312 555 0142","city":"Chicago","state":"IL","post_code":"60618","country":"US","birthdate":"1990-02-28","last_seen_at":"2024-06-05T14:03:00Z","email_unsubscribed":false}`,
			`"Last Activity Date": The cells have no zone; UTC is a guess`},
		"Salesforce": {"Contact ID,Salutation,First Name,Last Name,Suffix,Email,Home Phone,Mobile,Mailing Street,Mailing City,Mailing State/Province,Mailing Zip/Postal Code,Mailing Country,Birthdate,Email Opt Out,Last Activity\n" +
			"0035g00000,Dr.,Ana,Silva,Jr.,ana@example.org,1,2,3 St,Chicago,IL,60618,US,6/25/1990,0,2024-06-05T14:03:22.000+0000\n",
			`{"unique_id":"0035g00000","name_title":"Dr.","name_first":"Ana","name_last":"Silva","name_suffix":"Jr.","email":"ana@example.org","phone_home":"1","phone_mobile":"2","address":"3 St","city":"Chicago","state":"IL","post_code":"60618","country":"US","birthdate":"1990-06-25","email_unsubscribed":false,"last_seen_at":"2024-06-05T14:03:22Z"}`, ""},
		"Google": {"Name Prefix,First Name,Last Name,Name Suffix,Birthday,Labels,E-mail 1 - Value,Phone 1 - Value,Address 1 - Street,Address 1 - City,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country\n" +
			"Dr.,Ana,Silva,,1990-02-28,* myContacts ::: x,ana@example.org,1,3 St,Chicago,IL,60618,US\n",
			`{"name_title":"Dr.","name_first":"Ana","name_last":"Silva","birthdate":"1990-02-28","completed_objective_keys":["* myContacts ::: x"],"email":"ana@example.org","phone_mobile":"1","address":"3 St","city":"Chicago","state":"IL","post_code":"60618","country":"US"}`, ""},
		"Outlook": {"Title,First Name,Last Name,Suffix,E-mail Address,Home Phone,Mobile Phone,Business Phone,Home Street,Home City,Home State,Home Postal Code,Home Country/Region,Birthday\n" +
			"Dr.,Ana,Silva,,ana@example.org,1,2,3,4 St,Chicago,IL,60618,US,2/3/1990\n",
			`{"name_title":"Dr.","name_first":"Ana","name_last":"Silva","email":"ana@example.org","phone_home":"1","phone_mobile":"2","phone_work":"3","address":"4 St","city":"Chicago","state":"IL","post_code":"60618","country":"US","birthdate":"1990-02-03"}`,
			`"Birthday": %m/%d/%Y and %d/%m/%Y both fit`},
		"Mailchimp": {"Email Address,First Name,Last Name,Address,Phone Number,TIMEZONE,LEID,TAGS\n" +
			"ana@example.org,Ana,Silva,4 St,1,America/Chicago,77,\"a,b\"\n",
			`{"email":"ana@example.org","name_first":"Ana","name_last":"Silva","address":"4 St","phone_mobile":"1","timezone":"America/Chicago","unique_id":"77","completed_objective_keys":["a","b"]}`, ""},
		"Airtable": {"Name,First name,Last name,E-mail,Phone,Opted in,Notes\nx,Ana,Silva,ana@example.org,1,checked,y\n",
			`{"name_first":"Ana","name_last":"Silva","email":"ana@example.org","phone_mobile":"1"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, mapping, stderr := call(c.table, "import", "--suggest", "-")
			require.Equal(t, exitOK, status, stderr)
			assert.Contains(t, stderr, c.note)
			columns := filepath.Join(t.TempDir(), "columns.json")
			require.NoError(t, os.WriteFile(columns, []byte(mapping), 0o600))
			rows := strings.Split(c.table, "\n")
			status, stdout, stderr := call("id,"+rows[0]+"\n"+firstID+","+rows[1]+"\n", "import", "--map", columns, "-")
			require.Equal(t, exitOK, status, mapping+stderr)
			assert.Equal(t, `{"id":"`+firstID+`",`+c.patch[1:]+"\n", stdout, mapping)
		})
	}
	status, mapping, stderr := call("id,Born,Last seen,Texts\n"+firstID+",1/2/49,5 Jun 2024 3:04 PM,Y\n", "import", "--suggest", "-")
	require.Equal(t, exitOK, status)
	assert.Contains(t, mapping, `"Born": {"field": "birthdate", "format": "%m/%d/%y", "first_year": 1930}`)
	assert.Contains(t, mapping, `"Last seen": {"field": "last_seen_at", "format": "%d %b %Y %I:%M %p", "zone": "UTC"}`)
	assert.Contains(t, stderr, "1930 as the first of the hundred years is a guess")
}

// TestImportDryRun shows ten rows, and writes no file.
func TestImportDryRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	status, stdout, stderr := call("id,city\n"+strings.Repeat(firstID+",Oslo\n", 12), "import", "-n", "-o", out, "-")
	assert.Equal(t, exitOK, status, stderr)
	assert.Equal(t, strings.Repeat(`{"id":"`+firstID+`","city":"Oslo"}`+"\n", 10), stdout)
	assert.NoFileExists(t, out)
}

// TestExcel: a table for Excel has no cell that is a formula or loses a digit, and import reads the
// same texts back from it, as from a table without guards.
func TestExcel(t *testing.T) {
	c := randomContacts(17, 1)[0]
	for _, text := range []string{
		"=1+1", "+1 312 555 0142", "-a", "@x", "\tx", "\rx", "00123", "123456789012345678", `="00123"`, `="a"b"`, `=""`, `="`,
		"=" + strings.Repeat("x", 300), "'=" + strings.Repeat("y", 300), "''-" + strings.Repeat("z", 256), strings.Repeat("0", 256), "plain", `a "b"`, "'=1",
		"1E5", "1-2", "6/7 Main St",
	} {
		c.City, c.PostCode = &text, &text
		document := c.AppendJSON(nil)
		for _, excel := range []bool{false, true} {
			args := []string{"export", "--fields", "id,city,post_code", "-", "--excel=" + fmt.Sprint(excel)}
			status, table, stderr := call(string(document), args...)
			require.Equal(t, exitOK, status, stderr)
			assert.Equal(t, excel, strings.HasPrefix(table, "\uFEFF"))
			rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
			require.NoError(t, err)
			if excel && (strings.ContainsAny(text[:1], "=+-@\t\r") || slices.Contains([]string{"1E5", "1-2", "6/7 Main St"}, text)) {
				assert.Regexp(t, `(?s)^(="|')`, rows[1][1])
			}
			status, patch, stderr := call(table, "import", "-")
			require.Equal(t, exitOK, status, stderr)
			_, changed, err := contact.AppendMerge(nil, document, []byte(patch), time.Time{})
			require.NoError(t, err, patch)
			require.Zero(t, changed, "%q %q", text, table)
		}
	}
}

// TestExportOneColumn: a row of one empty cell is a row.
func TestExportOneColumn(t *testing.T) {
	c := randomContacts(18, 1)[0]
	var lines []string
	for _, city := range []*string{nil, c.NameFirst, nil} {
		c.City = city
		lines = append(lines, string(c.AppendJSON(nil)))
	}
	status, table, stderr := call(strings.Join(lines, "\n"), "export", "--fields", "city", "-")
	require.Equal(t, exitOK, status, stderr)
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"city"}, {""}, {*c.NameFirst}, {""}}, rows)
	assert.Equal(t, `{"contacts":3,"rows":3,"refused":0,"rules":{}}`+"\n", stderr)
}

// TestExportRejects: a line that is no contact is there to be corrected.
func TestExportRejects(t *testing.T) {
	rejects := filepath.Join(t.TempDir(), "rejects")
	status, _, stderr := call("{\"city\":1}\n{\n", "export", "-r", rejects, "-")
	assert.Equal(t, exitInvalid, status)
	assert.Contains(t, stderr, `{"contacts":2,"rows":0,"refused":2,`)
	assert.Contains(t, read(rejects), `,"document":{"city":1}}`)
	assert.Contains(t, read(rejects), `,"text":"{"}`)
}

// TestOffsets: %z takes the offsets that ISO 8601 and PostgreSQL write.
func TestOffsets(t *testing.T) {
	columns := write(t, "columns.json", []string{`{"Seen": {"field": "last_seen_at", "format": ["%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M:%S.%f%z"]}}`})
	for written, want := range map[string]string{
		"14:03:22+00": "14:03:22Z", "14:03:22+02": "14:03:22+02:00", "14:03:22+0530": "14:03:22+05:30", "14:03:22-03:30": "14:03:22-03:30",
		"14:03:22Z": "14:03:22Z", "14:03:22z": "14:03:22Z", "14:03:22.5+05:30": "14:03:22.5+05:30", "14:03:22.25+02": "14:03:22.25+02:00",
	} {
		status, stdout, stderr := call("id,Seen\n"+firstID+",2024-06-05 "+written+"\n", "import", "--map", columns, "-")
		assert.Equal(t, exitOK, status, stderr)
		assert.Contains(t, stdout, `"last_seen_at":"2024-06-05T`+want+`"`)
	}
}

// TestTellsEncoding: cells that are not UTF-8 under a header that is give a hint beside the rejects,
// and a byte order mark counts more than --encoding.
func TestTellsEncoding(t *testing.T) {
	table := "id,city\n" + firstID + ",K\xf8ln\n"
	status, _, stderr := call(table, "import", "-")
	assert.Equal(t, exitInvalid, status)
	assert.Contains(t, stderr, "-: the table is not all UTF-8; it seems to be windows-1252")
	for _, text := range []string{table, "\uFEFFid,city\n" + firstID + ",Køln\n"} {
		status, stdout, stderr := call(text, "import", "--encoding", "latin1", "-")
		assert.Equal(t, exitOK, status, stderr)
		assert.Contains(t, stdout, `"city":"Køln"`)
	}
	for _, line := range []string{`"sep=;"`, "SEP=;"} {
		status, stdout, stderr := call(line+"\nid;city\n"+firstID+";<b>\n", "import", "-")
		assert.Equal(t, exitOK, status, stderr)
		assert.Contains(t, stdout, `"city":"<b>"`)
	}
}

// TestSuggestionIsAMapping: a name that comes twice is there once, an id that is none of this API
// is the unique_id, and --output takes the file.
func TestSuggestionIsAMapping(t *testing.T) {
	out := filepath.Join(t.TempDir(), "columns.json")
	status, stdout, stderr := call("Id,Email,Email,,\n0035e0,a@example.org,,,\n", "import", "--suggest", "-o", out, "-")
	require.Equal(t, exitOK, status, stderr)
	assert.Empty(t, stdout)
	assert.Equal(t, "{\n  \"Id\": \"unique_id\",\n  \"Email\": \"email\",\n  \"\": null\n}\n", read(out))
	status, _, stderr = call(firstID+"\n", "import", "--map", out, "-")
	assert.Equal(t, exitTrouble, status)
	assert.NotContains(t, stderr, "columns.json")
}
