package main

import (
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/partner-contacts/contact"
)

// aliases has the names that programs give to columns in their exports: a line for each field, with letters and
// digits alone. They are those of HubSpot, Salesforce, Google Contacts, Outlook, Mailchimp and Airtable. The id that
// such a program has is the unique_id here, and its "opted out" is unsubscribed.
//
//go:embed aliases.txt
var aliases string

// booleanPairs are cells that mean true and false.
var booleanPairs = [][2]string{{"yes", "no"}, {"y", "n"}, {"1", "0"}, {"t", "f"}, {"on", "off"}, {"x", ""}}

// dateFormats and timeFormats are tried on cells in this order.
var (
	dateFormats = []string{"%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%d-%b-%Y",
		"%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d-%b-%y"}
	timeFormats = []string{"", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H:%M:%S.%f", "%H:%M:%S%z", "%H:%M:%S.%f%z"}
)

// plainName returns the letters and digits of a name.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// fieldFor returns the field that a header is likely to mean, or "".
func fieldFor(header string) string {
	plain := plainName(header)
	for f := range contact.AllFields.All() {
		if plainName(f.String()) == plain {
			return f.String()
		}
	}
	for line := range strings.Lines(aliases) {
		if field, names, _ := strings.Cut(line, " "); slices.Contains(strings.Fields(names), plain) {
			return field
		}
	}
	if near := nearest(plain, namesOf(contact.AllFields)); len(plain) > 3 && len(near) == 1 {
		return near[0]
	}
	return ""
}

// suggestion returns a mapping for a table, and notes on the lines to check.
func suggestion(header []string, rows [][]string) (text string, notes []string) {
	taken, named := make(map[string]bool), make(map[string]bool)
	lead := "{"
	for i, name := range header {
		if name = strings.ReplaceAll(trim(name), "\r\n", "\n"); named[name] {
			continue // a mapping names it once
		}
		named[name] = true
		var cells []string
		for _, row := range rows {
			if i < len(row) && trim(row[i]) != "" {
				cells = append(cells, trim(unguard(row[i])))
			}
		}
		field := fieldFor(name)
		if field == contact.FieldID.String() && len(cells) > 0 && (contact.Options{}).CheckField(contact.FieldID, quote(cells[0])) != nil {
			field = contact.FieldUniqueID.String() // the id that another program has
		}
		value := "null"
		if field != "" && !taken[field] {
			taken[field] = true
			var note string
			if value, note = columnFor(field, cells); note != "" {
				notes = append(notes, fmt.Sprintf("%q: %s", name, note))
			}
		}
		quoted, _ := json.Marshal(name) // it cannot fail
		text += fmt.Sprintf("%s\n  %s: %s", lead, quoted, value)
		lead = ","
	}
	return text + "\n}", notes
}

// columnFor returns how a mapping says that a column with some cells holds a field, and a note.
func columnFor(name string, cells []string) (text, note string) {
	c := column{Field: name}
	_ = c.prepare() // it has the name of a field alone
	plain := string(quote(name))
	fits := func(c column) bool {
		return !slices.ContainsFunc(cells, func(cell string) bool {
			return contact.Options{}.CheckField(c.field, c.value(cell, emptyAbsent)) != nil
		})
	}
	if len(cells) == 0 || fits(c) {
		return plain, ""
	}
	switch kind := c.field.Kind(); kind {
	case contact.KindBoolean:
		for _, pair := range booleanPairs {
			like := func(word string) (same []string) {
				for _, cell := range cells {
					if strings.EqualFold(cell, word) && !slices.Contains(same, cell) {
						same = append(same, cell)
					}
				}
				if len(same) == 0 {
					same = []string{word}
				}
				return same
			}
			if c.True, c.False = like(pair[0]), like(pair[1]); fits(c) {
				yes, _ := json.Marshal(c.True) // they cannot fail
				no, _ := json.Marshal(c.False)
				return fmt.Sprintf(`{"field": %s, "true": %s, "false": %s}`, plain, yes, no), ""
			}
		}
	case contact.KindDate, contact.KindTimestamp:
		return timeColumn(c, plain, fits)
	case contact.KindIDs, contact.KindStrings:
		for _, commas := range []string{";", ",", "|"} {
			if c.Commas = commas; fits(c) && strings.Contains(strings.Join(cells, ""), commas) {
				return fmt.Sprintf(`{"field": %s, "commas": %q}`, plain, commas), ""
			}
		}
		return fmt.Sprintf(`{"field": %s, "commas": ";"}`, plain), ""
	}
	return plain, "the cells do not fit; say how to read them"
}

// timeColumn is columnFor for dates and timestamps.
func timeColumn(c column, plain string, fits func(column) bool) (text, note string) {
	var found []string
	for _, date := range dateFormats {
		for _, clock := range timeFormats {
			for _, between := range []string{" ", "T"} {
				format := strings.TrimSpace(date + between + clock)
				if clock == "" {
					format = date
				}
				c.Format, c.FirstYear = []string{format}, 0
				if formatsHave(c.Format).twoDigits {
					c.FirstYear = 1930
				}
				if (clock == "" || c.field.Kind() == contact.KindTimestamp) && !slices.Contains(found, format) && fits(c) {
					found = append(found, format)
				}
			}
		}
	}
	if len(found) == 0 {
		return plain, "no format fits the cells; give one"
	}
	has := formatsHave(found[:1])
	text = fmt.Sprintf(`{"field": %s, "format": %q`, plain, found[0])
	if len(found) > 1 {
		note = strings.Join(found, " and ") + " both fit the cells. "
	}
	if c.field.Kind() == contact.KindTimestamp && !has.zone {
		text += `, "zone": "UTC"`
		note += "The cells have no zone; UTC is a guess. "
	}
	if has.twoDigits {
		text += `, "first_year": 1930`
		note += "1930 as the first of the hundred years is a guess. "
	}
	return text + "}", strings.TrimSpace(note)
}

// suggestionRows is how many rows a suggestion looks at.
const suggestionRows = 1000

// writeSuggestion writes a mapping for the table.
func (im *importing) writeSuggestion(to io.Writer, rows *csv.Reader, header []string) error {
	var sample [][]string
	rows.ReuseRecord = false
	for len(sample) < suggestionRows {
		cells, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err == nil {
			sample = append(sample, cells)
		} else if !errors.As(err, new(*csv.ParseError)) {
			return err
		}
	}
	text, notes := suggestion(header, sample)
	im.env.write(to, []byte(text+"\n"))
	for _, note := range notes {
		im.env.write(im.env.stderr, []byte("contact import: "+note+"\n"))
	}
	return nil
}
