package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/mergepatch"
)

// A column says what the cells under a header hold. In the file of --map it is the name of a field,
// null for a column to leave out, or an object.
type column struct {
	Field  string   `json:"field"`
	Format string   `json:"format"` // of dates and timestamps, in letters such as DD.MM.YYYY hh:mm
	Offset string   `json:"offset"` // of timestamps whose format has none: Z or +02:00
	True   []string `json:"true"`   // what cells say for it
	False  []string `json:"false"`
	Empty  *string  `json:"empty"`  // what an empty cell means, if not what --empty says
	Commas string   `json:"commas"` // between the elements of an array, which else is JSON

	field  contact.Field
	layout string // of Format
}

func (c *column) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &c.Field) == nil {
		return nil
	}
	type plain column // without this method
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	return decoder.Decode((*plain)(c))
}

// What an empty cell can mean.
const (
	emptyAbsent = "absent"
	emptyNull   = "null"
	emptyText   = "text"
)

var empties = []string{emptyAbsent, emptyNull, emptyText}

// letters are those of a column's format, and what package time has for them.
var letters = []struct{ format, layout string }{
	{"YYYY", "2006"}, {"MM", "01"}, {"M", "1"}, {"DD", "02"}, {"D", "2"}, {"hh", "15"}, {"mm", "04"}, {"ss", "05"},
}

// parseFormat returns the layout of a format. What else package time knows, and what it would take for a
// part of a time, is refused.
func parseFormat(format string) (layout string, ok bool) {
	seen := make(map[byte]bool)
	for rest := format; rest != ""; {
		i := slices.IndexFunc(letters, func(l struct{ format, layout string }) bool { return strings.HasPrefix(rest, l.format) })
		if i < 0 {
			r, size := utf8.DecodeRuneInString(rest)
			if r <= unicode.MaxASCII && r != 'T' && r != 'Z' && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_') {
				return "", false
			}
			layout, rest = layout+rest[:size], rest[size:]
			continue
		}
		part := letters[i]
		if seen[part.format[0]] {
			return "", false
		}
		seen[part.format[0]] = true
		layout, rest = layout+part.layout, rest[len(part.format):]
	}
	return layout, seen['Y'] && seen['M'] && seen['D']
}

var importCommand = command{
	name:  "import",
	args:  "FILE.csv",
	short: "turn a CSV file into patches",
	long: `
Print a patch for every row: what merge --ndjson takes. The first row holds the
names of fields, or names that the file of --map translates:

  {"Contact": "id", "Surname": "name_last", "Notes": null,
   "Born": {"field": "birthdate", "format": "DD/MM/YYYY"},
   "Texts": {"field": "sms_opted_in", "true": ["Y"], "false": ["N"]},
   "Seen": {"field": "last_seen_at", "format": "YYYY-MM-DD hh:mm", "offset": "Z"},
   "Tags": {"field": "completed_objective_keys", "commas": ";"}}

Nothing is guessed: booleans are true and false, or TRUE and FALSE, dates
YYYY-MM-DD, timestamps RFC 3339, arrays and objects JSON, unless the mapping
says otherwise. An empty cell leaves its field alone; --empty null clears it,
--empty text writes "", and "empty" in the mapping says it for one column.
Spaces around values that are not text are dropped, no-break ones too; text is
kept as it stands. meta_public is merged: a null in it removes a member.

A row with a fault gives no patch. Each fault is a line of the rejects, with the
row (the header is row 1) and the column, both from 1. A row with more or fewer
cells than the header, or with quotes that do not close, is refused whole; where
these took in what follows, "last" is the last row that is gone with it.`,
	least: 1,
	most:  1,
	setup: func(flags *flag.FlagSet) func(*env, []string) int {
		names := flags.String("map", "", "a JSON `FILE` that says which column holds what")
		empty := flags.String("empty", emptyAbsent, "what an empty cell means: `absent`, null or text")
		comma := flags.String("comma", ",", "the `CHARACTER` between cells; tab for a tabulator")
		output := flags.String("output", "", "write to `FILE`, compressed if it ends in .gz or .zst")
		rejects := flags.String("rejects", "", "write what is refused to `FILE`, likewise")
		return func(e *env, files []string) int {
			between, err := separator(*comma)
			switch fault := sameFile(*output, *rejects); {
			case err != nil:
				return e.misused("import", err.Error())
			case fault != "":
				return e.misused("import", fault)
			case !slices.Contains(empties, *empty):
				return e.misused("import", "--empty is one of "+strings.Join(empties, ", "))
			}
			table := make(map[string]*column)
			if *names != "" {
				var listed map[string]*column
				text, err := os.ReadFile(*names)
				if err == nil {
					err = json.Unmarshal(text, &listed)
				}
				if err != nil {
					return e.trouble("import", *names+": "+err.Error())
				}
				for name, c := range listed {
					table[strings.ReplaceAll(name, "\r\n", "\n")] = c
				}
			}
			im := importing{env: e, table: table, empty: *empty}
			if err := im.run(files[0], between, *output, *rejects); err != nil {
				return e.trouble("import", files[0]+": "+err.Error())
			}
			e.summarize(im.importSummary)
			if im.Refused > 0 {
				return exitInvalid
			}
			return exitOK
		}
	},
}

func separator(text string) (rune, error) {
	if text == "tab" {
		return '\t', nil
	}
	r, size := utf8.DecodeRuneInString(text)
	if size != len(text) || strings.ContainsRune("\r\n\"\uFFFD", r) {
		return 0, errors.New("--comma is one character")
	}
	return r, nil
}

// An importSummary is the last line of import.
type importSummary struct {
	Rows    int                  `json:"rows"`
	Patches int                  `json:"patches"`
	Refused int                  `json:"refused"` // rows
	Rules   map[contact.Rule]int `json:"rules"`
}

// An importing turns rows into patches.
type importing struct {
	importSummary
	env     *env
	table   map[string]*column
	empty   string
	columns []*column // nil: to be left out
	row     int       // of the file, the header being 1
}

func (im *importing) run(name string, comma rune, output, rejects string) (err error) {
	in, err := im.env.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	im.Rules = make(map[contact.Rule]int)
	out, err := create(output, im.env.stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	refused, err := create(rejects, im.env.stderr)
	if err != nil {
		return err
	}
	defer refused.discard()
	defer onSignal(func() { out.discard(); refused.discard() })()

	text := &rowReader{text: bufio.NewReader(in), line: 1}
	if mark, _ := text.text.Peek(3); string(mark) == "\uFEFF" {
		text.text.Discard(len(mark))
	}
	rows := csv.NewReader(text)
	rows.Comma, rows.ReuseRecord = comma, true
	header, err := rows.Read()
	if err == io.EOF {
		return errors.New("there is no header")
	}
	if err == nil {
		text.restore(rows, header)
		err = im.readHeader(header)
	}
	if err != nil {
		return err
	}
	bar := newProgress(im.env.stderr, "import", in)
	defer bar.clear()
	blank := func() int { // lines before the row, which are no records
		line, _ := rows.FieldPos(0)
		return line - text.line
	}
	im.row = 1 + blank()
	for {
		text.next()
		cells, err := rows.Read()
		if err == io.EOF {
			break
		}
		im.Rows++
		im.row++
		var malformed *csv.ParseError
		switch {
		case errors.Is(err, csv.ErrFieldCount):
			im.row += blank()
			err = im.refuseRow(refused, im.row, "cells", "Give the row as many cells as the header has.")
		case errors.As(err, &malformed):
			im.row += malformed.StartLine - text.line
			first := im.row
			if !errors.Is(err, csv.ErrBareQuote) { // the quotes before that one are closed
				im.row += malformed.Line - malformed.StartLine
			}
			err = im.refuseRow(refused, first, "quotes", "Close the quotes around a cell, and write those inside of it twice.")
		case err != nil:
			err = fmt.Errorf("row %d: %w", im.row, err)
		default:
			im.row += blank()
			text.restore(rows, cells)
			err = im.convert(cells, out, refused)
		}
		if err != nil {
			return err
		}
		if im.Rows&0xff == 0 {
			bar.draw()
		}
	}
	return errors.Join(out.commit(), refused.commit())
}

// A rowReader reads a table line by line, and no more of it for one row than a contact's line may have: a
// quote that does not close would take all of a file into memory.
type rowReader struct {
	text *bufio.Reader
	line int    // the first line of row, from 1
	row  []byte // what was read for the current row, blank lines before it included
}

// next begins another row.
func (r *rowReader) next() {
	r.line += bytes.Count(r.row, []byte("\n"))
	r.row = r.row[:0]
}

func (r *rowReader) Read(p []byte) (int, error) {
	if len(r.row) > maxLine {
		return 0, errors.New("it is longer than 16 MiB: the quotes around a cell may not close")
	}
	if _, err := r.text.Peek(1); err != nil {
		return 0, err
	}
	line, _ := r.text.Peek(min(r.text.Buffered(), len(p)))
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end+1] // and nothing of the next row
	}
	r.row = append(r.row, line...)
	r.text.Discard(copy(p, line))
	return len(line), nil
}

// restore puts CR LF back into cells: package csv makes LF of it, inside quotes too.
func (r *rowReader) restore(rows *csv.Reader, cells []string) {
	if !bytes.Contains(r.row, []byte("\r\n")) {
		return
	}
	for i, cell := range cells {
		if !strings.Contains(cell, "\n") {
			continue
		}
		line, column := rows.FieldPos(i)
		text := r.row
		for range line - r.line {
			_, text, _ = bytes.Cut(text, []byte("\n"))
		}
		var exact []byte
		for text = text[column:]; ; text = text[1:] { // after the first quote
			part, rest, _ := bytes.Cut(text, []byte(`"`))
			exact = append(exact, part...)
			if text = rest; !bytes.HasPrefix(text, []byte(`"`)) {
				break
			}
			exact = append(exact, '"')
		}
		cells[i] = string(exact)
	}
}

// convert writes the patch that a row makes, or what is wrong with it.
func (im *importing) convert(cells []string, out, refused io.Writer) error {
	patch := im.patch(cells)
	err := contact.CheckPatch(patch)
	if err != nil || !hasID(patch) {
		return im.refuse(refused, patch, cells, faults(err))
	}
	im.Patches++
	_, err = out.Write(append(patch, '\n'))
	return err
}

func hasID(patch []byte) bool {
	_, ok := idOf(patch)
	return ok
}

// readHeader finds out what the columns hold.
func (im *importing) readHeader(header []string) error {
	seen := make(map[string]int)
	unused := maps.Clone(im.table)
	for i, name := range header {
		trimmed := strings.ReplaceAll(trim(name), "\r\n", "\n")
		where := fmt.Sprintf("the name of column %d", i+1)
		c, listed := im.table[trimmed]
		delete(unused, trimmed)
		switch {
		case strings.ContainsRune(name, '\uFEFF'):
			return errors.New(where + " has a byte order mark (U+FEFF) in it")
		case strings.ContainsRune(name, 0):
			return errors.New(where + " has a zero byte in it: the file may be UTF-16")
		case listed && c == nil:
			im.columns = append(im.columns, nil)
			continue
		case !listed:
			c = &column{Field: trimmed}
		}
		field, ok := contact.FieldByName(c.Field)
		switch {
		case !ok:
			hint := ""
			if len(header) == 1 && strings.ContainsAny(name, ";\t") {
				hint = `; --comma says what stands between cells, such as --comma ";" or --comma tab`
			}
			return errors.New(where + " is not that of a field: --map says what it holds" + hint)
		case seen[c.Field] > 0:
			return fmt.Errorf("columns %d and %d hold the same field, %s", seen[c.Field], i+1, c.Field)
		case c.Empty != nil && !slices.Contains(empties, *c.Empty):
			return fmt.Errorf("%s: empty is one of %s", c.Field, strings.Join(empties, ", "))
		}
		seen[c.Field] = i + 1
		c.field = field
		c.True, c.False = trimAll(c.True), trimAll(c.False)
		if layout, ok := parseFormat(c.Format); ok {
			c.layout = layout
		}
		if fault := c.useless(); fault != "" {
			return errors.New(c.Field + ": " + fault)
		}
		im.columns = append(im.columns, c)
	}
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		return fmt.Errorf("--map has a column %q that the file has not", name)
	}
	if seen["id"] == 0 {
		return errors.New("no column holds the id")
	}
	return nil
}

// spaces are what spreadsheets leave around values.
const spaces = " \t\r\n\u00A0\u202F\uFEFF"

func trim(cell string) string { return strings.Trim(cell, spaces) }

func trimAll(texts []string) []string {
	for i := range texts {
		texts[i] = trim(texts[i])
	}
	return texts
}

// patch makes a row into a patch. What a cell cannot be read as is written as a value that the
// library refuses for the same reason, so that there is one judge of it.
func (im *importing) patch(cells []string) []byte {
	patch := []byte{'{'}
	for i, c := range im.columns {
		if c == nil {
			continue
		}
		value := c.value(cells[i], im.empty)
		if value == nil {
			continue
		}
		if len(patch) > 1 {
			patch = append(patch, ',')
		}
		patch = fmt.Appendf(patch, `"%s":%s`, c.field, value)
	}
	return append(patch, '}')
}

// refusedValue is a string that no field takes whose cells are converted: no boolean, no date, no
// timestamp, no array and no object.
const refusedValue = `""`

// value returns the JSON value of a cell, or nil for none.
func (c *column) value(cell, empty string) []byte {
	kind := c.field.Kind()
	isText := kind == contact.KindString || kind == contact.KindConstant
	trimmed := trim(cell)
	saysEmpty := slices.Contains(c.True, "") || slices.Contains(c.False, "")
	if trimmed == "" && !(isText && cell != "") && !saysEmpty {
		if c.Empty != nil {
			empty = *c.Empty
		}
		switch empty {
		case emptyAbsent:
			return nil
		case emptyNull:
			return []byte("null")
		}
	}
	switch {
	case isText:
		return quote(cell)
	case kind == contact.KindBoolean:
		return c.boolean(trimmed)
	case c.Format != "" && (kind == contact.KindDate || kind == contact.KindTimestamp):
		return c.instant(trimmed)
	case kind == contact.KindObject,
		c.Commas == "" && (kind == contact.KindIDs || kind == contact.KindStrings):
		var line bytes.Buffer // a patch is one, whatever the cell is
		if json.Compact(&line, []byte(trimmed)) != nil {
			return []byte(refusedValue)
		}
		return line.Bytes()
	case kind == contact.KindIDs || kind == contact.KindStrings:
		list := []byte{'['}
		for part := range strings.SplitSeq(trimmed, c.Commas) {
			if part = trim(part); part == "" {
				return []byte(refusedValue)
			}
			if len(list) > 1 {
				list = append(list, ',')
			}
			list = append(list, quote(part)...)
		}
		return append(list, ']')
	}
	return quote(trimmed)
}

// quote returns a JSON string. What is not UTF-8 is kept, for the library to refuse.
func quote(text string) []byte {
	quoted, _ := json.Marshal(text) // it cannot fail
	if utf8.ValidString(text) {
		return quoted
	}
	quoted = []byte{'"'}
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if part, _ := json.Marshal(text[:size]); r == utf8.RuneError && size == 1 {
			quoted = append(quoted, text[0])
		} else {
			quoted = append(quoted, part[1:len(part)-1]...)
		}
		text = text[size:]
	}
	return append(quoted, '"')
}

// flags returns what cells say for true and for false.
func (c *column) flags() (yes, no []string) {
	if c.True == nil && c.False == nil {
		return []string{"true"}, []string{"false"}
	}
	return c.True, c.False
}

// advice returns what to write in a cell of the column that cannot be read, or "" if the library's
// own advice, which is for JSON, is as good.
func (c *column) advice() string {
	switch kind := c.field.Kind(); {
	case kind == contact.KindBoolean:
		yes, no := c.flags()
		words := slices.Concat(yes, no)
		for i, word := range words {
			words[i] = cmp.Or(word, "nothing")
		}
		return "Write " + strings.Join(words, " or ") + "."
	case c.Format != "" && kind == contact.KindDate:
		return "Write a day that exists as " + c.Format + "."
	case c.Format != "" && kind == contact.KindTimestamp:
		return "Write a time that exists as " + c.Format + "."
	case kind == contact.KindObject:
		return "Write a JSON object."
	case c.Commas != "":
		return "Write one or more texts, with " + c.Commas + " between them."
	case kind == contact.KindIDs || kind == contact.KindStrings:
		return "Write a JSON array of strings."
	}
	return ""
}

func isOffset(text string) bool {
	_, err := contact.ParseTimestamp("2006-01-02T15:04:05" + text)
	return err == nil && !strings.HasPrefix(text, ".")
}

// useless returns the member of the mapping that the field has no use for, or what it lacks.
func (c *column) useless() string {
	kind := c.field.Kind()
	isTime := kind == contact.KindTimestamp
	for _, member := range []struct {
		set, fits bool
		fault     string
	}{
		{c.Format != "", isTime || kind == contact.KindDate, "format is for dates and timestamps"},
		{c.Format != "", c.layout != "", "the format has to have a year, a month and a day, each once, and no letters but " +
			"YYYY, MM or M, DD or D, hh, mm, ss, T and Z"},
		{c.Offset != "", isTime && c.Format != "", "offset is for timestamps with a format"},
		{isTime && c.Format != "", isOffset(c.Offset), "the format of a timestamp needs an offset, Z or such as +02:00"},
		{c.True != nil || c.False != nil, kind == contact.KindBoolean, "true and false are for booleans"},
		{c.True != nil || c.False != nil, len(c.True)+len(c.False) > 0, "true or false needs a text"},
		{slices.ContainsFunc(c.True, func(text string) bool { return slices.Contains(c.False, text) }), false,
			"true and false have a text in common"},
		{c.Commas != "", kind == contact.KindIDs || kind == contact.KindStrings, "commas is for arrays"},
	} {
		if member.set && !member.fits {
			return member.fault
		}
	}
	return ""
}

func (c *column) boolean(cell string) []byte {
	if c.True == nil && c.False == nil {
		cell = strings.ToLower(cell) // spreadsheets write TRUE
	}
	yes, no := c.flags()
	switch {
	case slices.Contains(yes, cell):
		return []byte("true")
	case slices.Contains(no, cell):
		return []byte("false")
	}
	return []byte(refusedValue)
}

var leadingZeros = regexp.MustCompile(`\b0+(\d)`)

// instant reads a date or a timestamp by the column's format.
func (c *column) instant(cell string) []byte {
	t, err := time.Parse(c.layout, cell)
	// It takes fractions that the layout has not; how many digits a day or an hour has says nothing else.
	if err != nil || leadingZeros.ReplaceAllString(t.Format(c.layout), "$1") != leadingZeros.ReplaceAllString(cell, "$1") {
		return []byte(refusedValue)
	}
	if c.field.Kind() == contact.KindDate {
		return quote(t.Format(time.DateOnly))
	}
	return quote(t.Format("2006-01-02T15:04:05") + c.Offset)
}

// unread are the rules that a cell breaks which cannot be read as what its column holds.
var unread = []contact.Rule{contact.RuleType, contact.RuleDate, contact.RuleTimestamp}

// inCells returns the faults of each cell by itself: one whose text is wrong hides all others of a row.
func (im *importing) inCells(cells []string) (errs contact.Errors) {
	for i, c := range im.columns {
		if c == nil {
			continue
		}
		value := c.value(cells[i], im.empty)
		if value == nil {
			continue
		}
		for _, e := range faults(contact.CheckField(c.field, value)) {
			e.Pointer = cmp.Or(e.Pointer, "/"+c.Field)
			errs = append(errs, e)
		}
	}
	return errs
}

// refuse writes what is wrong with a row.
func (im *importing) refuse(to io.Writer, patch []byte, cells []string, errs contact.Errors) error {
	im.Refused++
	if len(errs) > 0 && errs[0].Pointer == "" {
		if each := im.inCells(cells); each != nil {
			errs = each
		}
	}
	if !hasID(patch) && !slices.ContainsFunc(errs, func(e contact.Error) bool { return e.Pointer == "/id" }) {
		errs = append(idMissing(), errs...)
	}
	for _, one := range errs {
		im.Rules[one.Rule]++
		name, _, _ := strings.Cut(strings.TrimPrefix(one.Pointer, "/"), "/")
		at := slices.IndexFunc(im.columns, func(c *column) bool { return c != nil && c.Field == name })
		if at >= 0 && one.Pointer == "/"+name && slices.Contains(unread, one.Rule) {
			one.Detail = cmp.Or(im.columns[at].advice(), one.Detail)
		}
		text, _ := one.MarshalJSON() // it never fails
		record := fmt.Appendf(nil, `{"row":%d,`, im.row)
		if at >= 0 {
			record = fmt.Appendf(record, `"column":%d,`, at+1)
		}
		if id, ok := idOf(patch); ok {
			record = fmt.Appendf(record, `"id":"%s",`, id)
		}
		if _, err := to.Write(fmt.Appendf(record, "\"errors\":[%s]}\n", text)); err != nil {
			return err
		}
	}
	return nil
}

// refuseRow writes that rows of the file, up to the current one, are none of the table.
func (im *importing) refuseRow(to io.Writer, first int, rule contact.Rule, detail string) error {
	im.Refused++
	im.Rules[rule]++
	e := contact.NewServiceError(http.StatusUnprocessableEntity, "malformed_row", "Malformed row", detail)
	e.Rule = rule
	text, _ := e.MarshalJSON() // it never fails
	record := fmt.Appendf(nil, `{"row":%d,`, first)
	if first != im.row {
		record = fmt.Appendf(record, `"last":%d,`, im.row)
	}
	_, err := to.Write(fmt.Appendf(record, "\"errors\":[%s]}\n", text))
	return err
}

// idMissing is the library's error for a contact without an id.
func idMissing() contact.Errors {
	errs := faults(contact.Check([]byte("{}")))
	return slices.DeleteFunc(errs, func(e contact.Error) bool { return e.Pointer != "/id" })
}

var exportCommand = command{
	name:  "export",
	args:  "FILE",
	short: "turn contacts, one on every line, into a CSV file",
	long: `
Print a table of contacts: a header with the names of the fields, and a row for
each line of the file. What a contact has not got is an empty cell; arrays and
objects are JSON. contact import reads the table back: merged with the same
contacts, each with an id of its own, its patches change nothing. An empty string
becomes an empty cell, too, and a member of meta_public that is null is left out:
in a patch it removes one.

A spreadsheet takes a cell that begins with = for a formula; the cells are not
changed for it.`,
	least: 1,
	most:  1,
	setup: func(flags *flag.FlagSet) func(*env, []string) int {
		names := flags.String("fields", "", "the `NAMES` of the fields, with commas between them; all if left out")
		comma := flags.String("comma", ",", "the `CHARACTER` between cells; tab for a tabulator")
		output := flags.String("output", "", "write to `FILE`, compressed if it ends in .gz or .zst")
		return func(e *env, files []string) int {
			between, err := separator(*comma)
			if err != nil {
				return e.misused("export", err.Error())
			}
			fields := contact.AllFields
			if *names != "" {
				if fields, err = contact.ParseFieldSet(*names); err != nil {
					return e.misused("export", err.Error())
				}
			}
			invalid, err := e.export(files[0], fields, between, *output)
			switch {
			case err != nil:
				return e.trouble("export", files[0]+": "+err.Error())
			case invalid:
				return exitInvalid
			}
			return exitOK
		}
	},
}

// export writes the table. It reports whether there were lines that are no contacts.
func (e *env) export(name string, fields contact.FieldSet, comma rune, output string) (invalid bool, err error) {
	in, err := e.open(name)
	if err != nil {
		return false, err
	}
	defer in.Close()
	out, err := create(output, e.stdout)
	if err != nil {
		return false, err
	}
	defer out.discard()
	defer onSignal(out.discard)()
	table := csv.NewWriter(out)
	table.Comma = comma
	var row []string
	for f := range fields.All() {
		row = append(row, f.String())
	}
	if err := table.Write(row); err != nil {
		return false, err
	}
	bar := newProgress(e.stderr, "export", in)
	defer bar.clear()
	lines := newLineReader(in, maxLine)
	for {
		line, err := lines.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return invalid, err
		}
		if blank(line) {
			continue
		}
		var c *contact.Contact
		err = upTo(maxLine, func(line []byte) (err error) {
			c, err = contact.ParseStored(line)
			return err
		})(line)
		if err != nil {
			invalid = true
			bar.clear()
			e.write(e.stderr, appendRecord(nil, "line", lines.number, line, faults(err)))
			continue
		}
		if err := table.Write(appendCells(row[:0], c, fields)); err != nil {
			return invalid, err
		}
		if lines.number&0xff == 0 {
			bar.draw()
		}
	}
	table.Flush()
	return invalid, errors.Join(table.Error(), out.commit())
}

// mergeable returns an object without the members that are null, which would remove them from the contact
// that the cell came from: a cell is merged.
func mergeable(object []byte) []byte {
	var line bytes.Buffer
	_ = json.Compact(&line, object) // it cannot fail: the library wrote it
	return mergepatch.Diff(nil, "{}", line.String(), func([]string) {})
}

// appendCells appends the cells of a contact.
func appendCells(row []string, c *contact.Contact, fields contact.FieldSet) []string {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(c.AppendJSON(nil), &members) // it cannot fail: the library wrote it
	for f := range fields.All() {
		value := members[f.String()]
		if f == contact.FieldMetaPublic {
			value = mergeable(value)
		}
		var cell string
		if len(value) > 0 && json.Unmarshal(value, &cell) != nil {
			cell = string(value)
		}
		row = append(row, cell)
	}
	return row
}
