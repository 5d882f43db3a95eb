package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/itchyny/timefmt-go"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/ndjson"
)

// A column describes the cells under a header. In the file of --map it is the name of a field,
// a JSON Pointer to a member of meta_public, null for a column to leave out, or an object.
type column struct {
	Field     string   // its name, or /meta_public/… for a member
	Format    []string // of dates and timestamps, as strptime reads them
	Zone      string   // of timestamps whose format has none: Z, +02:00 or a name of tzdb
	FirstYear int      // of the hundred years that two digits may mean
	True      []string // cells that mean it
	False     []string
	Empty     *string // the meaning of an empty cell, in place of --empty
	Commas    string  // between the elements of an array, which else is JSON
	JSON      bool    // the cells under a member of meta_public are JSON, not text

	field contact.Field
	path  []string // of the member of meta_public
	loc   *time.Location
}

// members are those of a column's object, with the place of each and the words for its value.
var members = []struct {
	name, takes string
	place       func(*column) any
}{
	{"field", "a string", func(c *column) any { return &c.Field }},
	{"format", "a string or an array of strings", func(c *column) any { return (*texts)(&c.Format) }},
	{"zone", "a string", func(c *column) any { return &c.Zone }},
	{"first_year", "a number", func(c *column) any { return &c.FirstYear }},
	{"true", "a string or an array of strings", func(c *column) any { return (*texts)(&c.True) }},
	{"false", "a string or an array of strings", func(c *column) any { return (*texts)(&c.False) }},
	{"empty", "a string", func(c *column) any { return &c.Empty }},
	{"commas", "a string", func(c *column) any { return &c.Commas }},
	{"json", "true or false", func(c *column) any { return &c.JSON }},
}

// texts is one string or several.
type texts []string

func (t *texts) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*t = []string{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(t))
}

// others is the name of a mapping's entry for all columns that it does not name.
const others = "*"

// A mapping describes columns by their names.
type mapping map[string]*column

// readMapping reads the file of --map, as strictly as a contact. It returns the faults, too.
func readMapping(text []byte) (mapping, []string) {
	// The library's own judge of JSON, for which columns are unknown members or fields of the wrong type.
	var wrong []string
	for _, one := range ndjson.Faults(contact.Options{IgnoreUnknown: true, MaxErrors: -1}.CheckPatch(text)) {
		where := one.Pointer
		switch {
		case one.Rule == contact.RuleSyntax || one.Rule == contact.RuleDepth:
			before := text[:min(one.Meta.Offset, len(text))]
			start := bytes.LastIndexByte(before, '\n') + 1
			where = fmt.Sprintf("line %d, column %d", bytes.Count(before, []byte("\n"))+1, utf8.RuneCount(before[start:])+1)
		case one.Rule != contact.RuleDuplicate && where != "":
			continue
		}
		wrong = append(wrong, strings.TrimPrefix(where+": "+one.Detail, ": "))
	}
	var listed map[string]json.RawMessage
	if len(wrong) > 0 || json.Unmarshal(text, &listed) != nil {
		return nil, wrong
	}
	table := make(mapping)
	for name, value := range listed {
		c := new(column)
		if string(value) == "null" {
			c = nil
		} else if name == others {
			wrong = append(wrong, `"*": it can only be null`)
		} else if json.Unmarshal(value, &c.Field) != nil {
			wrong = append(wrong, c.readMembers(name, value)...)
		}
		table[strings.ReplaceAll(name, "\r\n", "\n")] = c
	}
	slices.Sort(wrong)
	return table, wrong
}

// readMembers reads the object of a column.
func (c *column) readMembers(name string, value []byte) (wrong []string) {
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil {
		return []string{fmt.Sprintf("%q: it takes the name of a field, null or an object", name)}
	}
	var names []string
	for _, m := range members {
		names = append(names, m.name)
		if text, ok := object[m.name]; ok && (string(text) == "null" || json.Unmarshal(text, m.place(c)) != nil) {
			wrong = append(wrong, fmt.Sprintf("%q: %s takes %s", name, m.name, m.takes))
		}
		delete(object, m.name)
	}
	for other := range object {
		wrong = append(wrong, fmt.Sprintf("%q: there is no member %q%s", name, other, didYouMean(other, names)))
	}
	return wrong
}

// The meanings of an empty cell.
const (
	emptyAbsent = "absent"
	emptyNull   = "null"
	emptyText   = "text"
)

var empties = choice{words: []string{emptyAbsent + "\tit leaves its field alone", emptyNull + "\tit clears its field", emptyText + "\tit is the text \"\""}, kind: "MEANING"}

// prepare works out the rest of a column, and returns its fault, or "".
func (c *column) prepare() string {
	name, isMember := strings.CutPrefix(c.Field, "/"+contact.FieldMetaPublic.String()+"/")
	if isMember {
		for token := range strings.SplitSeq(name, "/") { // RFC 6901 §4
			c.path = append(c.path, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
		}
		name = contact.FieldMetaPublic.String()
	}
	var known bool
	if c.field, known = contact.FieldByName(name); !known {
		return "there is no field " + cmp.Or(name, `""`) + didYouMean(name, namesOf(contact.AllFields))
	}
	c.True, c.False = trimAll(c.True), trimAll(c.False)
	c.loc = time.UTC
	kind := c.field.Kind()
	isTime, isList := kind == contact.KindTimestamp, kind == contact.KindIDs || kind == contact.KindStrings
	has := formatsHave(c.Format)
	zoned := c.Zone == ""
	if !zoned {
		c.loc, zoned = zoneOf(c.Zone)
	}
	for _, member := range []struct {
		set, fits bool
		fault     string
	}{
		{c.Empty != nil, c.Empty == nil || slices.Contains(empties.names(), *c.Empty), "empty is one of " + strings.Join(empties.names(), ", ")},
		{c.Format != nil, isTime || kind == contact.KindDate, "format is for dates and timestamps"},
		{c.Format != nil, has.date, "a format has to have a year, a month and a day, as %Y-%m-%d or %d/%m/%Y do (see man strptime)"},
		{c.Zone != "", isTime && c.Format != nil && !has.zone, "zone is for timestamps with a format that has none"},
		{isTime && c.Format != nil && !has.zone, c.Zone != "" && zoned, "a format of a timestamp without %z needs a zone: Z, an offset such as +02:00, or a name such as America/Chicago"},
		{has.twoDigits, c.FirstYear > 0, "two digits of a year need first_year, the first of the hundred years that they may mean, such as 1930"},
		{c.FirstYear != 0, has.twoDigits && c.FirstYear > 0 && c.FirstYear <= 9900, "first_year is for formats with %y, and a year"},
		{c.True != nil || c.False != nil, kind == contact.KindBoolean, "true and false are for booleans"},
		{c.True != nil || c.False != nil, len(c.True)+len(c.False) > 0, "true or false needs a text"},
		{slices.ContainsFunc(c.True, func(text string) bool { return slices.Contains(c.False, text) }), false,
			"true and false have a text in common"},
		{c.Commas != "", isList, "commas is for arrays"},
		{c.JSON, c.path != nil, "json is for members of meta_public"},
	} {
		if member.set && !member.fits {
			return member.fault
		}
	}
	return ""
}

// formatParts are the parts of a time that formats have.
type formatParts struct{ date, zone, twoDigits bool }

// formatsHave finds out by example which parts all of the formats have.
func formatsHave(formats []string) (has formatParts) {
	has = formatParts{date: len(formats) > 0, zone: len(formats) > 0}
	for _, format := range formats {
		example := func(year int) time.Time {
			return time.Date(year, 11, 23, 16, 45, 0, 0, time.FixedZone("XST", 5*60*60+30*60))
		}
		read := func(year int) time.Time {
			back, _ := timefmt.Parse(timefmt.Format(example(year), format), format)
			return back
		}
		late, early := read(2023), read(1823)
		twoDigits := late.Year() == 2023 && early.Year() == 2023
		has.date = has.date && late.Format(time.DateOnly) == "2023-11-23" && (twoDigits || early.Year() == 1823) &&
			!strings.Contains(format, "%Z") && !strings.Contains(format, "%+") // an abbreviation is not certain
		_, offset := late.Zone()
		has.zone = has.zone && (offset == 5*60*60+30*60 || late.Equal(example(2023)))
		has.twoDigits = has.twoDigits || twoDigits
	}
	return has
}

// zoneOf returns the zone of an offset or of a name.
func zoneOf(name string) (*time.Location, bool) {
	if t, err := time.Parse("Z07:00", name); err == nil {
		_, offset := t.Zone()
		return time.FixedZone("", offset), true
	}
	if (contact.Options{}).CheckField(contact.FieldTimezone, quote(name)) != nil {
		return nil, false
	}
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}

// spaces are those that spreadsheets leave around values.
const spaces = " \t\r\n\u00A0\u202F\uFEFF"

func trim(cell string) string { return strings.Trim(cell, spaces) }

func trimAll(texts []string) []string {
	for i := range texts {
		texts[i] = trim(texts[i])
	}
	return texts
}

// refusedValue is a string that no field takes whose cells are converted: no boolean, no date, no
// timestamp, no array and no object.
const refusedValue = `""`

// value returns the JSON value of a cell, or nil for none.
func (c *column) value(cell, empty string) []byte {
	kind := c.field.Kind()
	isText := kind == contact.KindString || kind == contact.KindConstant || c.path != nil && !c.JSON
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
	case c.Format != nil:
		return c.instant(trimmed)
	case c.Commas != "":
		list := []byte{'['}
		for part := range strings.SplitSeq(trimmed, c.Commas) {
			if part = trim(part); part == "" {
				return []byte(refusedValue)
			}
			list = append(append(list, quote(part)...), ',')
		}
		list[len(list)-1] = ']'
		return list
	case kind == contact.KindObject || kind == contact.KindIDs || kind == contact.KindStrings:
		var line bytes.Buffer // a patch is one, whatever the cell is
		if json.Compact(&line, []byte(trimmed)) != nil {
			if c.path != nil {
				return []byte("?") // any string would do
			}
			return []byte(refusedValue)
		}
		return line.Bytes()
	}
	return quote(trimmed)
}

// quote returns a JSON string. Bytes that are no UTF-8 are kept, for the library to refuse.
func quote(text string) []byte {
	quoted, err := jsontext.AppendQuote(nil, text)
	if err == nil {
		return quoted
	}
	quoted = []byte{'"'}
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if part, _ := jsontext.AppendQuote(nil, text[:size]); r == utf8.RuneError && size == 1 {
			quoted = append(quoted, text[0])
		} else {
			quoted = append(quoted, part[1:len(part)-1]...)
		}
		text = text[size:]
	}
	return append(quoted, '"')
}

// flags returns the cells that mean true and false.
func (c *column) flags() (yes, no []string) {
	if c.True == nil && c.False == nil {
		return []string{"true"}, []string{"false"}
	}
	return c.True, c.False
}

// advice returns the advice for an unreadable cell of the column, or "" if the library's
// own advice, which is for JSON, is as good.
func (c *column) advice() string {
	format := strings.Join(c.Format, " or ")
	switch kind := c.field.Kind(); {
	case kind == contact.KindBoolean:
		yes, no := c.flags()
		words := slices.Concat(yes, no)
		for i, word := range words {
			words[i] = cmp.Or(word, "nothing")
		}
		return "Write " + strings.Join(words, " or ") + "."
	case format != "" && kind == contact.KindDate:
		return "Write a day that exists as " + format + "."
	case format != "" && kind == contact.KindTimestamp:
		return "Write a time that exists as " + format + ", and once only where clocks are set back."
	case c.JSON:
		return "Write a value in JSON."
	case kind == contact.KindObject:
		return "Write a JSON object."
	case c.Commas != "":
		return "Write one or more texts, with " + c.Commas + " between them."
	case kind == contact.KindIDs || kind == contact.KindStrings:
		return "Write a JSON array of strings."
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

// instant reads a date or a timestamp by the first of the column's formats that fits.
func (c *column) instant(cell string) []byte {
	for _, format := range c.Format {
		if strings.HasSuffix(format, "%z") {
			cell = plainOffset.ReplaceAllString(cell, "$1$2")
			if before, isUTC := strings.CutSuffix(strings.ToUpper(cell), "Z"); isUTC {
				cell = cell[:len(before)] + "+0000"
			}
		}
		if t, err := parseTime(cell, format, c.loc); err == nil {
			if c.FirstYear > 0 {
				t = t.AddDate(c.FirstYear-t.Year()+((t.Year()-c.FirstYear)%100+100)%100, 0, 0)
			}
			if c.field.Kind() == contact.KindDate {
				return quote(t.Format(time.DateOnly))
			}
			return quote(t.Format(time.RFC3339Nano))
		}
	}
	return []byte(refusedValue)
}

var (
	plainOffset  = regexp.MustCompile(`([+-]\d\d):(\d\d)$`)
	errNoTime    = errors.New("there is no such time, or there are two")
	leadingZeros = regexp.MustCompile(`\b0+(\d)`)
)

// parseTime reads a time of a zone. A time that does not exist is refused, and so is one that comes
// twice because clocks are set back.
func parseTime(cell, format string, loc *time.Location) (time.Time, error) {
	t, err := timefmt.ParseInLocation(cell, format, loc)
	if err != nil {
		return t, err
	}
	// February 30 is read as March 2. How many digits a day or an hour has says nothing else.
	head, _, _ := strings.Cut(format, "%f")
	head, _, _ = strings.Cut(head, "%z")
	plain := func(text string) string { return strings.ToLower(leadingZeros.ReplaceAllString(text, "$1")) }
	if !strings.HasPrefix(plain(cell), plain(timefmt.Format(t, head))) {
		return t, errNoTime
	}
	// %Y is four digits; with fewer it is not certain which century is meant.
	if t.Year() < 1000 && !strings.Contains(cell, fmt.Sprintf("%04d", t.Year())) {
		return t, errNoTime
	}
	for _, near := range []time.Time{t.Add(-time.Hour), t.Add(time.Hour), t.Add(-30 * time.Minute), t.Add(30 * time.Minute)} {
		if near.Format(time.DateTime) == t.Format(time.DateTime) {
			return t, errNoTime
		}
	}
	return t, nil
}
