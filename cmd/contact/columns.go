package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/partner-contacts/contact"
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

// spaces are what spreadsheets leave around values.
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
