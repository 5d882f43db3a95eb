package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"
	"golang.org/x/text/transform"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/ndjson"
)

var importCommand = command{
	use:   "import TABLE",
	short: "Turn a CSV file into patches",
	setup: func(e *env, flags *pflag.FlagSet) func([]string) error {
		im := importing{env: e, memory: 256 << 20}
		flags.StringVarP(&im.mapFile, "map", "m", "", "a JSON `FILE` that says which column holds what")
		im.empty = emptyAbsent
		flags.Var(choice{to: &im.empty, words: empties.words, kind: empties.kind}, "empty", "the meaning of an empty cell: absent, null or text")
		commaFlag(flags, &im.comma, "")
		flags.Var(choice{to: &im.encoding, words: encodings, kind: "NAME", open: true}, "encoding", "the encoding of the table (default utf-8)")
		flags.Var(choice{to: &im.match, words: []string{"unique_id\tthe id in the system that the table is from", "email\tthe e-mail address"}, kind: "FIELD"},
			"match", "find the contact by unique_id or email in the file of --contacts")
		flags.StringVar(&im.contacts, "contacts", "", "a `FILE` with a contact on every line, for --match")
		memoryFlag(flags, &im.memory, "hold no more than about this of ids")
		flags.BoolVar(&im.suggest, "suggest", false, "write a mapping for the table, to look over")
		flags.BoolVarP(&im.dryRun, "dry-run", "n", false, "show the first ten rows as they would be sent, and write no file")
		to := targetFlags(flags)
		return func(files []string) error {
			if (im.match == "") != (im.contacts == "") {
				return misused("--match and --contacts go together")
			}
			if im.dryRun {
				*to = target{}
			}
			inputs := slices.DeleteFunc([]string{files[0], im.mapFile, im.contacts}, func(name string) bool { return name == "" })
			if err := e.distinct(to, "", inputs...); err != nil {
				return err
			}
			im.whole = to.rejects != ""
			return im.run(files[0], to)
		}
	},
}

// commaFlag defines the flag for the separator of cells.
func commaFlag(flags *pflag.FlagSet, to *string, value string) {
	*to = value
	flags.Var(comma{choice{to: to, words: []string{",", ";", "tab", "|"}, kind: "CHARACTER", open: true}}, "comma", "the character between cells; tab for a tabulator")
}

// A comma is the value of that flag.
type comma struct{ choice }

// Set takes one character that can be between cells.
func (c comma) Set(text string) error {
	if text == "tab" {
		text = "\t"
	}
	r, size := utf8.DecodeRuneInString(text)
	if size != len(text) || strings.ContainsRune("\r\n\"\uFFFD", r) {
		return errors.New("it takes one character, or tab")
	}
	return c.choice.Set(text)
}

// An importSummary is the last line of import.
type importSummary struct {
	Rows       int                  `json:"rows"`
	Patches    int                  `json:"patches"`
	Refused    int                  `json:"refused"` // rows
	Rules      map[contact.Rule]int `json:"rules"`
	Empty      int                  `json:"empty,omitempty"`      // rows without a value
	Repeated   int                  `json:"repeated,omitempty"`   // patches for a contact that has one already
	Unreadable int                  `json:"unreadable,omitempty"` // contacts of --contacts
	Comma      string               `json:"comma,omitempty"`      // as it was guessed
}

// An importing turns rows into patches.
type importing struct {
	importSummary
	env                                              *env
	mapFile, empty, comma, encoding, match, contacts string
	memory                                           int
	suggest, dryRun, whole                           bool
	table                                            mapping
	columns                                          []*column // nil: to be left out
	row                                              int       // of the file, the header being 1
	hint                                             string    // for a table that is not UTF-8
	seen                                             map[contact.ID]bool
	known                                            map[[2]uint64]contact.ID // by --match; the zero id: more than one
	seeds                                            [2]maphash.Seed
}

// idBytes is about how much memory an id in a map takes.
const idBytes = 64

func (im *importing) run(name string, to *target) error {
	if err := im.readMap(); err != nil {
		return err
	}
	if err := im.readContacts(); err != nil {
		return err
	}
	in, err := im.env.openAs(name, im.encoding)
	if err != nil {
		return err
	}
	defer in.Close()
	im.Rules, im.seen = make(map[contact.Rule]int), make(map[contact.ID]bool)
	text, rows, header, err := im.readTable(in)
	if err != nil {
		return fileError(name, err)
	}
	if im.suggest {
		result, err := im.env.outputs(to, in)
		if err != nil {
			return err
		}
		defer result.discard()
		if err := im.writeSuggestion(result.out, rows, header); err != nil {
			return fileError(name, err)
		}
		return result.commit()
	}
	if wrong := im.readHeader(header); len(wrong) > 0 {
		return fileError(name, errors.New(strings.Join(wrong, "\n")))
	}
	if im.dryRun {
		im.env.compact = false
	}
	result, err := im.env.outputs(to, in)
	if err != nil {
		return err
	}
	defer result.discard()
	bar := im.env.progress("import", in)
	defer bar.clear()
	if err := im.readRows(text, rows, result, bar); err != nil {
		return cmp.Or(in.unchanged(), fileError(name, err))
	}
	bar.clear()
	if err := result.commit(); err != nil {
		return err
	}
	if im.hint != "" {
		im.env.write(im.env.stderr, []byte(name+": "+im.hint+"\n"))
	}
	return im.env.summarize(im.importSummary, im.Refused)
}

func (im *importing) readMap() error {
	if im.mapFile == "" {
		return nil
	}
	text, err := os.ReadFile(im.mapFile)
	if err != nil {
		return fileError(im.mapFile, err)
	}
	table, wrong := readMapping(text)
	if len(wrong) > 0 {
		return fileError(im.mapFile, errors.New(strings.Join(wrong, "\n")))
	}
	im.table = table
	return nil
}

// key is the value by which a contact is found, made short; two hashes of 64 bits are as good as the
// value.
func (im *importing) key(value string) [2]uint64 {
	if im.match == contact.FieldEmail.String() {
		value = strings.ToLower(value)
	}
	return [2]uint64{maphash.String(im.seeds[0], value), maphash.String(im.seeds[1], value)}
}

// readContacts reads the contacts that --match looks for.
func (im *importing) readContacts() error {
	if im.match == "" {
		return nil
	}
	in, err := im.env.open(im.contacts)
	if err != nil {
		return err
	}
	defer in.Close()
	lines := ndjson.NewReader(in, ndjson.MaxLine)
	if err := lines.WrongMode(); err != nil {
		return fileError(im.contacts, err)
	}
	field, _ := contact.FieldByName(im.match)
	im.known, im.seeds = make(map[[2]uint64]contact.ID), [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	for {
		line, err := lines.Next()
		if err == io.EOF {
			return in.unchanged()
		}
		if err != nil {
			return err
		}
		if ndjson.Blank(line) {
			continue
		}
		c, err := contact.ParseStored(line)
		if err != nil {
			im.Unreadable++
			continue
		}
		value, ok := c.Get(field)
		if text, _ := value.(string); ok && text != "" {
			key := im.key(text)
			if _, twice := im.known[key]; twice {
				c.ID = contact.ID{}
			}
			im.known[key] = c.ID
		}
		if len(im.known)*idBytes > im.memory {
			return fmt.Errorf("%s has more contacts than --memory has room for", im.contacts)
		}
	}
}

// separators are those that are guessed, by the header alone.
const separators = ",;\t|"

// readTable reads the start of a table: a byte order mark, a line that names the separator, and the
// header.
func (im *importing) readTable(in io.Reader) (*rowReader, *csv.Reader, []string, error) {
	source := bufio.NewReaderSize(in, 64<<10)
	if mark, _ := source.Peek(3); string(mark) == "\uFEFF" {
		source.Discard(len(mark))
	}
	_, _ = source.Peek(1)
	head, _ := source.Peek(source.Buffered())
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		source = bufio.NewReaderSize(classicMac{source}, 64<<10)
		_, _ = source.Peek(1)
		head, _ = source.Peek(source.Buffered())
	}
	text := &rowReader{text: source, line: 1}
	first, _, _ := strings.Cut(string(head), "\n")
	first = strings.TrimSuffix(first, "\r")
	im.row = 1
	if line := strings.Trim(first, `"`); len(line) == 5 && strings.EqualFold(line[:4], "sep=") {
		source.ReadString('\n')
		im.comma, im.row = line[4:], 2
	}
	if im.comma == "" {
		im.Comma = ","
		var outside strings.Builder // of quotes
		for i, part := range strings.Split(first, `"`) {
			if i%2 == 0 {
				outside.WriteString(part)
			}
		}
		for _, r := range separators {
			if strings.Count(outside.String(), string(r)) > strings.Count(outside.String(), im.Comma) {
				im.Comma = string(r)
			}
		}
		im.comma = im.Comma
	}
	rows := csv.NewReader(text)
	rows.Comma, _ = utf8.DecodeRuneInString(im.comma)
	rows.ReuseRecord = true
	header, err := rows.Read()
	var malformed *csv.ParseError
	switch {
	case err == io.EOF:
		err = errors.New("there is no header")
	case err != nil && strings.ContainsAny(first[:min(1, len(first))], "{["):
		err = errors.New("it is JSON, not a table; merge --ndjson takes patches as they are")
	case errors.As(err, &malformed):
		err = fmt.Errorf("line %d, column %d: %s", malformed.Line, malformed.Column, closeQuotes)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	text.restore(rows, header)
	header = slices.Clone(header)
	for i := range header {
		header[i] = im.decoded(header[i])
	}
	if err := im.readable(strings.Join(header, "")); err != nil {
		return nil, nil, nil, err
	}
	line, _ := rows.FieldPos(0)
	im.row += line - text.line
	return text, rows, header, nil
}

// readable returns an error for a header that is no text in UTF-8, with the encoding that it may be.
func (im *importing) readable(header string) error {
	switch {
	case strings.ContainsRune(header, 0):
		return errors.New("the header has a zero byte in it: try --encoding utf-16le, or utf-16be")
	case utf8.ValidString(header):
		return nil
	}
	return errors.New("the header is not UTF-8; " + encodingHint(header))
}

// guesses are encodings, and the form of a text that each may have decoded. Letters with accents are few
// and apart in Western texts.
var guesses = []struct {
	name, who string
	form      *regexp.Regexp
}{
	{"windows-1252", "Western", regexp.MustCompile(`^([À-ÖØ-öø-ÿŒœŠšŽžŸ]{0,2}[\x00-\x7f]+)*[À-ÖØ-öø-ÿŒœŠšŽžŸ]{0,2}$`)},
	{"windows-1251", "Cyrillic", regexp.MustCompile(`^[\x00-\x7fЀ-ӿ№«»–—]+$`)},
	{"shift_jis", "Japanese", regexp.MustCompile(`^[\x00-\x7f\x{3000}-\x{30ff}一-鿿\x{ff00}-\x{ff60}]+$`)},
}

// encodingHint says in which encoding a text that is no UTF-8 seems to be.
func encodingHint(text string) string {
	for _, guess := range guesses {
		decoder, _ := decoderOf(guess.name)
		if decoded, _, err := transform.String(decoder, text); err == nil && guess.form.MatchString(decoded) {
			return "it seems to be " + guess.name + ", in which " + guess.who + " programs write: try --encoding " + guess.name
		}
	}
	return "name the encoding with --encoding, such as windows-1250, gb18030, big5 or euc-kr"
}

// decoded returns a cell with a byte that is no UTF-8, for the library to refuse, wherever the
// decoder found none of its characters.
func (im *importing) decoded(cell string) string {
	if im.encoding == "" {
		return cell
	}
	return strings.ReplaceAll(cell, string(utf8.RuneError), "\xff")
}

// classicMac reads lines that end in CR alone as lines that end in LF.
type classicMac struct{ io.Reader }

func (c classicMac) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	for i := range p[:n] {
		if p[i] == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

const closeQuotes = "Close the quotes around a cell, and write those inside of it twice."

// readRows turns the rows below the header into patches.
func (im *importing) readRows(text *rowReader, rows *csv.Reader, to *outcome, bar *progress) error {
	blank := func() int { // lines before the row, which are no records
		line, _ := rows.FieldPos(0)
		return line - text.line
	}
	for !im.dryRun || im.Rows < 10 {
		text.next()
		cells, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		im.row++
		var malformed *csv.ParseError
		if errors.Is(err, csv.ErrBareQuote) {
			again := csv.NewReader(bytes.NewReader(quoteGuards(text.row, rows.Comma)))
			again.Comma, again.FieldsPerRecord = rows.Comma, len(im.columns)
			if guarded, failed := again.Read(); failed == nil {
				// The lines of the row count as text.restore would have them.
				im.row += bytes.Count(text.row, []byte("\n")) - bytes.Count(bytes.TrimLeft(text.row, "\r\n"), []byte("\n"))
				if err := im.convert(guarded, to); err != nil {
					return err
				}
				im.Rows++
				continue
			}
		}
		ragged := errors.Is(err, csv.ErrFieldCount)
		switch {
		case err == nil || ragged:
			im.row += blank()
			text.restore(rows, cells)
			if im.hint == "" && im.encoding == "" && !utf8.Valid(text.row) {
				im.hint = "the table is not all UTF-8; " + encodingHint(string(text.row))
			}
			if !slices.ContainsFunc(cells, func(cell string) bool { return trim(cell) != "" }) {
				im.Empty++
				continue
			}
			im.Rows++
			if err = nil; ragged {
				err = im.refuseRow(to.rejects, im.row, "cells", fmt.Sprintf("Give the row as many cells as the header has: %d, not %d.", len(im.columns), len(cells)), cells, nil)
			} else {
				err = im.convert(cells, to)
			}
		case errors.As(err, &malformed):
			im.Rows++
			im.row += malformed.StartLine - text.line
			first := im.row
			if !errors.Is(err, csv.ErrBareQuote) { // the quotes before that one are closed
				im.row += malformed.Line - malformed.StartLine
			}
			err = im.refuseRow(to.rejects, first, "quotes", closeQuotes, nil, text.row)
		default:
			err = fmt.Errorf("row %d: %w", im.row, err)
		}
		if err != nil {
			return err
		}
		if im.Rows&0xff == 0 {
			bar.draw()
		}
	}
	return nil
}

// A rowReader reads a table line by line, and no more of it for one row than a contact's line may have: a
// quote that does not close would take all of a file into memory.
type rowReader struct {
	text *bufio.Reader
	line int    // the first line of row, from 1
	row  []byte // the bytes of the current row, blank lines before it included
}

// next begins another row.
func (r *rowReader) next() {
	r.line += bytes.Count(r.row, []byte("\n"))
	r.row = r.row[:0]
}

func (r *rowReader) Read(p []byte) (int, error) {
	if len(r.row) > ndjson.MaxLine {
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

// quoteGuards puts quotes around the cells ="…" of a row, in which package csv takes a quote for a
// fault.
func quoteGuards(row []byte, comma rune) (quoted []byte) {
	rest := strings.TrimRight(string(row), "\r\n")
	for {
		cell, after, more := strings.Cut(rest, string(comma))
		for strings.HasPrefix(cell, `"`) && strings.Count(cell, `"`)%2 == 1 && more {
			var part string
			part, after, more = strings.Cut(after, string(comma))
			cell += string(comma) + part
		}
		if inside, ok := strings.CutPrefix(cell, `="`); ok {
			for strings.Count(inside, `"`)%2 == 0 && more {
				var part string
				part, after, more = strings.Cut(after, string(comma))
				inside += string(comma) + part
			}
			if cell = `="` + inside; unguard(cell) != cell {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
		}
		quoted = append(quoted, cell...)
		if rest = after; !more {
			return quoted
		}
		quoted = append(quoted, string(comma)...)
	}
}

// readHeader finds the column of each header, and returns all faults.
func (im *importing) readHeader(header []string) (wrong []string) {
	seen := make(map[string]int) // the column of a field
	unused := maps.Clone(im.table)
	_, open := unused[others]
	delete(unused, others)
	strange := false
	for i, name := range header {
		trimmed := strings.ReplaceAll(trim(name), "\r\n", "\n")
		c, listed := im.table[trimmed]
		delete(unused, trimmed)
		complain := func(format string, args ...any) {
			wrong = append(wrong, fmt.Sprintf("column %d, %q: ", i+1, trimmed)+fmt.Sprintf(format, args...))
		}
		im.columns = append(im.columns, nil)
		if listed && c == nil {
			continue
		}
		if !listed {
			c = &column{Field: trimmed}
		}
		fault := ""
		if strings.ContainsRune(name, '\uFEFF') {
			complain("the name has a byte order mark (U+FEFF) in it")
			continue
		} else if fault = c.prepare(); fault != "" {
			if !listed && open {
				continue
			}
			strange = strange || !listed
			complain("%s", fault)
			continue
		}
		if before := seen[c.Field]; before > 0 && c.Commas == "" {
			complain("column %d holds the same field, %s", before, c.Field)
		}
		for other, at := range seen {
			if other != c.Field && (strings.HasPrefix("/"+other+"/", c.pointer()+"/") || strings.HasPrefix(c.pointer()+"/", "/"+strings.TrimPrefix(other, "/")+"/")) {
				complain("column %d holds %s, which has it inside", at, other)
			}
		}
		seen[c.Field], im.columns[i] = i+1, c
	}
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		wrong = append(wrong, fmt.Sprintf("--map has a column %q that the table has not%s", name, didYouMean(name, header)))
	}
	key := cmp.Or(im.match, contact.FieldID.String())
	switch {
	case seen[key] == 0:
		wrong = append(wrong, "no column holds "+key)
	case im.match != "" && seen[contact.FieldID.String()] > 0:
		wrong = append(wrong, "a column holds the id, which --match finds")
	}
	if strange {
		start, _ := suggestion(header, nil)
		wrong = append(wrong, "A mapping for --map to start from; --suggest writes it from the cells, too:\n"+start)
	}
	return wrong
}

// pointer is where the column's cells go.
func (c *column) pointer() string {
	if c.path != nil {
		return c.Field
	}
	return "/" + c.Field
}

// value returns the JSON value of a cell, or nil for none.
func (im *importing) value(i int, cells []string) []byte {
	if im.columns[i] == nil || im.match != "" && im.columns[i].Field == im.match {
		return nil
	}
	return im.columns[i].value(unguard(im.decoded(cells[i])), im.empty)
}

// A node is a value of a patch: members in their order, or JSON.
type node struct {
	names []string
	nodes map[string]*node
	json  []byte
}

func (n *node) member(name string) *node {
	if n.nodes == nil {
		n.nodes = make(map[string]*node)
	}
	if n.nodes[name] == nil {
		n.names, n.nodes[name] = append(n.names, name), new(node)
	}
	return n.nodes[name]
}

// put sets the value at a column's place. Of several for one array each adds its elements.
func (n *node) put(c *column, value []byte) {
	n = n.member(c.field.String())
	for _, name := range c.path {
		n = n.member(name)
	}
	isArray := func(v []byte) bool { return len(v) > 0 && v[0] == '[' }
	switch {
	case isArray(n.json) && isArray(value):
		n.json = append(append(n.json[:len(n.json)-1:len(n.json)-1], ','), value[1:]...)
	case n.json == nil || string(n.json) == "null", string(value) == refusedValue:
		n.json = value
	}
}

func (n *node) append(dst []byte) []byte {
	if n.json != nil {
		return append(dst, n.json...)
	}
	dst = append(dst, '{')
	for i, name := range n.names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = n.nodes[name].append(append(append(dst, quote(name)...), ':'))
	}
	return append(dst, '}')
}

// patch makes a row into a patch. A cell that cannot be read is written as a value that the library
// refuses for the same reason, so that there is one judge of it.
func (im *importing) patch(cells []string, id contact.ID) []byte {
	var patch node
	if im.match != "" {
		patch.member("id").json = quote(id.String())
	}
	for i, c := range im.columns {
		if value := im.value(i, cells); value != nil {
			patch.put(c, value)
		}
	}
	return patch.append(nil)
}

// find returns the contact that --match finds for a row, or why it finds none.
func (im *importing) find(cells []string) (contact.ID, contact.Errors) {
	if im.match == "" {
		return contact.ID{}, nil
	}
	at := slices.IndexFunc(im.columns, func(c *column) bool { return c != nil && c.Field == im.match })
	id, ok := im.known[im.key(trim(unguard(im.decoded(cells[at]))))]
	twice := ok && id == (contact.ID{})
	e := ndjson.ServiceError(http.StatusNotFound, "not_found", "Contact not found", "Write the "+im.match+" of a contact that is in the file of --contacts.", "not_found")
	if twice {
		e = ndjson.ServiceError(http.StatusConflict, "ambiguous", "Contact not certain", "More than one contact has this "+im.match+".", "ambiguous")
	} else if ok {
		return id, nil
	}
	e.Pointer = "/" + im.match
	return nobody, contact.Errors{e}
}

// convert writes the patch of a row, or its faults.
func (im *importing) convert(cells []string, to *outcome) error {
	id, errs := im.find(cells)
	patch := im.patch(cells, id)
	read, hasID := ndjson.ID(patch)
	errs = append(errs, ndjson.Faults(contact.CheckPatch(patch))...)
	if len(errs) > 0 || !hasID {
		return im.refuse(to.rejects, patch, cells, errs)
	}
	im.Patches++
	if im.seen[read] {
		im.Repeated++
	} else if len(im.seen)*idBytes < im.memory {
		im.seen[read] = true
	}
	if im.dryRun {
		patch = im.env.pretty(im.env.stdout, patch)
		patch = patch[:len(patch)-1]
	}
	_, err := to.out.Write(append(patch, '\n'))
	return err
}

// nobody is the id in a patch whose contact is not found, for the sake of its other faults.
var nobody = contact.ID{6: 0x40, 8: 0x80}

// unread are the rules that a cell breaks if it cannot be read as a value of its column.
var unread = []contact.Rule{contact.RuleType, contact.RuleDate, contact.RuleTimestamp}

// inCells returns the faults of each cell by itself: one whose text is wrong hides all others of a row.
func (im *importing) inCells(cells []string) (errs contact.Errors) {
	for i, c := range im.columns {
		value := im.value(i, cells)
		if value == nil {
			continue
		}
		var alone node
		alone.put(c, value)
		for _, e := range ndjson.Faults((contact.Options{}).CheckField(c.field, alone.nodes[c.field.String()].append(nil))) {
			e.Pointer = cmp.Or(e.Pointer, c.pointer())
			errs = append(errs, e)
		}
	}
	return errs
}

// columnOf returns the place of the column that an error is in, or -1.
func (im *importing) columnOf(e contact.Error) int {
	return slices.IndexFunc(im.columns, func(c *column) bool {
		return c != nil && (e.Pointer == c.pointer() || strings.HasPrefix(e.Pointer, c.pointer()+"/"))
	})
}

// refuse writes the faults of a row, column by column.
func (im *importing) refuse(to io.Writer, patch []byte, cells []string, errs contact.Errors) error {
	if len(errs) > 0 && errs[0].Pointer == "" {
		if each := im.inCells(cells); each != nil {
			errs = each
		}
	}
	if _, ok := ndjson.ID(patch); !ok && im.match == "" && !slices.ContainsFunc(errs, func(e contact.Error) bool { return e.Pointer == "/id" }) {
		errs = append(ndjson.IDMissing(), errs...)
	}
	slices.SortStableFunc(errs, func(a, b contact.Error) int { return cmp.Compare(im.columnOf(a), im.columnOf(b)) })
	record := fmt.Appendf(nil, `{"row":%d,`, im.row)
	if id, ok := ndjson.ID(patch); ok && id != nobody {
		record = fmt.Appendf(record, `"id":"%s",`, id)
	}
	record = append(record, `"errors":[`...)
	for i, one := range errs {
		im.Rules[one.Rule]++
		at := im.columnOf(one)
		if at >= 0 && one.Pointer == im.columns[at].pointer() && (slices.Contains(unread, one.Rule) || im.columns[at].JSON) {
			one.Detail = cmp.Or(im.columns[at].advice(), one.Detail)
		}
		text, _ := one.MarshalJSON() // it never fails
		if i > 0 {
			record = append(record, ',')
		}
		if at >= 0 {
			record = fmt.Appendf(record, `{"column":%d,%s`, at+1, text[1:])
		} else {
			record = append(record, text...)
		}
	}
	return im.reject(to, append(record, ']'), cells, nil)
}

// reject ends a record with the row, if it is to be whole.
func (im *importing) reject(to io.Writer, record []byte, cells []string, raw []byte) error {
	im.Refused++
	if text, _ := json.Marshal(cells); im.whole && cells != nil { // it cannot fail: they are strings
		record = append(append(record, `,"cells":`...), text...)
	} else if text, _ := json.Marshal(string(raw)); im.whole {
		record = append(append(record, `,"text":`...), text...)
	}
	_, err := to.Write(append(record, "}\n"...))
	return err
}

// refuseRow writes that rows of the file, up to the current one, are none of the table.
func (im *importing) refuseRow(to io.Writer, first int, rule contact.Rule, detail string, cells []string, raw []byte) error {
	im.Rules[rule]++
	text, _ := ndjson.ServiceError(http.StatusUnprocessableEntity, "malformed_row", "Malformed row", detail, rule).MarshalJSON() // it never fails
	record := fmt.Appendf(nil, `{"row":%d,`, first)
	if first != im.row {
		record = fmt.Appendf(record, `"last":%d,`, im.row)
	}
	return im.reject(to, fmt.Appendf(record, `"errors":[%s]`, text), cells, raw)
}
