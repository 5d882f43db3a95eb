package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/ndjson"
)

var exportCommand = command{
	use:   "export FILE",
	short: "Turn contacts, one on every line, into a CSV file",
	setup: func(e *env, flags *pflag.FlagSet) func([]string) error {
		ex := exporting{env: e, fields: contact.AllFields}
		flags.Func("fields", "the `NAMES` of the fields, with commas between them (default all)", func(text string) (err error) {
			ex.fields, err = fieldSet(text)
			return err
		})
		commaFlag(flags, &ex.comma, ",")
		flags.BoolVar(&ex.excel, "excel", false, "write for Excel: with a byte order mark, and guarded from formulas")
		to := targetFlags(flags)
		return func(files []string) error {
			if err := e.distinct(to, "", files...); err != nil {
				return err
			}
			return ex.run(files[0], to)
		}
	},
}

// fieldSet reads names with commas between them.
func fieldSet(text string) (set contact.FieldSet, err error) {
	if text == "*" {
		return contact.AllFields, nil
	}
	for name := range strings.SplitSeq(text, ",") {
		f, ok := contact.FieldByName(name)
		if !ok {
			return 0, errors.New("there is no field " + cmp.Or(name, `""`) + didYouMean(name, namesOf(contact.AllFields)))
		}
		set |= contact.FieldsOf(f)
	}
	return set, nil
}

// An exporting turns contacts into rows.
type exporting struct {
	exportSummary
	env    *env
	fields contact.FieldSet
	comma  string
	excel  bool
}

// An exportSummary is the last line of export.
type exportSummary struct {
	Contacts int                  `json:"contacts"`
	Rows     int                  `json:"rows"`
	Refused  int                  `json:"refused"`
	Rules    map[contact.Rule]int `json:"rules"`
}

func (ex *exporting) run(name string, to *target) error {
	in, err := ex.env.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	lines := ndjson.NewReader(in, ndjson.MaxLine)
	if err := lines.WrongMode(); err != nil {
		return fileError(name, err)
	}
	result, err := ex.env.outputs(to, in)
	if err != nil {
		return err
	}
	defer result.discard()
	ex.Rules = make(map[contact.Rule]int)
	bar := ex.env.progress("export", in)
	defer bar.clear()
	table := csv.NewWriter(result.out)
	table.Comma, _ = utf8.DecodeRuneInString(ex.comma)
	if ex.excel {
		result.out.WriteString("\uFEFF") // an error comes again
	}
	row := namesOf(ex.fields)
	if err := table.Write(row); err != nil {
		return err
	}
	for {
		line, err := lines.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return cmp.Or(in.unchanged(), err)
		}
		if ndjson.Blank(line) {
			continue
		}
		ex.Contacts++
		var c *contact.Contact
		if err = ndjson.Overlong(line, ndjson.MaxLine); err == nil {
			c, err = contact.ParseStored(line)
		}
		if err == nil {
			ex.Rows++
			err = ex.write(table, result.out, ex.cells(row[:0], c))
		} else {
			ex.Refused++
			for _, one := range ndjson.Faults(err) {
				ex.Rules[one.Rule]++
			}
			bar.clear()
			_, err = result.rejects.Write(ndjson.AppendRecord(nil, "line", lines.Number, line, ndjson.Faults(err), to.rejects != ""))
		}
		if err != nil {
			return err
		}
		if lines.Number&0xff == 0 {
			bar.draw()
		}
	}
	bar.clear()
	table.Flush()
	if err := table.Error(); err != nil {
		return err
	}
	if err := result.commit(); err != nil {
		return err
	}
	return ex.env.summarize(ex.exportSummary, ex.Refused)
}

// write writes a row. One of a single empty cell would be a blank line, which readers skip.
func (ex *exporting) write(table *csv.Writer, out io.Writer, row []string) error {
	if len(row) > 1 || row[0] != "" {
		return table.Write(row)
	}
	table.Flush()
	_, err := io.WriteString(out, "\"\"\n")
	return cmp.Or(table.Error(), err)
}

// cells appends the cells of a contact.
func (ex *exporting) cells(row []string, c *contact.Contact) []string {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(c.AppendJSON(nil), &members) // it cannot fail: the library wrote it
	for f := range ex.fields.All() {
		value := members[f.String()]
		if f == contact.FieldMetaPublic {
			value = []byte(mergeable(c).MetaPublic)
		}
		var cell string
		if len(value) > 0 && json.Unmarshal(value, &cell) != nil {
			cell = string(value)
		} else if kind := f.Kind(); kind == contact.KindString && (ex.excel && mangled.MatchString(cell) || unguard(cell) != cell) {
			cell = guard(cell)
		}
		row = append(row, cell)
	}
	return row
}

// mergeable returns a contact whose meta_public has no members that are null: a cell is merged, and
// they would remove those of the contact that the cell came from.
func mergeable(c *contact.Contact) *contact.Contact {
	if !strings.Contains(string(c.MetaPublic), "null") {
		return c
	}
	empty := *c
	empty.MetaPublic = "{}"
	patch, err := contact.PatchOf(c, contact.FieldsOf(contact.FieldMetaPublic))
	if err == nil {
		c, _, err = contact.Options{MaxMeta: -1, MaxDocument: -1}.Merge(&empty, patch, time.Time{})
	}
	if err != nil {
		panic(err) // the library read the contact, and takes its meta_public as a patch
	}
	return c
}

var (
	// mangled are texts that a spreadsheet takes for formulas, numbers or dates.
	mangled = regexp.MustCompile(`^[=+\-@\t\r]|^0\d|^\d{12,}$|^\d+[eE]\d+$|^\d{1,4}[-/]\d`)
	// apart is a long text with a guard.
	apart = regexp.MustCompile(`^'+[=+\-@\t\r0-9]`)
)

// longestFormula is the longest text that a formula of Excel may have in quotes.
const longestFormula = 255

// guard writes a text so that a spreadsheet takes it for one.
func guard(cell string) string {
	if len(cell) > longestFormula {
		return "'" + cell
	}
	return `="` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}

// unguard returns the text that guard has written, or any other cell as it is.
func unguard(cell string) string {
	inside, begins := strings.CutPrefix(cell, `="`)
	inside, ends := strings.CutSuffix(inside, `"`)
	switch {
	case begins && ends && !strings.Contains(strings.ReplaceAll(inside, `""`, ""), `"`):
		return strings.ReplaceAll(inside, `""`, `"`)
	case len(cell) > longestFormula+1 && apart.MatchString(cell):
		return cell[1:]
	}
	return cell
}
