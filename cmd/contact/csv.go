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
	"iter"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/mergepatch"
)

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

// values yields the columns whose cells say something, with that as JSON.
func (im *importing) values(cells []string) iter.Seq2[*column, []byte] {
	return func(yield func(*column, []byte) bool) {
		for i, c := range im.columns {
			if c == nil {
				continue
			}
			if value := c.value(cells[i], im.empty); value != nil && !yield(c, value) {
				return
			}
		}
	}
}

// patch makes a row into a patch. What a cell cannot be read as is written as a value that the
// library refuses for the same reason, so that there is one judge of it.
func (im *importing) patch(cells []string) []byte {
	patch := []byte{'{'}
	for c, value := range im.values(cells) {
		if len(patch) > 1 {
			patch = append(patch, ',')
		}
		patch = fmt.Appendf(patch, `"%s":%s`, c.field, value)
	}
	return append(patch, '}')
}

// unread are the rules that a cell breaks which cannot be read as what its column holds.
var unread = []contact.Rule{contact.RuleType, contact.RuleDate, contact.RuleTimestamp}

// inCells returns the faults of each cell by itself: one whose text is wrong hides all others of a row.
func (im *importing) inCells(cells []string) (errs contact.Errors) {
	for c, value := range im.values(cells) {
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
		f, known := contact.FieldByName(name)
		at := slices.IndexFunc(im.columns, func(c *column) bool { return known && c != nil && c.field == f })
		if at >= 0 && one.Pointer == "/"+f.String() && slices.Contains(unread, one.Rule) {
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
		if err = overlong(line, maxLine); err == nil {
			c, err = contact.ParseStored(line)
		}
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
